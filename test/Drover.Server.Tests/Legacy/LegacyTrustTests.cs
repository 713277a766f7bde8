using System.Globalization;
using System.Net;
using Drover.Testing.Docker;
using Drover.Testing.Legacy;
using Drover.Testing.Server;
using Drover.Testing.Time;
using Drover.Wire;
using Drover.Wire.Commands;
using Drover.Wire.People;

namespace Drover.Server.Tests.Legacy;

/// <summary>Who may speak the older protocol, and what it can and cannot be held to.</summary>
public sealed class LegacyTrustTests
{
    private const string Unauthorized = "urn:drover:problem:unauthorized";

    [Fact]
    public async Task A_host_that_was_not_opted_in_gets_the_one_401_of_every_bad_request()
    {
        await using var server = await ServerFixture.StartAsync();
        var ours = await server.JoinAsync("alpha", "web");
        using var older = new OldAgent(server.Role.Address, ours.HostId, ours.Key.Reveal(), ours.DeploymentHash);
        using var unknown = new OldAgent(
            server.Role.Address, Guid.NewGuid().ToString(), ours.Key.Reveal(), ours.DeploymentHash);
        using var wrong = new OldAgent(server.Role.Address, ours.HostId, new string('x', 43), ours.DeploymentHash);

        var answers = new[]
        {
            await older.WaitAsync(), await unknown.WaitAsync(), await wrong.WaitAsync(),
            await older.ReportAsync("{}"), await older.AppStatusAsync("{}"),
        };

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Unauthorized, answer.Status));
        Assert.Single(answers.Select(answer => answer.Body).Distinct());
        Assert.Contains(Unauthorized, answers[0].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_part_of_an_opted_in_hosts_request_gets_the_same_401()
    {
        await using var bench = await LegacyBench.StartAsync();
        var agent = bench.Agent;
        var target = $"/api/v1/agent/commands/wait/{agent.DeploymentHash}?timeout=1";
        HttpRequestMessage Bent(string header, string? value)
        {
            var request = agent.Request(HttpMethod.Get, target, null);
            request.Headers.Remove(header);
            if (value is not null)
            {
                request.Headers.TryAddWithoutValidation(header, value);
            }

            return request;
        }

        var changed = agent.Request(HttpMethod.Post, "/api/v1/agent/commands/report", "{}");
        changed.Content = new ByteArrayContent("{ }"u8.ToArray());
        OldAnswer[] answers =
        [
            await agent.SendAsync(Bent("Authorization", null)),
            await agent.SendAsync(Bent("Authorization", "Bearer " + new string('x', 43))),
            await agent.SendAsync(Bent("X-Agent-Signature", OldAgent.Signature("another key", []))),
            await agent.SendAsync(Bent("X-Agent-Signature", "????")),
            await agent.SendAsync(Bent("X-Agent-Signature", null)),
            await agent.SendAsync(Bent("X-Agent-Id", "not-a-uuid")),
            await agent.SendAsync(Bent("X-Request-Id", null)),
            await agent.SendAsync(Bent("X-Timestamp", "now")),
            await agent.SendAsync(Bent("X-Timestamp", Stamp(-301))),
            await agent.SendAsync(Bent("X-Timestamp", Stamp(302))),
            await agent.SendAsync(changed),
        ];

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Unauthorized, answer.Status));
        Assert.Single(answers.Select(answer => answer.Body).Distinct());
        Assert.Equal(HttpStatusCode.OK, (await agent.WaitAsync()).Status);
    }

    [Fact]
    public async Task A_captured_request_sent_again_as_it_was_is_refused()
    {
        await using var bench = await LegacyBench.StartAsync();
        var target = $"/api/v1/agent/commands/wait/{bench.Agent.DeploymentHash}?timeout=1";
        var id = Guid.NewGuid().ToString();

        Assert.Equal(
            HttpStatusCode.OK,
            (await bench.Agent.SendAsync(bench.Agent.Request(HttpMethod.Get, target, null, id))).Status);
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await bench.Agent.SendAsync(bench.Agent.Request(HttpMethod.Get, target, null, id))).Status);
    }

    [Fact]
    public async Task A_body_signed_for_one_route_passes_on_another_which_is_why_the_mode_is_opt_in_and_shown()
    {
        await using var bench = await LegacyBench.StartAsync();
        var elsewhere = bench.Agent.Request(HttpMethod.Post, "/api/v1/apps/status", "{}");
        Assert.Equal(HttpStatusCode.BadRequest, (await bench.Agent.SendAsync(elsewhere)).Status);

        var host = await bench.Server.OnSocket().HostAsync("old-box");
        Assert.True(host.Legacy);
    }

    [Theory]
    [InlineData("POST", Routes.Heartbeat)]
    [InlineData("POST", Routes.Inventory)]
    [InlineData("POST", Routes.AgentEvents)]
    [InlineData("POST", Routes.CommandRenew)]
    [InlineData("POST", "/api/agent/streams/00000000000000000000000000000000")]
    public async Task The_older_signature_opens_nothing_but_the_older_routes(string method, string route)
    {
        await using var bench = await LegacyBench.StartAsync();
        var answer = await bench.Agent.SendAsync(bench.Agent.Request(new HttpMethod(method), route, "{}"));
        Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
    }

    [Fact]
    public async Task Switched_on_and_off_by_an_admin_it_holds_at_once_and_over_a_restart()
    {
        await using var server = await ServerFixture.StartAsync();
        var ours = await server.JoinAsync("alpha", "web");
        using (var older = new OldAgent(server.Role.Address, ours.HostId, ours.Key.Reveal(), ours.DeploymentHash))
        {
            await SwitchAsync(server, true);
            Assert.Equal(HttpStatusCode.OK, (await older.WaitAsync()).Status);

            // Our own agent goes on working, with its own signatures, while it is on.
            Assert.Equal("ok", (await ours.HeartbeatAsync()).Status);
        }

        await server.RestartAsync();
        using var again = new OldAgent(server.Role.Address, ours.HostId, ours.Key.Reveal(), ours.DeploymentHash);
        Assert.Equal(HttpStatusCode.OK, (await again.WaitAsync()).Status);
        await SwitchAsync(server, false);
        Assert.Equal(HttpStatusCode.Unauthorized, (await again.WaitAsync()).Status);
        Assert.Null((await server.OnSocket().HostAsync("alpha")).Legacy);
        Assert.Equal(
            ["on", "off"],
            (await server.OnSocket().EventsAsync("after=0&type=host.legacy"))
                .Select(told => told.Data?.GetProperty("legacy").GetString()));
    }

    [Fact]
    public async Task Registration_is_never_anonymous_and_every_bad_token_gets_one_answer()
    {
        await using var server = await ServerFixture.StartAsync();
        var used = await LegacyBench.TokenAsync(server);
        (await OldAgent.JoinAsync(server.Role.Address, used)).Dispose();
        var body = OldAgent.Registration("dep-hash-9");

        OldAnswer[] answers =
        [
            await OldAgent.RegisterAsync(server.Role.Address, null, body),
            await OldAgent.RegisterAsync(server.Role.Address, "", body),
            await OldAgent.RegisterAsync(server.Role.Address, "drl_" + new string('x', 43), body),
            await OldAgent.RegisterAsync(server.Role.Address, used, body),
            await OldAgent.RegisterAsync(server.Role.Address, await server.EnrollmentTokenAsync(), body),
        ];

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Unauthorized, answer.Status));
        Assert.Single(answers.Select(answer => answer.Body).Distinct());
        Assert.Single(await server.OnSocket().HostsAsync());
    }

    [Fact]
    public async Task A_token_for_the_older_protocol_does_not_enroll_an_agent_of_ours()
    {
        await using var server = await ServerFixture.StartAsync();
        using var response = await new ScriptedAgent(server, "alpha").TryEnrollAsync(
            await LegacyBench.TokenAsync(server));
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task A_lost_answer_of_a_registration_costs_nothing_the_same_token_and_hash_give_the_same_credentials()
    {
        await using var server = await ServerFixture.StartAsync();
        var token = await LegacyBench.TokenAsync(server);
        var body = OldAgent.Registration("dep-hash-123");

        var first = await OldAgent.RegisterAsync(server.Role.Address, token, body);
        var again = await OldAgent.RegisterAsync(server.Role.Address, token, body);

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (first.Status, again.Status));
        Assert.Equal(first.Body, again.Body);
        var item = first.Json.GetProperty("data").GetProperty("item");
        Assert.Equal(
            ["agent_id", "agent_token", "dashboard_version", "supported_api_versions"],
            item.EnumerateObject().Select(field => field.Name));
        Assert.Equal("old-box", Assert.Single(await server.OnSocket().HostsAsync()).Name);
    }

    [Fact]
    public async Task A_hundred_uses_of_one_registration_token_at_once_give_one_host()
    {
        await using var server = await ServerFixture.StartAsync();
        var token = await LegacyBench.TokenAsync(server);
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(
            number => OldAgent.RegisterAsync(
                server.Role.Address,
                token,
                OldAgent.Registration(string.Create(CultureInfo.InvariantCulture, $"hash-{number}")))));
        Assert.Single(answers, answer => answer.Status == HttpStatusCode.Created);
        Assert.Single(await server.OnSocket().HostsAsync());
    }

    [Fact]
    public async Task A_deployment_hash_another_host_has_is_refused_and_a_removed_hosts_can_be_used_again()
    {
        await using var bench = await LegacyBench.StartAsync();
        var token = await LegacyBench.TokenAsync(bench.Server, "new-box");
        var taken = await OldAgent.RegisterAsync(
            bench.Server.Role.Address, token, OldAgent.Registration("dep-hash-123"));
        Assert.Equal(
            (HttpStatusCode.Conflict, """{"message":"deployment_hash belongs to another host"}"""),
            (taken.Status, taken.Body));

        using var removed = await bench.Server.OnSocket().DeleteAsync(
            $"{Routes.Hosts}/old-box", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, (await bench.Agent.WaitAsync()).Status);
        using var next = await OldAgent.JoinAsync(bench.Server.Role.Address, token);
        Assert.Equal(HttpStatusCode.OK, (await next.WaitAsync()).Status);
        await bench.Server.RestartAsync();
        Assert.Equal("new-box", Assert.Single(await bench.Server.OnSocket().HostsAsync()).Name);
    }

    [Theory]
    [InlineData("")]
    [InlineData("../../etc")]
    [InlineData("with space")]
    public async Task A_deployment_hash_that_is_no_name_is_refused(string hash)
    {
        await using var server = await ServerFixture.StartAsync();
        var answer = await OldAgent.RegisterAsync(
            server.Role.Address, await LegacyBench.TokenAsync(server), OldAgent.Registration(hash));
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains("deployment_hash", answer.Json.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_old_agents_own_register_verb_takes_the_token_as_purchase_token()
    {
        await using var server = await ServerFixture.StartAsync();
        using var response = await server.Stranger().PostAsync(
            Routes.LegacyMarketplaceRegister,
            ServerFixture.JsonContent(
                $$$"""{"purchase_token":"{{{await LegacyBench.TokenAsync(server, null)}}}","server_fingerprint":{"hostname":"shop-box","os":"linux","cpu_count":2,"ram_mb":1,"disk_gb":1},"stack_id":"web"}"""),
            TestContext.Current.CancellationToken);
        var answer = new OldAnswer(
            response.StatusCode,
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.OK, answer.Status);

        using var agent = new OldAgent(
            server.Role.Address,
            answer.Json.GetProperty("agent_id").GetString()!,
            answer.Json.GetProperty("agent_token").GetString()!,
            answer.Json.GetProperty("deployment_hash").GetString()!);
        Assert.Equal(HttpStatusCode.OK, (await agent.WaitAsync()).Status);
        Assert.Equal("shop-box", Assert.Single(await server.OnSocket().HostsAsync()).Name);
    }

    [Fact]
    public async Task Every_word_of_an_old_agent_is_a_sign_of_life_and_a_long_command_is_no_false_offline()
    {
        var clock = new FakeClock();
        await using var bench = await LegacyBench.StartAsync(clock);
        var people = bench.Server.OnSocket();
        Assert.Equal("offline", (await people.HostAsync("old-box")).State);

        await bench.Server.JoinAsync("alpha", "web");
        await people.OrderAsync(CommandTypes.Restart, "web", "old-box");
        bench.Agent.ClockOffset = TimeSpan.FromSeconds(120);
        await bench.Agent.CommandAsync();
        var host = await people.HostAsync("old-box");
        Assert.Equal(("live", 120_000L), (host.State, host.ClockSkewMs));

        // The command has 300 s, in which the agent says nothing; one of ours is offline long before that.
        await UntilAsync(clock, async () => (await people.HostAsync("alpha")).State == "offline");
        Assert.Equal("live", (await people.HostAsync("old-box")).State);
        await UntilAsync(clock, async () => (await people.HostAsync("old-box")).State == "offline");
    }

    [Fact]
    public async Task What_an_old_agent_cannot_do_is_said_at_once_instead_of_misleading()
    {
        await using var bench = await LegacyBench.StartAsync();
        var people = bench.Server.OnSocket();
        await people.TryOrderAsync(CommandTypes.List, null, "old-box")
            .ProblemAsync(HttpStatusCode.Conflict, Problems.Conflict);
        var follow = await people.GetAsync(
            $"{Routes.LogStream}?app=web&host=old-box", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Conflict, follow.StatusCode);
    }

    private static Task UntilAsync(FakeClock clock, Func<Task<bool>> condition) => Eventually.TrueAsync(
        async () =>
        {
            clock.Advance(TimeSpan.FromSeconds(5));
            return await condition();
        },
        "silence is noticed",
        TestContext.Current.CancellationToken);

    private static string Stamp(int seconds) =>
        DateTimeOffset.UtcNow.AddSeconds(seconds).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    private static Task<HostDto> SwitchAsync(ServerFixture server, bool isOn) => ServerFixture.PostAsync(
        server.OnSocket(),
        Routes.HostLegacy.Replace("{host}", "alpha", StringComparison.Ordinal),
        new SetLegacyRequest(isOn),
        WireJson.Default.SetLegacyRequest,
        WireJson.Default.HostDto);
}
