using System.Net;
using System.Text.Json;
using Drover.Core.Trust;
using Drover.Server.Features.Access;
using Drover.Server.Tests.Legacy;
using Drover.Testing.Legacy;
using Drover.Testing.Server;
using Drover.Testing.Time;
using Drover.Wire;
using Drover.Wire.Agents;
using Drover.Wire.Commands;
using Drover.Wire.People;

namespace Drover.Server.Tests.Audit;

/// <summary>Every line of the access table is called so that it works; a new one without a call here fails.</summary>
public sealed class EveryRouteTests
{
    /// <summary>What a host tells of itself, and what it takes: no entry, see docs/decisions.</summary>
    private static readonly string[] Telemetry =
    [
        Routes.Heartbeat, Routes.Inventory, Routes.AgentEvents, Routes.CommandRenew, Routes.AppStatus,
        Routes.AgentStream,
    ];

    [Fact]
    public async Task Every_route_that_writes_leaves_exactly_one_entry_and_every_other_one_none()
    {
        await using var server = await ServerFixture.StartAsync(configure: options => options with { Tls = true });
        var agent = await server.JoinAsync("alpha", "web");
        foreach (var rule in AccessTable.Rules)
        {
            var (prepare, call) = CallOf(rule, server, agent);
            var prepared = await prepare();
            var before = (await server.AuditAsync()).Count;
            using var response = await call(prepared);
            Assert.True(
                response.IsSuccessStatusCode || rule.IsStream,
                $"{rule.Method} {rule.Route}: {(int)response.StatusCode}");

            var added = (await server.AuditAsync()).Skip(before).ToList();
            Assert.True(
                added.Count == (rule.Audits is null ? 0 : 1),
                $"{rule.Method} {rule.Route} left {string.Join(", ", added.Select(entry => entry.Action))}");
            Assert.All(added, entry => Assert.Equal((rule.Audits!.Name, "done"), (entry.Action, entry.Outcome)));
        }
    }

    [Fact]
    public async Task Every_refused_write_leaves_exactly_one_entry_and_every_refused_read_none()
    {
        var clock = new FakeClock();
        await using var server = await ServerFixture.StartAsync(clock);
        var viewer = await server.WithRoleAsync("viewer");
        foreach (var (name, client) in new[] { ("stranger", server.Stranger()), ("viewer", viewer) })
        {
            foreach (var rule in AccessTable.Rules.Where(rule => rule.Who is not (Who.Anybody or Who.Viewer)))
            {
                var before = (await server.SettledAuditAsync()).Count;
                using var request = new HttpRequestMessage(new HttpMethod(rule.Method), PathOf(rule.Route, "none"));
                using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
                Assert.Contains(response.StatusCode, new[] { HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden });

                // One more is the write that SettledAuditAsync itself made the time before.
                var added = (await server.SettledAuditAsync()).Skip(before + 1).ToList();
                Assert.True(
                    added.Count == (rule.Audits is null ? 0 : 1),
                    $"{rule.Method} {rule.Route} by {name}: {added.Count}");
                Assert.All(added, entry => Assert.Equal((rule.Audits!.Name, "denied"), (entry.Action, entry.Outcome)));

                // Of more in one minute than are recorded one by one there is a test of its own.
                clock.Advance(TimeSpan.FromMinutes(1));
            }
        }
    }

    [Fact]
    public void Every_route_that_is_not_read_names_its_action_or_is_telemetry_of_a_host() => Assert.Equal(
        Telemetry.Order(),
        AccessTable.Rules.Where(rule => rule.Method != "GET" && rule.Audits is null)
            .Select(rule => rule.Route).Order());

    [Fact]
    public void No_read_is_audited() =>
        Assert.DoesNotContain(AccessTable.Rules, rule => rule.Method == "GET" && rule.Audits is not null);

