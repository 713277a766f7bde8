using Drover.Core.Audit;
using Drover.Runtime.Storage;
using Drover.Server;
using Drover.Testing.Agents;

namespace Drover.Cli.Tests;

/// <summary><c>drover audit verify</c> where no server runs: its words and its exit codes.</summary>
public sealed class AuditVerifyTests
{
    [Fact]
    public async Task An_intact_chain_ends_with_0_and_prints_its_head_which_then_may_be_expected()
    {
        using var directory = new TemporaryDirectory();
        var head = await WriteAsync(directory, entries: 3);
        var run = new CliRun();

        Assert.Equal(ExitCode.Ok, await run.RunAsync("audit", "verify", "--database", directory.File("server.db")));

        Assert.Equal($"intact: 3 entries, head {head}\n", run.Out.ToString());
        Assert.Equal(
            ExitCode.Ok,
            await run.RunAsync("audit", "verify", "--database", directory.File("server.db"), "--expect", head));
    }

    [Fact]
    public async Task A_stopped_servers_own_database_is_found_without_being_named()
    {
        using var directory = new TemporaryDirectory();
        var head = await WriteAsync(directory, entries: 1);
        var run = new CliRun().With("DROVER_DATA_DIR", directory.Path);

        Assert.Equal(ExitCode.Ok, await run.RunAsync("audit", "verify"));

        Assert.Equal($"intact: 1 entry, head {head}\n", run.Out.ToString());
        Assert.Contains(directory.File("server.db"), run.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_chain_or_a_head_that_is_gone_ends_with_10_and_says_from_where_on()
    {
        using var directory = new TemporaryDirectory();
        await WriteAsync(directory, entries: 2);
        var noted = new string('a', 64);
        var run = new CliRun();

        Assert.Equal(
            ExitCode.AuditBroken,
            await run.RunAsync("audit", "verify", "--database", directory.File("server.db"), "--expect", noted));
        Assert.Contains("broken at entry 3", run.Error.ToString(), StringComparison.Ordinal);

        await WriteAsync(directory, entries: 1, from: new AuditHead(2, noted));
        var json = new CliRun();
        Assert.Equal(
            ExitCode.AuditBroken,
            await json.RunAsync("audit", "verify", "--database", directory.File("server.db"), "--output", "json"));
        Assert.Contains("\"entry\": 3", json.Out.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_file_and_a_head_that_is_none_are_refused_in_words()
    {
        using var directory = new TemporaryDirectory();

        Assert.Equal(
            ExitCode.NotFound,
            await new CliRun().RunAsync("audit", "verify", "--database", directory.File("none.db")));
        Assert.Equal(ExitCode.Usage, await new CliRun().RunAsync("audit", "verify", "--expect", "abc"));
    }

    /// <summary>Writes entries behind a head into a server's database and gives the new head's hash.</summary>
    private static async Task<string> WriteAsync(TemporaryDirectory directory, int entries, AuditHead? from = null)
    {
        await using var database = Database.Open(
            directory.File("server.db"), Migration.EmbeddedIn(typeof(ServerRole).Assembly), TimeProvider.System);
        var head = from ?? AuditHead.Empty;
        for (var number = 0; number < entries; number++)
        {
            var draft = new AuditDraft(
                DateTimeOffset.UnixEpoch, AuditActor.System("test"), AuditActions.TokenCreate, "t", AuditOutcomes.Done);
            var entry = AuditChain.Append(head, draft);
            await database.WriteAsync(session => Insert(session, entry), TestContext.Current.CancellationToken);
            head = AuditHead.Of(entry);
        }

        return head.Hash;
    }

    private static void Insert(DbSession session, AuditEntry entry) => session.Execute(
        "INSERT INTO audit VALUES (@ordinal, 0, @kind, @actor, @action, @target, @outcome, @detail, @previous, @hash)",
        ("@ordinal", entry.Ordinal),
        ("@kind", entry.ActorKind),
        ("@actor", entry.Actor),
        ("@action", entry.Action),
        ("@target", entry.Target),
        ("@outcome", entry.Outcome),
        ("@detail", entry.Detail),
        ("@previous", entry.PreviousHash),
        ("@hash", entry.Hash));
}
