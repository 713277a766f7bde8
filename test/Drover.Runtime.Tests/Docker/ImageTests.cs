using System.Formats.Tar;
using System.Text;
using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Images;
using Drover.Testing.Docker;

namespace Drover.Runtime.Tests.Docker;

/// <summary>Images of a real engine.</summary>
public sealed class ImageTests(SharedDockerEngine shared)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_image_is_built_from_a_context_tagged_listed_and_removed()
    {
        var engine = await shared.GetAsync();
        var images = engine.Client.Images;
        var build = new BuildImage
        {
            Tags = ["drover-test/built:1"],
            Arguments = new Dictionary<string, string> { ["COLOUR"] = "blue" },
            Labels = new Dictionary<string, string> { ["made-by"] = "test" },
            NetworkMode = "none",
        };
        var context = Context(
            $"""
            FROM {DockerEngine.Image}
            ARG COLOUR
            COPY note /note
            RUN echo building $COLOUR > /colour
            CMD ["cat", "/note", "/colour"]
            """);

        var progress = await images.BuildAsync(context, build, Token).ToListAsync(Token);

        var id = progress.Last(message => message.Aux?.ImageId is not null).Aux!.ImageId!;
        Assert.Contains(progress, message => message.Text?.StartsWith("Step 1/6", StringComparison.Ordinal) is true);
        var inspect = await images.InspectAsync("drover-test/built:1", Token);
        Assert.Equal(id, inspect.Id);
        Assert.Equal("test", inspect.Config.Labels["made-by"]);
        Assert.Equal(["cat", "/note", "/colour"], inspect.Config.Cmd);

        await images.TagAsync(id, "registry.test:5000/team/built:2", Token);
        var listed = await images.ListAsync(all: false, DockerFilters.Where("label", "made-by=test"), Token);
        Assert.Equal(
            ["drover-test/built:1", "registry.test:5000/team/built:2"], Assert.Single(listed).RepoTags.Order());

        var untagged = await images.RemoveAsync("registry.test:5000/team/built:2", force: false, Token);
        Assert.Equal("registry.test:5000/team/built:2", Assert.Single(untagged).Untagged);
        Assert.Contains(
            await images.RemoveAsync("drover-test/built:1", force: false, Token), step => step.Deleted == id);
        var gone = await Assert.ThrowsAsync<DockerApiException>(() => images.InspectAsync(id, Token));
        Assert.True(gone.IsNotFound);
    }

    [Fact]
    public async Task A_step_that_fails_is_an_error_with_the_engines_words_though_the_answer_began_well()
    {
        var engine = await shared.GetAsync();
        var context = Context($"FROM {DockerEngine.Image}\nRUN exit 3\n");

        var failed = await Assert.ThrowsAsync<DockerApiException>(async () => await engine.Client.Images
            .BuildAsync(context, new BuildImage { Tags = ["broken:1"], NetworkMode = "none" }, Token)
            .ToListAsync(Token));

        Assert.Equal("build image \"broken:1\"", failed.Operation);
        Assert.Contains("returned a non-zero code: 3", failed.EngineMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pull_that_cannot_be_done_is_an_error_and_tells_no_password()
    {
        var engine = await shared.GetAsync();
        var credentials = RegistryCredentials.Password("alice", "hunter2", "127.0.0.1:1");

        var failed = await Assert.ThrowsAsync<DockerApiException>(async () => await engine.Client.Images
            .PullAsync("127.0.0.1:1/nothing", credentials, Token)
            .ToListAsync(Token));

        Assert.StartsWith("cannot pull image \"127.0.0.1:1/nothing\": ", failed.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", failed.ToString() + credentials, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pulls_progress_is_given_and_an_error_in_its_middle_ends_it()
    {
        await using var engine = await FakeDockerEngine.StartNewAsync();
        engine.Answer("/images/create", Encoding.UTF8.GetBytes(
            """{"status":"Downloading","progressDetail":{"current":5,"total":10},"id":"abc"}""" + "\r\n"
            + """{"errorDetail":{"code":404,"message":"manifest unknown"},"error":"manifest unknown"}""" + "\r\n"));
        using var client = engine.Connect();
        var seen = new List<ImageProgress>();

        var failed = await Assert.ThrowsAsync<DockerApiException>(async () =>
        {
            await foreach (var progress in client.Images.PullAsync("web:9", credentials: null, Token))
            {
                seen.Add(progress);
            }
        });

        Assert.True(Assert.Single(seen) is { Id: "abc", Status: "Downloading", Detail: { Current: 5, Total: 10 } });
        Assert.True(failed is { IsNotFound: true, EngineMessage: "manifest unknown" });
    }

    [Theory]
    [InlineData("web", "web", "latest")]
    [InlineData("web:1.2", "web", "1.2")]
    [InlineData("registry.test:5000/team/web", "registry.test:5000/team/web", "latest")]
    [InlineData("registry.test:5000/team/web:3", "registry.test:5000/team/web", "3")]
    [InlineData("web@sha256:abcd", "web@sha256:abcd", null)]
    public void A_reference_without_a_tag_means_latest_and_never_all_tags(string reference, string name, string? tag) =>
        Assert.Equal((name, tag), ImageReference.Split(reference));

    private static MemoryStream Context(string dockerfile)
    {
        var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, leaveOpen: true))
        {
            foreach (var (name, content) in (ReadOnlySpan<(string, string)>)[("Dockerfile", dockerfile),
                ("note", "hello\n")])
            {
                using var data = new MemoryStream(Encoding.UTF8.GetBytes(content));
                writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = data });
            }
        }

        tar.Position = 0;
        return tar;
    }
}