    internal static (Func<Task<string>> Prepare, Func<string, Task<HttpResponseMessage>> Call) CallOf(
        AccessRule rule, ServerFixture server, ScriptedAgent agent) => (rule.Method, rule.Route) switch
        {
            ("POST", Routes.Enroll) => (
                () => server.EnrollmentTokenAsync(), token => new ScriptedAgent(server, "beta").TryEnrollAsync(token)),
            ("POST", Routes.LegacyRegister) => (
                () => LegacyBench.TokenAsync(server),
                token => Send(server, rule, "", body: OldAgent.Registration("dep-hash-1"), bearer: token)),
            ("POST", Routes.LegacyMarketplaceRegister) => (
                () => LegacyBench.TokenAsync(server),
                token => Send(server, rule, "", body: $$"""{"purchase_token":"{{token}}"}""")),
            ("POST", Routes.HostLegacy) => (
                Nothing, _ => Send(server, rule, agent.HostId, body: """{"legacy":true}""")),
            ("POST", Routes.HostRevocation) => (
                async () => (await server.EnrollAsync("delta")).HostId, id => Send(server, rule, id)),
            ("POST", Routes.HostKeyRotation) => (
                async () => (await server.EnrollAsync("epsilon")).HostId, id => Send(server, rule, id)),
            ("POST", Routes.AgentKey) => (
                async () =>
                {
                    using var ordered = await server.OnSocket().PostAsync(
                        PathOf(Routes.HostKeyRotation, agent.HostId), null, TestContext.Current.CancellationToken);
                    return AgentKey.Create().Reveal();
                },
                key => PostAsync(agent, rule.Route, $$"""{"key":"{{key}}"}""")),
            ("POST", Routes.Heartbeat) => (Nothing, _ => agent.TryHeartbeatAsync()),
            ("POST", Routes.Inventory) => (Nothing, _ => PostAsync(agent, rule.Route, "[]")),
            ("POST", Routes.AgentEvents) => (
                Nothing,
                _ => agent.PostAsync(
                    rule.Route,
                    new AgentEventsRequest(1, 1, [AgentEvents.Of("container.died", "web")]),
                    WireJson.Default.AgentEventsRequest)),
            ("GET", Routes.CommandWait) => (
                Nothing,
                _ => agent.SendAsync(HttpMethod.Get, $"{PathOf(rule.Route, agent.DeploymentHash)}?timeout=1", null)),
            ("POST", Routes.CommandReport) => (
                async () =>
                {
                    await agent.SyncAsync(Containers.Running("web"));
                    await server.OnSocket().OrderAsync(CommandTypes.Restart, "web");
                    return JsonSerializer.Serialize((await agent.WaitAsync()).Item!, WireJson.Default.CommandDto);
                },
                item => agent.TryReportAsync(
                    agent.Success(JsonSerializer.Deserialize(item, WireJson.Default.CommandDto)!))),
            ("POST", Routes.CommandRenew) => (Nothing, _ => PostAsync(agent, rule.Route, """{"command_ids":[]}""")),
            ("POST", Routes.AppStatus) => (
                Nothing,
                _ => agent.PostAsync(
                    rule.Route,
                    new AppStatusRequest(agent.DeploymentHash, "web", "running", [], server.Time.GetUtcNow()),
                    WireJson.Default.AppStatusRequest)),
            ("POST", Routes.AgentStream) => (
                Nothing,
                _ => agent.UploadAsync("none", new ByteArrayContent([]), TestContext.Current.CancellationToken)),
            ("POST", Routes.Commands) => (
                () => SyncedAsync(agent), _ => server.OnSocket().TryOrderAsync(CommandTypes.Restart, "web")),
            ("POST", Routes.Commands + "/{id}/cancel") => (
                () => OrderedAsync(server, agent), id => Send(server, rule, id)),
            ("GET", Routes.Commands + "/{id}") => (() => OrderedAsync(server, agent), id => Send(server, rule, id)),
            ("DELETE", Routes.Hosts + "/{host}") => (
                async () => (await server.EnrollAsync("gamma")).HostId, id => Send(server, rule, id)),
            ("GET", Routes.Hosts + "/{host}") => (() => Task.FromResult(agent.HostId), id => Send(server, rule, id)),
            ("GET", Routes.LogStream) => (() => SyncedAsync(agent), _ => Send(server, rule, "", "?app=web")),
            ("POST", Routes.Tokens) => (
                Nothing, _ => Send(server, rule, "", body: """{"name":"ci","role":"viewer"}""")),
            ("POST", Routes.CertificateRotation) => (Nothing, _ => Send(server, rule, "", body: "{}")),
            ("POST", Routes.EnrollmentTokens) => (Nothing, _ => Send(server, rule, "", body: "{}")),
            ("DELETE", Routes.Tokens + "/{id}") => (
                async () => (await ServerFixture.PostAsync(
                    server.OnSocket(),
                    Routes.Tokens,
                    new CreateTokenRequest("ci", "viewer"),
                    WireJson.Default.CreateTokenRequest,
                    WireJson.Default.CreatedTokenDto)).TokenId,
                id => Send(server, rule, id)),
            ("DELETE", Routes.EnrollmentTokens + "/{id}") => (
                async () => (await server.Role.CreateEnrollmentTokenAsync(
                    null, TimeSpan.FromMinutes(15), "test", CancellationToken.None)).TokenId,
                id => Send(server, rule, id)),
            ("GET", _) when !rule.Route.Contains('{', StringComparison.Ordinal) => (
                Nothing, _ => Send(server, rule, "")),
            _ => throw new InvalidOperationException($"{rule.Method} {rule.Route} has no call in this test: add one"),
        };

    private static Task<string> Nothing() => Task.FromResult(string.Empty);

    private static async Task<string> SyncedAsync(ScriptedAgent agent)
    {
        await agent.SyncAsync(Containers.Running("web"));
        return string.Empty;
    }

    private static async Task<string> OrderedAsync(ServerFixture server, ScriptedAgent agent)
    {
        await SyncedAsync(agent);
        return (await server.OnSocket().OrderAsync(CommandTypes.Restart, "web")).CommandId;
    }

    private static Task<HttpResponseMessage> PostAsync(ScriptedAgent agent, string path, string json) =>
        agent.SendAsync(HttpMethod.Post, path, System.Text.Encoding.UTF8.GetBytes(json));

    private static Task<HttpResponseMessage> Send(
        ServerFixture server,
        AccessRule rule,
        string id,
        string query = "",
        string? body = null,
        string? bearer = null)
    {
        var request = new HttpRequestMessage(new HttpMethod(rule.Method), PathOf(rule.Route, id) + query)
        {
            Content = body is null ? null : ServerFixture.JsonContent(body),
        };
        if (bearer is not null)
        {
            request.Headers.Authorization = new System.Net.Http.Headers.AuthenticationHeaderValue("Bearer", bearer);
        }

        return server.OnSocket().SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    private static string PathOf(string route, string value) => route
        .Replace("{host}", value, StringComparison.Ordinal)
        .Replace("{id}", value, StringComparison.Ordinal)
        .Replace("{hash}", value, StringComparison.Ordinal);
}
