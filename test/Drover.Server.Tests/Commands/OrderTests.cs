using System.Net;
using Drover.Testing.Server;
using Drover.Wire;
using Drover.Wire.Commands;
using Drover.Wire.Inventory;

namespace Drover.Server.Tests.Commands;

public sealed class OrderTests
{
    [Theory]
    [InlineData("websit")]
    [InlineData("webiste")]
    [InlineData("site")]
    public async Task An_unknown_app_code_is_told_with_the_nearest_names(string wanted)
    {
        await using var server = await ServerFixture.StartAsync();
        await server.JoinAsync("alpha", "website", "db");

        var problem = await server.OnSocket().TryOrderAsync(CommandTypes.Restart, wanted)
            .ProblemAsync(HttpStatusCode.NotFound, Problems.AppUnknown);

        Assert.Equal(["website"], problem.Candidates);
        Assert.Contains("did you mean \"website\"", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_ambiguous_app_code_lists_its_candidates_and_a_container_name_settles_it()
    {
        await using var server = await ServerFixture.StartAsync();
        var people = server.OnSocket();
        var agent = await server.EnrollAsync();
        await agent.SyncAsync(Containers.Running("web-1", "web"), Containers.Running("web-2", "web"));

        var problem = await people
            .TryOrderAsync(CommandTypes.Restart, "web")
            .ProblemAsync(HttpStatusCode.Conflict, Problems.AppAmbiguous);
        Assert.Equal(["web-1", "web-2"], problem.Candidates);

        using var settled = await people.TryOrderAsync(CommandTypes.Restart, "web", container: "web-2");
        Assert.Equal(HttpStatusCode.Accepted, settled.StatusCode);
    }

    [Theory]
    [InlineData("web-2", null, "web-2")]
    [InlineData("web", "web-2", "web-2")]
    [InlineData("web", null, "web-1")]
    public async Task The_host_is_told_the_full_id_of_the_container_that_is_meant(
        string app, string? container, string meant)
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.EnrollAsync();
        await agent.SyncAsync(
            Containers.Running("web-1", "web"), Containers.Running("web-2", "web") with { State = "exited" });

        using var ordered = await server.OnSocket().TryOrderAsync(CommandTypes.Stop, app, container: container);

        Assert.Equal(HttpStatusCode.Accepted, ordered.StatusCode);
        var parameters = (await agent.WaitAsync()).Item!.Parameters!.Value;
        Assert.Equal("web", parameters.GetProperty("app_code").GetString());
        Assert.Equal(Containers.IdOf(meant), parameters.GetProperty("container").GetString());
    }

    [Fact]
    public async Task A_container_that_the_app_does_not_have_is_told_with_those_it_has()
    {
        await using var server = await ServerFixture.StartAsync();
        await server.JoinAsync("alpha", "web", "db");

        var problem = await server.OnSocket()
            .TryOrderAsync(CommandTypes.Stop, "web", container: "db")
            .ProblemAsync(HttpStatusCode.NotFound, Problems.AppUnknown);

        Assert.Equal(["web"], problem.Candidates);
    }

    [Fact]
    public async Task A_secret_in_the_reason_of_an_order_is_stored_nowhere()
    {
        await using var server = await ServerFixture.StartAsync();
        var people = server.OnSocket();
        await server.JoinAsync("alpha", "web");

        using var ordered = await people.PostAsync(
            Routes.Commands,
            ServerFixture.JsonContent(
                """{"type":"restart","parameters":{"app_code":"web"},"reason":"new password=hunter2 came"}"""),
            TestContext.Current.CancellationToken);
        var command = await ServerFixture.ReadAsync(ordered, WireJson.Default.CommandDto);

        Assert.Equal("new password=*** came", command.Metadata!["reason"]);
        var audit = await people.GetStringAsync(Routes.Audit, TestContext.Current.CancellationToken);
        Assert.DoesNotContain("hunter2", audit, StringComparison.Ordinal);
        Assert.Contains("new password=*** came", audit, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_app_code_on_several_hosts_lists_them_and_a_host_settles_it()
    {
        await using var server = await ServerFixture.StartAsync();
        var people = server.OnSocket();
        await server.JoinAsync("alpha", "web");
        await server.JoinAsync("beta", "web");

        var problem = await people
            .TryOrderAsync(CommandTypes.Restart, "web")
            .ProblemAsync(HttpStatusCode.Conflict, Problems.HostAmbiguous);
        Assert.Equal(["alpha", "beta"], problem.Candidates);

        Assert.Equal("beta", (await people.OrderAsync(CommandTypes.Restart, "web", host: "beta")).HostName);
        await people
            .TryOrderAsync(CommandTypes.Restart, "web", host: "gamma")
            .ProblemAsync(HttpStatusCode.NotFound, Problems.NotFound);
    }

    [Theory]
    [InlineData("""{"type":"reboot"}""", "reboot")]
    [InlineData("""{"parameters":{"app_code":"web"}}""", "type")]
    [InlineData("""{"type":"restart"}""", "app_code")]
    [InlineData("""{"type":"restart","parameters":{"app_code":"all"}}""", "app_code")]
    [InlineData("""{"type":"logs","parameters":{"app_code":"web","limit":0}}""", "limit")]
    [InlineData("""{"type":"logs","parameters":{"app_code":"web","limit":1001}}""", "limit")]
    [InlineData("""{"type":"logs","parameters":{"app_code":"web","streams":["console"]}}""", "console")]
    [InlineData("""{"type":"logs","parameters":{"app_code":"web","redact":false}}""", "redact")]
    [InlineData("""{"type":"restart","parameters":{"app_code":"web"},"priority":"soon"}""", "soon")]
    [InlineData("""{"type":"restart","parameters":{"app_code":"web"},"timeout_seconds":0}""", "timeout_seconds")]
    [InlineData("""{"type":"restart","parameters":{"app_code":"web"},"request_id":"x"}""", "request_id")]
    [InlineData("""{"type":"restart","parameters":{"app_code":"web"},"prioritty":"high"}""", "prioritty")]
    [InlineData("""{"type":"restart","parameters":{"app":"web"}}""", "app")]
    [InlineData("""{"type":"restart","timeout_seconds":"soon"}""", "timeout_seconds")]
    [InlineData("{\"type\":\"restart\",\n oops}", "line 2")]
    [InlineData("", "empty")]
    [InlineData("null", "null")]
    [InlineData("[]", "valid")]
    public async Task A_body_that_cannot_be_understood_is_a_400_that_names_what_is_wrong(string body, string named)
    {
        await using var server = await ServerFixture.StartAsync();
        await server.JoinAsync("alpha", "web");

        var problem = await server.OnSocket()
            .PostAsync(Routes.Commands, ServerFixture.JsonContent(body), TestContext.Current.CancellationToken)
            .ProblemAsync(HttpStatusCode.BadRequest, Problems.InvalidRequest);

        Assert.Contains(named, problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_10_MB_body_from_a_person_is_a_413()
    {
        await using var server = await ServerFixture.StartAsync();

        await server.Admin()
            .PostAsync(
                Routes.Commands,
                ServerFixture.JsonContent(new string(' ', 10 * 1024 * 1024)),
                TestContext.Current.CancellationToken)
            .ProblemAsync(HttpStatusCode.RequestEntityTooLarge, Problems.TooLarge);
    }

    [Fact]
    public async Task A_viewer_cannot_stop_a_container_and_may_read_its_log()
    {
        await using var server = await ServerFixture.StartAsync();
        await server.JoinAsync("alpha", "web");
        var viewer = await server.WithRoleAsync("viewer");

        foreach (var type in new[] { CommandTypes.Stop, CommandTypes.Restart, CommandTypes.Start })
        {
            await viewer.TryOrderAsync(type, "web").ProblemAsync(HttpStatusCode.Forbidden, Problems.Forbidden);
        }

        using var logs = await viewer.TryOrderAsync(CommandTypes.Logs, "web");
        using var list = await viewer.TryOrderAsync(CommandTypes.List, null);
        using var health = await viewer.TryOrderAsync(CommandTypes.Health, "all");
        using var stop = await (await server.WithRoleAsync("operator")).TryOrderAsync(CommandTypes.Stop, "web");
        Assert.All([logs, list, health, stop], response => Assert.Equal(HttpStatusCode.Accepted, response.StatusCode));
    }

    [Fact]
    public async Task What_the_policy_of_the_host_forbids_is_refused_at_once()
    {
        await using var server = await ServerFixture.StartAsync();
        var people = server.OnSocket();
        var agent = await server.EnrollAsync();
        await SyncWithPolicyAsync(agent, new HostPolicyDto(false, ["restart", "stop", "logs"], ["db"]));

        await people
            .TryOrderAsync(CommandTypes.Stop, "db")
            .ProblemAsync(HttpStatusCode.Forbidden, Problems.PolicyDenied);
        await people
            .TryOrderAsync(CommandTypes.Start, "web")
            .ProblemAsync(HttpStatusCode.Forbidden, Problems.PolicyDenied);
        await people.OrderAsync(CommandTypes.Stop, "web");

        await SyncWithPolicyAsync(agent, new HostPolicyDto(true, [], []));
        await people
            .TryOrderAsync(CommandTypes.Stop, "web")
            .ProblemAsync(HttpStatusCode.Forbidden, Problems.PolicyDenied);
        await people.OrderAsync(CommandTypes.Logs, "web");
    }

    [Fact]
    public async Task The_same_request_id_gives_the_same_command_even_when_the_container_is_gone()
    {
        await using var server = await ServerFixture.StartAsync();
        var people = server.OnSocket();
        var agent = await server.JoinAsync("alpha", "web");
        var id = Guid.NewGuid().ToString();

        var ids = await Task.WhenAll(
            Enumerable.Range(0, 10)
                .Select(async _ => (await people.OrderAsync(CommandTypes.Restart, "web", requestId: id)).CommandId));
        Assert.Single(ids.Distinct());
        await agent.SyncAsync();
        Assert.Equal(ids[0], (await people.OrderAsync(CommandTypes.Restart, "web", requestId: id)).CommandId);
        await people
            .TryOrderAsync(CommandTypes.Stop, "web", requestId: id)
            .ProblemAsync(HttpStatusCode.Conflict, Problems.Conflict);
    }

    [Fact]
    public async Task A_request_id_that_comes_with_another_order_or_from_another_person_is_a_conflict()
    {
        await using var server = await ServerFixture.StartAsync();
        await server.JoinAsync("alpha", "web", "db");
        await server.JoinAsync("beta", "api");
        var people = server.OnSocket();
        var id = Guid.NewGuid().ToString();
        var first = await people.OrderAsync(CommandTypes.Restart, "web", host: "alpha", requestId: id);

        var again = await people.OrderAsync(CommandTypes.Restart, "web", "alpha", id.ToUpperInvariant());
        Assert.Equal(first.CommandId, again.CommandId);
        foreach (var other in new[]
        {
            people.TryOrderAsync(CommandTypes.Restart, "db", "alpha", id),
            people.TryOrderAsync(CommandTypes.Restart, "web", "beta", id),
            people.TryOrderAsync(CommandTypes.Restart, "web", "alpha", id, container: "web"),
            people.TryOrderAsync(CommandTypes.Restart, "web", "alpha", id, priority: "critical"),
            server.Admin().TryOrderAsync(CommandTypes.Restart, "web", "alpha", id),
        })
        {
            await other.ProblemAsync(HttpStatusCode.Conflict, Problems.Conflict);
        }
    }

    [Fact]
    public async Task The_history_is_filtered_and_paged_from_the_newest()
    {
        await using var server = await ServerFixture.StartAsync();
        var people = server.OnSocket();
        var agent = await server.JoinAsync("alpha", "web", "db");
        var first = await people.OrderAsync(CommandTypes.Restart, "web");
        await agent.ReportSuccessAsync((await agent.WaitAsync()).Item!);
        var second = await people.OrderAsync(CommandTypes.Restart, "db");
        var third = await people.OrderAsync(CommandTypes.Stop, "web");

        var page = await ListAsync(people, "limit=2");
        Assert.Equal([third.CommandId, second.CommandId], page.Items.Select(row => row.CommandId));
        page = await ListAsync(people, $"limit=2&after={page.Next}");
        Assert.Equal([first.CommandId], page.Items.Select(row => row.CommandId));
        Assert.Equal(
            [first.CommandId], (await ListAsync(people, "state=completed,failed")).Items.Select(row => row.CommandId));
        Assert.Equal(
            [second.CommandId],
            (await ListAsync(people, "app_code=db&host=alpha&type=restart")).Items.Select(row => row.CommandId));
    }

    private static Task<Wire.People.Page<CommandDto>> ListAsync(HttpClient people, string query) =>
        ServerFixture.GetAsync(people, $"{Routes.Commands}?{query}", WireJson.Default.PageCommandDto);

    private static async Task SyncWithPolicyAsync(ScriptedAgent agent, HostPolicyDto policy)
    {
        ContainerDto[] containers = [Containers.Running("web"), Containers.Running("db")];
        var facts = new HostFactsDto(null, null, null, null, null, null, null, null, policy);
        await agent.InventoryAsync(new InventoryRequest(
            agent.Run,
            ++agent.InventorySeq,
            true,
            null,
            Containers.HashOf(containers),
            facts,
            [.. containers.Select(Containers.Json)],
            []));
    }
}
