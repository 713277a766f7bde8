using System.Net;
using Drover.Core.Audit;
using Drover.Server.Features.Audit;
using Drover.Testing.Server;
using Drover.Testing.Time;
using Drover.Wire;
using Drover.Wire.Commands;
using Drover.Wire.People;

namespace Drover.Server.Tests.Audit;

public sealed class AuditTests
{
    [Fact]
    public async Task Who_did_what_to_what_and_how_it_went_is_told_from_order_to_report()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.JoinAsync("alpha", "web", "db");
        var ordered = await (await server.WithRoleAsync("operator")).OrderAsync(CommandTypes.Restart, "web");
        var leased = (await agent.WaitAsync()).Item!;
        using (await agent.TryReportAsync(agent.Failure(leased, new CommandErrorDto("restart_failed", "no", null))))
        {
        }

        var entries = await server.AuditAsync();

        Assert.Equal(
            [
                ("system", "first run", "token.create", "done"),
                ("system", "test", "enrollment_token.create", "done"),
                ("agent", "alpha", "host.enroll", "done"),
                ("token", "admin", "token.create", "done"),
                ("token", "operator of a test", "command.order", "done"),
                ("agent", "alpha", "command.report", "failed"),
            ],
            entries.Select(entry => (entry.ActorKind, entry.Actor, entry.Action, entry.Outcome)));
        Assert.Equal([ordered.CommandId, ordered.CommandId], entries.TakeLast(2).Select(entry => entry.Target));
        Assert.Equal(
            $"actor_id={agent.HostId}; type=restart; app=web; host=alpha; error=restart_failed", entries[^1].Detail);
        Assert.IsType<AuditVerdict.Intact>(AuditChain.Verify(entries.Select(entry => entry.ToEntry())));
    }

    [Fact]
    public async Task What_changes_nothing_leaves_no_entry_the_same_order_again_and_the_same_report_again()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.JoinAsync("alpha", "web");
        var requestId = Guid.NewGuid().ToString();
        await server.OnSocket().OrderAsync(CommandTypes.Restart, "web", requestId: requestId);
        await server.OnSocket().OrderAsync(CommandTypes.Restart, "web", requestId: requestId);
        var leased = (await agent.WaitAsync()).Item!;
        await agent.ReportSuccessAsync(leased);
        await agent.ReportSuccessAsync(leased);
        using (await server.OnSocket().DeleteAsync($"{Routes.Tokens}/none", TestContext.Current.CancellationToken))
        {
        }

        Assert.Equal(
            ["command.order", "command.report"], (await server.AuditAsync()).TakeLast(2).Select(entry => entry.Action));
        Assert.Single(await server.AuditAsync("after=0&action=command.order"));
    }

    [Fact]
    public async Task A_command_that_nobody_took_in_time_ends_in_an_entry_of_the_server()
    {
        var clock = new FakeClock();
        await using var server = await ServerFixture.StartAsync(
            clock, options => options with { CommandLife = TimeSpan.FromMinutes(1) });
        await server.JoinAsync("alpha", "web");
        var ordered = await server.OnSocket().OrderAsync(CommandTypes.Restart, "web");
        await clock.PassAsync(TimeSpan.FromSeconds(62));

        await server.OnSocket().CommandAsync(ordered.CommandId, wait: 10);

        var entry = Assert.Single(await server.AuditAsync("after=0&action=command.expire"));
        Assert.Equal(("system", ordered.CommandId, "failed"), (entry.ActorKind, entry.Target, entry.Outcome));
    }

    [Fact]
    public async Task The_audit_is_an_admins_and_is_filtered_and_paged()
    {
        await using var server = await ServerFixture.StartAsync();
        await (await server.WithRoleAsync("operator"))
            .GetAsync(Routes.Audit, TestContext.Current.CancellationToken)
            .ProblemAsync(HttpStatusCode.Forbidden, Problems.Forbidden);
        await server.EnrollAsync();

        Assert.Equal(["host.enroll"], (await server.AuditAsync("actor=alpha")).Select(entry => entry.Action));
        Assert.Equal(2, (await server.AuditAsync("action=token.*")).Count);
        Assert.Empty(await server.AuditAsync("since=2100-01-01"));
        Assert.Equal(4, (await server.AuditAsync("since=2020-01-01T00:00:00Z")).Count);
        var page = await ServerFixture.GetAsync(
            server.OnSocket(), $"{Routes.Audit}?after=1&limit=2", WireJson.Default.PageAuditEntryDto);
        Assert.Equal([2L, 3L], page.Items.Select(entry => entry.Ordinal));
        Assert.Equal("3", page.Next);
        Assert.Equal([3L, 4L], (await server.AuditAsync("limit=2")).Select(entry => entry.Ordinal));
    }

    [Theory]
    [InlineData("action=nothing")]
    [InlineData("since=yesterday")]
    [InlineData("after=-1")]
    [InlineData("limit=0")]
    [InlineData("outcome=denied")]
    public async Task A_query_that_cannot_be_understood_is_refused_by_name(string query)
    {
        await using var server = await ServerFixture.StartAsync();

        var problem = await server.OnSocket()
            .GetAsync($"{Routes.Audit}?{query}", TestContext.Current.CancellationToken)
            .ProblemAsync(HttpStatusCode.BadRequest, Problems.InvalidRequest);

        Assert.Contains(query.Split('=')[0], problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_of_any_kind_come_back_so_that_the_chain_is_intact_also_after_a_restart()
    {
        await using var server = await ServerFixture.StartAsync();
        foreach (var name in new[] { "nul\0byte", "é🐑", "two\nlines", new string('x', 100), "password=hunter2" })
        {
            await ServerFixture.PostAsync(
                server.OnSocket(),
                Routes.Tokens,
                new CreateTokenRequest(name, "viewer"),
                WireJson.Default.CreateTokenRequest,
                WireJson.Default.CreatedTokenDto);
        }

        await server.RestartAsync();
        var entries = await server.AuditAsync();

        Assert.IsType<AuditVerdict.Intact>(AuditChain.Verify(entries.Select(entry => entry.ToEntry())));
        Assert.DoesNotContain(entries, entry => entry.Detail.Contains("hunter2", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_bad_enrollment_token_and_a_hosts_policy_leave_denied_entries()
    {
        await using var server = await ServerFixture.StartAsync();
        using (await new ScriptedAgent(server, "mallory").TryEnrollAsync("dre_" + new string('x', 43)))
        {
        }

        var viewer = await server.WithRoleAsync("viewer");
        await server.JoinAsync("alpha", "web");
        using (await viewer.TryOrderAsync(CommandTypes.Restart, "web"))
        {
        }

        var denied = (await server.SettledAuditAsync()).Where(entry => entry.Outcome == "denied").ToList();
        Assert.Equal(
            [("stranger", "host.enroll", ""), ("token", "command.order", "restart web")],
            denied.Select(entry => (entry.ActorKind, entry.Action, entry.Target)));
        Assert.EndsWith("reason=restart needs operator", denied[1].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Knocking_cannot_fill_the_audit_nor_hide_a_known_callers_refusal_and_the_rest_is_counted()
    {
        var clock = new FakeClock();
        await using var server = await ServerFixture.StartAsync(clock);
        var viewer = await server.WithRoleAsync("viewer");
        for (var knock = 0; knock < RefusalAudit.StrangersPerMinute + 5; knock++)
        {
            using var refused = await server.Stranger().DeleteAsync(
                $"{Routes.Hosts}/dra_{new string('x', 43)}", TestContext.Current.CancellationToken);
        }

        using (await viewer.DeleteAsync($"{Routes.Hosts}/alpha", TestContext.Current.CancellationToken))
        {
        }

        var denied = (await server.SettledAuditAsync()).Where(entry => entry.Outcome == "denied").ToList();
        Assert.Equal(RefusalAudit.StrangersPerMinute, denied.Count(entry => entry.ActorKind == "stranger"));
        Assert.Equal("alpha", Assert.Single(denied, entry => entry.ActorKind == "token").Target);

        clock.Advance(TimeSpan.FromMinutes(1));
        var counted = Assert.Single(await server.SettledAuditAsync(), entry => entry.Action == "access.refusals");
        Assert.Equal("count=5", counted.Detail);
    }

    [Fact]
    public async Task What_was_only_counted_is_told_when_the_server_stops()
    {
        await using var server = await ServerFixture.StartAsync();
        for (var knock = 0; knock < RefusalAudit.StrangersPerMinute + 2; knock++)
        {
            using var refused = await server.Stranger().DeleteAsync(
                $"{Routes.Hosts}/alpha", TestContext.Current.CancellationToken);
        }

        await server.RestartAsync();

        Assert.Equal("count=2", Assert.Single(await server.AuditAsync("action=access.refusals")).Detail);
    }
}
