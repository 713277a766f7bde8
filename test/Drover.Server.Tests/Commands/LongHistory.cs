using System.Diagnostics;
using System.Globalization;
using Drover.Runtime.Storage;
using Drover.Server.Features.Commands;
using Drover.Server.Features.Events;
using Microsoft.Data.Sqlite;

namespace Drover.Server.Tests.Commands;

/// <summary>A server's database after a long life.</summary>
internal static class LongHistory
{
    // A scan of 200,000 rows takes 40 ms and more; the best of several runs does not depend on the machine's load.
    private static readonly TimeSpan Quick = TimeSpan.FromMilliseconds(15);

    /// <summary>Fills the tables of finished commands and of events.</summary>
    public static void Write(string dataDirectory, int rows)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        Execute(dataDirectory, string.Create(CultureInfo.InvariantCulture, $"""
            INSERT INTO commands (command_id, number, host_id, host_name, deployment_hash, type, app_code, state,
                urgency, timeout_seconds, created_by, created_at, updated_at, expires_at, attempts, completed_at)
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
            SELECT 'cmd_' || i, i, 'h' || i % 20, 'old', 'x', 'restart', 'app-' || i % 50, 'completed', 2,
                300, 'test', {now}, {now}, {now}, 1, {now} FROM n;
            INSERT INTO events (event_id, type, time, source, severity)
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
            SELECT 1000000 + i, 'host.live', {now}, '/server', 'info' FROM n;
        """));
    }

    public static void Analyze(string dataDirectory) => Execute(dataDirectory, "ANALYZE");

    /// <summary>Lists, sweeps and prunes where nothing is due.</summary>
    public static async Task EveryRegularQueryIsQuickAsync(string dataDirectory)
    {
        await using var database = Database.Open(
            Path.Combine(dataDirectory, "server.db"),
            Migration.EmbeddedIn(typeof(ServerRole).Assembly),
            TimeProvider.System);
        var byApp = new CommandFilter(null, [], null, "nobody");
        var now = TimeProvider.System.GetUtcNow();
        var past = now.AddDays(-1);
        await database.WriteAsync(
            session =>
            {
                Measure("list of an app", () => CommandStore.List(session, byApp, null, 50));
                Measure("queue's lives", () => CommandStore.OutlivedInQueue(session, now, 200));
                Measure("leases and deadlines", () => CommandStore.OverdueInHand(session, past, 200));
                Measure("pruning commands", () => CommandStore.Prune(session, past, 500));
                Measure("pruning events", () => EventStore.Prune(session, past, null, 500));
            },
            TestContext.Current.CancellationToken);
    }

    private static void Measure(string what, Action query)
    {
        var best = TimeSpan.MaxValue;
        for (var run = 0; run < 10; run++)
        {
            var watch = Stopwatch.StartNew();
            query();
            best = watch.Elapsed < best ? watch.Elapsed : best;
        }

        Assert.True(best < Quick, $"{what} took {best.TotalMilliseconds} ms");
    }

    private static void Execute(string dataDirectory, string sql)
    {
        var path = Path.Combine(dataDirectory, "server.db");
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
