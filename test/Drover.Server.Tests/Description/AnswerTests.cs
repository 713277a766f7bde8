using System.Globalization;
using System.Text.Json;
using Drover.Server.Features.Access;
using Drover.Server.Tests.Audit;
using Drover.Testing.Documents;
using Drover.Testing.Server;
using Drover.Wire;
using Drover.Wire.Commands;
using Drover.Wire.Inventory;

namespace Drover.Server.Tests.Description;

/// <summary>What a running server answers is what docs/reference/openapi.json says that it answers.</summary>
public sealed class AnswerTests
{
    private static JsonElement Document { get; } =
        JsonElement.Parse(RepositoryFile.Read("docs/reference/openapi.json"));

    [Fact]
    public async Task Every_answer_of_every_route_fits_its_schema_and_every_list_was_seen_with_items()
    {
        await using var server = await ServerFixture.StartAsync(configure: options => options with { Tls = true });
        var agent = await server.JoinAsync("alpha", "web");
        foreach (var rule in AccessTable.Rules)
        {
            await CheckAsync(rule, server, agent, isSecond: false);
        }

        // By now there is something of everything; what is read again has items.
        await HappenAsync(server, agent);
        foreach (var rule in AccessTable.Rules.Where(rule => rule is { Method: "GET", Who: not Who.Agent }))
        {
            await CheckAsync(rule, server, agent, isSecond: true);
        }
    }

    [Fact]
    public async Task A_command_with_its_result_and_a_problem_fit_their_schemas()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.JoinAsync("alpha", "web");
        var failed = await HappenAsync(server, agent);

        using var command = await server.OnSocket().GetAsync(
            $"{Routes.Commands}/{failed.CommandId}", TestContext.Current.CancellationToken);
        using var problem = await server.OnSocket().GetAsync(
            $"{Routes.Hosts}/nobody", TestContext.Current.CancellationToken);

        var shown = await FitsAsync("GET", Routes.Commands + "/{id}", command);
        Assert.Equal("failed", shown!.Value.GetProperty("status").GetString());
        Assert.NotEqual(0, shown.Value.GetProperty("errors").GetArrayLength());
        await FitsAsync("GET", Routes.Hosts + "/{host}", problem);
    }

    [Theory]
    [InlineData("""{"host_id":"x"}""", "missing")]
    [InlineData("""{"items":[{"surprise":1}]}""", "not described")]
    [InlineData("""{"items":{}}""", "is not")]
    public void The_check_itself_sees_what_does_not_fit(string answer, string why) => Assert.Contains(
        new SchemaCheck(Document).Check(
            SchemaCheck.Resolve(Document, "#/components/schemas/HostPage"), JsonElement.Parse(answer)),
        failure => failure.Contains(why, StringComparison.Ordinal));

    private static async Task CheckAsync(AccessRule rule, ServerFixture server, ScriptedAgent agent, bool isSecond)
    {
        var (prepare, call) = EveryRouteTests.CallOf(rule, server, agent);
        using var response = await call(await prepare());
        if (rule.IsStream)
        {
            return;
        }

        Assert.True(response.IsSuccessStatusCode, $"{rule.Method} {rule.Route}: {(int)response.StatusCode}");
        var answer = await FitsAsync(rule.Method, rule.Route, response);
        if (isSecond && answer is { ValueKind: JsonValueKind.Object } page
            && page.TryGetProperty("items", out var items))
        {
            Assert.True(items.GetArrayLength() > 0, $"{rule.Route} listed nothing");
        }
    }

    /// <summary>A host with facts, a container with all that one can have, and a command that failed.</summary>
    private static async Task<CommandDto> HappenAsync(ServerFixture server, ScriptedAgent agent)
    {
        var container = Containers.Running("web", "web") with
        {
            ImageId = "sha256:0",
            Command = "web --port 80",
            Health = "healthy",
            RestartCount = 2,
            ExitCode = 1,
            Ports = new SortedDictionary<string, int?> { ["80/tcp"] = 8080, ["443/tcp"] = null },
            Networks = new SortedDictionary<string, string> { ["bridge"] = "172.17.0.2" },
            Volumes = ["/srv:/data:ro"],
            CreatedAt = "2026-01-31T12:00:00Z",
            StartedAt = "2026-01-31T12:00:01Z",
            FinishedAt = "2026-01-31T12:00:00Z",
        };
        var facts = new HostFactsDto(
            "192.0.2.7",
            "0.1.0",
            4,
            8_000_000_000,
            "Debian",
            "6.1",
            "x86_64",
            "28.0",
            new HostPolicyDto(false, CommandTypes.All, ["db"]));
        var hash = Containers.HashOf([container]);
        await agent.InventoryAsync(new InventoryRequest(
            agent.Run, ++agent.InventorySeq, true, null, hash, facts, [Containers.Json(container)], []));
        await server.OnSocket().OrderAsync(CommandTypes.Restart, "web");
        var error = new CommandErrorDto(
            CommandErrors.RestartFailed,
            "cannot restart \"web\": it is busy",
            new Dictionary<string, string> { ["exit_code"] = "1" });
        while ((await agent.WaitAsync()).Item is { } item)
        {
            using var report = await agent.TryReportAsync(agent.Failure(item, error));
            Assert.True(report.IsSuccessStatusCode);
        }

        return (await ServerFixture.GetAsync(server.OnSocket(), Routes.Commands, WireJson.Default.PageCommandDto))
            .Items.First(command => command.Status == CommandStates.Failed);
    }

    private static async Task<JsonElement?> FitsAsync(string method, string route, HttpResponseMessage response)
    {
        var responses = Document.GetProperty("paths").GetProperty(route)
            .GetProperty(method.ToLowerInvariant()).GetProperty("responses");
        var status = ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
        Assert.True(
            responses.TryGetProperty(status, out var described), $"{method} {route}: {status} is not described");
        var media = response.Content.Headers.ContentType?.MediaType;
        if (!SchemaCheck.Follow(Document, described).TryGetProperty("content", out var content))
        {
            Assert.True(media is null, $"{method} {route}: {media} is not described");
            return null;
        }

        Assert.True(content.TryGetProperty(media!, out var body), $"{method} {route}: {media} is not described");
        if (media!.StartsWith("text/", StringComparison.Ordinal))
        {
            return null;
        }

        var answer =
            JsonElement.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        var failures = new SchemaCheck(Document).Check(body.GetProperty("schema"), answer);
        Assert.True(failures.Count == 0, $"{method} {route}: {string.Join("; ", failures)}");
        return answer;
    }
}
