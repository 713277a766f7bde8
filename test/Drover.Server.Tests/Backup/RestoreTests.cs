using System.Globalization;
using System.Net;
using System.Text.Json;
using Drover.Core.Audit;
using Drover.Core.Events;
using Drover.Runtime.Storage;
using Drover.Server.Features.Audit;
using Drover.Server.Features.Backup;
using Drover.Server.Features.Events;
using Drover.Testing.Agents;
using Drover.Testing.Server;
using Drover.Testing.Time;
using Drover.Wire;
using Drover.Wire.Agents;
using Drover.Wire.Commands;

namespace Drover.Server.Tests.Backup;

/// <summary>A server that lost its data directory and has it back from a backup.</summary>
public sealed class RestoreTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();
    private readonly FakeClock _clock = new();

    private string Archive => _folder.File("backup.tar.gz");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task After_the_data_directory_is_lost_and_restored_the_hosts_are_known_and_go_on()
    {
        await using var server = await ServerFixture.StartAsync(_clock);
        var agent = await server.JoinAsync("alpha", "web");
        server.BackUp(Archive);
        await agent.HeartbeatAsync();
        await agent.SyncAsync(Containers.Running("web"), Containers.Running("db"));

        var restored = await LoseAndRestoreAsync(server);

        Assert.Equal(1, restored.State.Hosts);
        Assert.Null(restored.KeptAside);
        Assert.True((await agent.HeartbeatAsync()).Resync, "the inventory of the backup is older than the host's");
        Assert.False((await agent.SyncAsync(Containers.Running("web"), Containers.Running("db"))).Resync);
        Assert.Equal(2, (await server.Admin().ContainersAsync()).Count);
        Assert.Equal("live", (await server.Admin().HostAsync("alpha")).State);
    }

    [Fact]
    public async Task A_command_that_the_backup_thinks_queued_is_given_out_again_and_ends_by_the_hosts_report()
    {
        await using var server = await ServerFixture.StartAsync(_clock);
        var agent = await server.JoinAsync("alpha", "web");
        var ordered = await server.Admin().OrderAsync(CommandTypes.Restart, "web");
        server.BackUp(Archive);
        var taken = (await agent.WaitAsync()).Item!;
        await agent.ReportSuccessAsync(taken);

        var restored = await LoseAndRestoreAsync(server);

        Assert.Equal((0, 1), (restored.State.CommandsEnded, restored.State.CommandsLeft));
        Assert.Equal(ordered.CommandId, (await agent.WaitAsync()).Item!.CommandId);
        await agent.ReportSuccessAsync(taken);
        Assert.Equal(
            CommandStates.Completed, (await server.Admin().CommandAsync(ordered.CommandId)).Status);
    }

    [Fact]
    public async Task A_command_older_than_the_hosts_memory_is_ended_and_never_given_out_again()
    {
        await using var server = await ServerFixture.StartAsync(
            _clock, options => options with { CommandLife = TimeSpan.FromDays(7) });
        var agent = await server.JoinAsync("alpha", "web");
        var old = await server.Admin().OrderAsync(CommandTypes.Restart, "web");
        await server.StopAsync();
        _clock.Advance(TimeSpan.FromHours(2));
        await StartAsync(server);
        var young = await server.Admin().OrderAsync(CommandTypes.Restart, "web");
        server.BackUp(Archive);

        var restored = await LoseAndRestoreAsync(server, RestoredDatabase.HostsRemember - TimeSpan.FromHours(1));

        Assert.Equal((1, 1), (restored.State.CommandsEnded, restored.State.CommandsLeft));
        var ended = await server.Admin().CommandAsync(old.CommandId);
        Assert.Equal(CommandStates.Expired, ended.Status);
        Assert.Contains("restored from a backup", ended.Error, StringComparison.Ordinal);
        Assert.Equal(young.CommandId, (await agent.WaitAsync()).Item!.CommandId);
    }

    [Fact]
    public async Task Event_ids_go_on_beyond_all_that_were_given_before_so_that_no_reader_misses_one()
    {
        await using var server = await ServerFixture.StartAsync(_clock);
        await server.JoinAsync("alpha", "web");
        server.BackUp(Archive);
        await server.EnrollAsync("beta");
        var seen = (await server.Admin().EventsAsync())[^1].Id;

        await LoseAndRestoreAsync(server);

        var after = await server.Admin().EventsAsync($"after={seen}&limit=1000");
        Assert.Equal(EventTypes.ServerRestored.Name, after[0].Type);
        await server.EnrollAsync("gamma");
        Assert.Contains(
            await server.Admin().EventsAsync($"after={after[0].Id}&limit=1000"),
            one => one.Type == EventTypes.HostEnrolled.Name);
    }

    [Fact]
    public async Task The_gap_in_the_ids_costs_no_event_its_place_within_the_limit()
    {
        await using var server = await ServerFixture.StartAsync(_clock);
        await server.JoinAsync("alpha", "web");
        var before = (await server.Admin().EventsAsync()).Select(one => one.Id).ToList();
        server.BackUp(Archive);
        await LoseAndRestoreAsync(server);
        await server.StopAsync();
        await using var database = Database.Open(
            Path.Combine(server.DataDirectory, "server.db"),
            Migration.EmbeddedIn(typeof(ServerRole).Assembly),
            _clock);

        var total = await database.ReadAsync(
            session => session.Number("SELECT COUNT(*) FROM events"), TestContext.Current.CancellationToken);

        Assert.True(total > before.Count);
        Assert.Null(await OverAsync((int)total));
        Assert.Equal(before[0], (await OverAsync((int)total - 1))?.ToString(CultureInfo.InvariantCulture));
        Assert.Equal(1, await database.WriteAsync(
            session => EventStore.Prune(
                session, DateTimeOffset.UnixEpoch, EventStore.OverLimit(session, (int)total - 1), 500),
            TestContext.Current.CancellationToken));

        Task<long?> OverAsync(int limit) => database.ReadAsync(
            session => EventStore.OverLimit(session, limit), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_token_that_may_have_let_a_host_in_since_the_backup_lets_nobody_in()
    {
        await using var server = await ServerFixture.StartAsync(_clock);
        var token = await server.EnrollmentTokenAsync();
        server.BackUp(Archive);
        await new ScriptedAgent(server, "alpha").EnrollAsync(token);

        var restored = await LoseAndRestoreAsync(server);

        Assert.Equal(1, restored.State.TokensEnded);
        using var refused = await new ScriptedAgent(server, "beta").TryEnrollAsync(token);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Fact]
    public async Task The_audit_goes_on_unbroken_and_says_who_restored()
    {
        await using var server = await ServerFixture.StartAsync(_clock);
        await server.EnrollAsync();
        server.BackUp(Archive);
        var head = Intact(server).Head;

        await LoseAndRestoreAsync(server);

        Assert.IsType<AuditVerdict.Intact>(
            AuditFile.Verify(Path.Combine(server.DataDirectory, "server.db"), head));
        var page = await ServerFixture.GetAsync(
            server.Admin(),
            $"{Routes.Audit}?action={AuditActions.ServerRestore.Name}",
            WireJson.Default.PageAuditEntryDto);
        Assert.Equal(("person", "alice"), (page.Items.Single().ActorKind, page.Items.Single().Actor));
    }

    [Fact]
    public async Task A_running_server_is_left_alone()
    {
        await using var server = await ServerFixture.StartAsync();
        server.BackUp(Archive);

        var refused = await Assert.ThrowsAsync<BackupException>(() => server.RestoreAsync(Archive, replace: true));

        Assert.Contains("runs a server", refused.Message, StringComparison.Ordinal);
        Assert.Empty(await server.Admin().HostsAsync());
    }

    [Fact]
    public async Task A_servers_data_gives_way_only_when_asked_and_is_kept_whole()
    {
        await using var server = await ServerFixture.StartAsync(_clock);
        server.BackUp(Archive);
        await server.EnrollAsync("later");
        await server.StopAsync();

        var refused = await Assert.ThrowsAsync<BackupException>(() => server.RestoreAsync(Archive));
        var restored = await server.RestoreAsync(Archive, replace: true);

        Assert.Contains("--force", refused.Message, StringComparison.Ordinal);
        await StartAsync(server);
        Assert.Empty(await server.Admin().HostsAsync());
        await server.StopAsync();
        var kept = await ServerRole.StartAsync(
            server.Options() with { DataDirectory = restored.KeptAside! },
            Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance,
            _clock,
            TestContext.Current.CancellationToken);
        await kept.DisposeAsync();
        Assert.Equal(1, DatabaseFile.Read(
            Path.Combine(restored.KeptAside!, "server.db"), session => session.Number("SELECT COUNT(*) FROM hosts")));
        await StartAsync(server);
    }

    [Fact]
    public async Task An_agent_of_the_same_directory_comes_back_and_its_unfinished_commands_are_ended_with_its_journal()
    {
        await using var server = await ServerFixture.StartAsync(_clock);
        var agent = await server.JoinAsync("alpha", "web");
        await WriteCredentialsAsync(server, agent.HostId);
        await server.Admin().OrderAsync(CommandTypes.Restart, "web");
        server.BackUp(Archive);

        var restored = await LoseAndRestoreAsync(server);

        Assert.Equal((1, 0), (restored.State.CommandsEnded, restored.State.CommandsLeft));
        Assert.Contains(
            agent.HostId,
            await File.ReadAllTextAsync(CredentialsOf(server), TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Credentials_that_are_there_stay_when_the_backup_knows_their_host_and_give_way_when_not()
    {
        await using var server = await ServerFixture.StartAsync(_clock);
        var known = await server.JoinAsync("alpha", "web");
        await WriteCredentialsAsync(server, known.HostId);
        await server.Admin().OrderAsync(CommandTypes.Restart, "web");
        server.BackUp(Archive);
        await server.StopAsync();

        var continued = await server.RestoreAsync(Archive, replace: true);
        Assert.Equal((0, 1), (continued.State.CommandsEnded, continued.State.CommandsLeft));
        Assert.False(File.Exists(Path.Combine(continued.KeptAside!, "agent.json")));

        await WriteCredentialsAsync(server, Guid.NewGuid().ToString());
        _clock.Advance(TimeSpan.FromSeconds(1));
        var replaced = await server.RestoreAsync(Archive, replace: true);
        Assert.True(File.Exists(Path.Combine(replaced.KeptAside!, "agent.json")));
        Assert.Contains(
            known.HostId,
            await File.ReadAllTextAsync(CredentialsOf(server), TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
        await StartAsync(server);
    }

    [Fact]
    public async Task A_backup_of_a_server_at_work_is_one_moment_of_it()
    {
        await using var server = await ServerFixture.StartAsync();
        await server.JoinAsync("alpha", "web");
        using var enough = new CancellationTokenSource();
        var people = server.Admin();
        var ordering = Task.Run(
            async () =>
            {
                while (!enough.IsCancellationRequested)
                {
                    await people.OrderAsync(CommandTypes.Health, "web");
                }
            },
            TestContext.Current.CancellationToken);
        var counts = new List<long>();
        for (var round = 0; round < 5; round++)
        {
            var file = _folder.File($"{round}.tar.gz");
            server.BackUp(file);
            using var data = new TemporaryDirectory();
            await BackupRig.RestoreAsync(data.Path, file, TimeProvider.System);
            counts.Add(Consistent(data.File("server.db")));
        }

        await enough.CancelAsync();
        await ordering;
        Assert.True(counts[^1] > counts[0], "orders went on while backups were taken");
    }

    /// <summary>Each order left a row, an event and an audit entry in one transaction: all three or none.</summary>
    private static long Consistent(string database)
    {
        Assert.IsType<AuditVerdict.Intact>(AuditFile.Verify(database, null));
        return DatabaseFile.Read(database, session =>
        {
            var commands = session.Number("SELECT COUNT(*) FROM commands");
            Assert.Equal(
                (commands, commands),
                (session.Number("SELECT COUNT(*) FROM events WHERE type = 'command.queued'"),
                    session.Number("SELECT COUNT(*) FROM audit WHERE action = 'command.order'")));
            return commands;
        });
    }

    private static AuditVerdict.Intact Intact(ServerFixture server) => Assert.IsType<AuditVerdict.Intact>(
        AuditFile.Verify(Path.Combine(server.DataDirectory, "server.db"), null));

    private static string CredentialsOf(ServerFixture server) => Path.Combine(server.DataDirectory, "agent.json");

    private static Task WriteCredentialsAsync(ServerFixture server, string hostId) => File.WriteAllTextAsync(
        CredentialsOf(server),
        JsonSerializer.Serialize(
            new AgentCredentials(
                1,
                AgentCredentials.Enrolled,
                "http://127.0.0.1:7780",
                hostId,
                "hash",
                "key",
                null,
                AgentKinds.HostAgent,
                null),
            WireJson.Default.AgentCredentials),
        TestContext.Current.CancellationToken);

    private async Task<Restored> LoseAndRestoreAsync(ServerFixture server, TimeSpan later = default)
    {
        await server.StopAsync();
        server.LoseEverything();
        _clock.Advance(later);
        var restored = await server.RestoreAsync(Archive);
        await StartAsync(server);
        return restored;
    }

    /// <summary>Started, and past the second in which stamps cannot be told from older ones.</summary>
    private async Task StartAsync(ServerFixture server)
    {
        await server.StartAgainAsync();
        _clock.Advance(TimeSpan.FromSeconds(2));
    }
}
