using Drover.Testing.Docker;

namespace Drover.EndToEnd.Delivery;

/// <summary>The Dockerfile, built and started on a real engine from the published file.</summary>
[Trait("tier", "heavy")]
public sealed class ImageTests
{
    [Fact]
    public async Task The_images_build_and_their_executable_runs_without_root_on_a_read_only_root()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var engine = await DockerEngine.StartAsync();
        var environment =
            new Dictionary<string, string> { ["DOCKER_HOST"] = engine.Address, ["DOCKER_BUILDKIT"] = "0" };

        var (made, madeOutput) = await Tool.RunAsync(
                environment, ["bash", "eng/base-image.sh"], cancellationToken);
        Assert.True(made == 0, madeOutput);

        foreach (var target in (string[])["server", "host-agent"])
        {
            var (built, buildOutput) = await Tool.RunAsync(
                environment,
                [
                    "docker",
                    "build",
                    "--network",
                    "host",
                    "-f",
                    "deploy/docker/Dockerfile",
                    "--target",
                    target,
                    "-t",
                    $"drover-{target}",
                    ".",
                ],
                cancellationToken);
            Assert.True(built == 0, buildOutput);

            var (ran, version) = await Tool.RunAsync(
                environment,
                [
                    "docker",
                    "run",
                    "--rm",
                    "--network",
                    "none",
                    "--read-only",
                    "--user",
                    "10001:10001",
                    $"drover-{target}",
                    "version",
                ],
                cancellationToken);
            Assert.True(ran == 0, version);
            Assert.Contains("drover", version, StringComparison.OrdinalIgnoreCase);
        }

        var (refused, sentence) = await Tool.RunAsync(
                environment,
                [
                    "docker", "run", "--rm", "--network", "none", "--read-only", "--tmpfs",
                    "/var/lib/drover:uid=10001,mode=0700", "drover-host-agent",
                ],
                cancellationToken);
        Assert.NotEqual(0, refused);
        Assert.Contains("token", sentence, StringComparison.OrdinalIgnoreCase);
    }
}
