using System.Globalization;
using Drover.Core.Audit;
using Drover.Runtime.Storage;
using Drover.Server.Features.Audit;
using Drover.Testing.Agents;
using Drover.Testing.Server;
using Drover.Testing.Time;
using Drover.Wire.Commands;

namespace Drover.Server.Tests.Storage;

/// <summary>
/// The power goes at any write: the files as each write could have left them, opened again, and held against what the
/// server had answered for. Covers what SIGKILL cannot, for the kernel keeps what a killed process wrote.
/// </summary>
public sealed class CutTests(ITestOutputHelper output)
{
    private const int Steps = 260;
    private const int LogCuts = 3;
    private const int CheckpointCuts = 12;

    private readonly List<string> _orders = [];
    private readonly List<string> _outcomes = [];
    private readonly Queue<CommandDto> _held = new();
    private long _events;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_cut_at_any_write_loses_no_acknowledged_command_outcome_or_event(int seed)
    {
        var random = new Random(seed);
        await using var server = await ServerFixture.StartAsync(new FakeClock());
        var people = server.OnSocket();
        var agent = await server.JoinAsync("alpha", "web");
        var before = await StorageSnapshot.TakeAsync(server, Known());
        var (cuts, checkpoints) = (0, 0);
        for (var step = 0; step < Steps; step++)
        {
            await StepAsync(people, agent, random);
            var after = await StorageSnapshot.TakeAsync(server, Known());
            var isCheckpoint = !before.Data.AsSpan().SequenceEqual(after.Data);
            if (isCheckpoint || random.Next(8) == 0)
            {
                for (var cut = 0; cut < LogCuts; cut++, cuts++)
                {
                    await CheckAsync(before.CutLog(after, random), seed, step);
                }
            }

            for (var cut = 0; isCheckpoint && cut < CheckpointCuts; cut++, cuts++)
            {
                await CheckAsync(before.CutCheckpoint(after, random), seed, step);
            }

            checkpoints += isCheckpoint ? 1 : 0;
            before = after;
        }

        output.WriteLine($"{cuts} cuts, {checkpoints} checkpoints");
        Assert.True(checkpoints > 0, "the log was never copied into the file, so no such copy was cut");
    }

    private Acknowledged Known() => new([.. _orders], [.. _outcomes], _events);

    private async Task StepAsync(HttpClient people, ScriptedAgent agent, Random random)
    {
        switch (random.Next(4))
        {
            case 0 when _held.Count > 0:
                var done = _held.Dequeue();
                await agent.ReportSuccessAsync(done);
                _outcomes.Add(done.CommandId);
                break;
            case 1 when _orders.Count > _outcomes.Count + _held.Count:
                _held.Enqueue((await agent.WaitAsync()).Item!);
                break;
            case 2:
                var count = random.Next(1, 4);
                var events = Enumerable.Repeat(AgentEvents.Of("container.died", "web"), count);
                _events = (await agent.EventsAsync(agent.Run, _events + 1, [.. events])).AcceptedThrough;
                break;
            default:
                _orders.Add((await people.OrderAsync(CommandTypes.Restart, "web")).CommandId);
                break;
        }
    }

    /// <summary>Opens what is left, as the next start of the server does.</summary>
    private static async Task CheckAsync(StorageSnapshot left, int seed, int step)
    {
        using var directory = new TemporaryDirectory();
        var path = directory.File("server.db");
        await File.WriteAllBytesAsync(path, left.Data, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(path + "-wal", left.Log, TestContext.Current.CancellationToken);
        var place = string.Create(CultureInfo.InvariantCulture, $"seed {seed}, step {step}");
        await using (var database = Database.Open(
            path, Migration.EmbeddedIn(typeof(ServerRole).Assembly), TimeProvider.System))
        {
            await database.ReadAsync(
                session =>
                {
                    Assert.Equal("ok", session.First("PRAGMA integrity_check", row => row.Text("integrity_check")));
                    Compare(session, left.Known, place);
                    return true;
                },
                TestContext.Current.CancellationToken);
        }

        Assert.True(AuditFile.Verify(path, null) is AuditVerdict.Intact, $"{place}: the audit is broken");
    }

    private static void Compare(DbSession session, Acknowledged known, string place)
    {
        var states = session
            .Query(
                "SELECT command_id, state FROM commands", row => (Id: row.Text("command_id"), State: row.Text("state")))
            .ToDictionary(row => row.Id, row => row.State, StringComparer.Ordinal);
        var lost = known.Orders.Where(id => !states.ContainsKey(id)).ToList();
        var undone = known.Outcomes.Where(id => states[id] != CommandStates.Completed).ToList();
        var events = session.Number("SELECT COUNT(*) FROM events WHERE type = 'container.died'");
        var through = session.Number("SELECT events_seq FROM hosts");
        var told = session.Number("SELECT COUNT(*) FROM events WHERE type = 'command.queued'");

        Assert.True(lost.Count == 0, $"{place}: accepted orders are lost: {string.Join(", ", lost)}");
        Assert.True(undone.Count == 0, $"{place}: accepted reports are lost: {string.Join(", ", undone)}");
        Assert.True(events >= known.Events, $"{place}: {known.Events - events} accepted events are lost");
        Assert.True(events == through, $"{place}: {events} events are stored and the host goes on behind {through}");
        Assert.True(told == states.Count, $"{place}: {states.Count} commands and {told} events of them");
    }
}
