using System.Globalization;
using Drover.Core.Audit;
using Drover.Runtime.Storage;
using Drover.Server.Features.Audit;
using Drover.Testing.Agents;
using Drover.Testing.Server;
using Microsoft.Data.Sqlite;

namespace Drover.Server.Tests.Audit;

/// <summary>The database file: what refuses to change it, and what is found when somebody did all the same.</summary>
public sealed class AuditFileTests
{
    private const string Unguarded =
        "DROP TRIGGER audit_is_not_changed; DROP TRIGGER audit_is_not_deleted; "
        + "DROP TRIGGER audit_grows_at_its_end; ";

    private const string Columns = "time, actor_kind, actor, action, target, outcome, detail, hash, hash";

    [Theory]
    [InlineData("UPDATE audit SET actor = 'nobody'", "append-only")]
    [InlineData("UPDATE audit SET actor = 'nobody' WHERE ordinal = 2", "append-only")]
    [InlineData("DELETE FROM audit", "append-only")]
    [InlineData("DELETE FROM audit WHERE ordinal = 3", "append-only")]
    [InlineData("INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE ordinal = 2", "grows at its end")]
    [InlineData("INSERT INTO audit VALUES (9, 0, '', '', '', '', '', '', '', '')", "grows at its end")]
    public async Task The_database_refuses_to_change_what_is_written(string sql, string why)
    {
        await using var server = await StoppedAsync();

        var refused = Assert.Throws<SqliteException>(() => Run(server, sql));

        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        Assert.IsType<AuditVerdict.Intact>(AuditFile.Verify(PathOf(server), null));
    }

    [Fact]
    public async Task The_file_of_a_stopped_server_is_verified_without_being_written_to()
    {
        await using var server = await StoppedAsync();
        var before = await File.ReadAllBytesAsync(PathOf(server), TestContext.Current.CancellationToken);

        var verdict = Assert.IsType<AuditVerdict.Intact>(AuditFile.Verify(PathOf(server), null));

        Assert.Equal(4, verdict.Count);
        Assert.Equal(verdict, AuditFile.Verify(PathOf(server), verdict.Head));
        Assert.Equal(before, await File.ReadAllBytesAsync(PathOf(server), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_file_of_a_running_server_and_what_a_killed_one_left_are_verified_too()
    {
        await using var server = await ServerFixture.StartAsync();
        await server.EnrollAsync();
        using var copy = new TemporaryDirectory();
        foreach (var file in Directory.GetFiles(server.DataDirectory, "server.db*"))
        {
            File.Copy(file, copy.File(Path.GetFileName(file)));
        }

        Assert.Equal(3, Assert.IsType<AuditVerdict.Intact>(AuditFile.Verify(PathOf(server), null)).Count);
        Assert.Equal(3, Assert.IsType<AuditVerdict.Intact>(AuditFile.Verify(copy.File("server.db"), null)).Count);
    }

    [Theory]
    [InlineData("UPDATE audit SET actor = 'nobody' WHERE ordinal = 2", 2)]
    [InlineData("UPDATE audit SET time = time + 1 WHERE ordinal = 4", 4)]
    [InlineData("UPDATE audit SET time = 999999999999999999 WHERE ordinal = 3", 3)]
    [InlineData("UPDATE audit SET outcome = 'denied' WHERE ordinal = 1", 1)]
    [InlineData("DELETE FROM audit WHERE ordinal = 2", 2)]
    [InlineData("DELETE FROM audit WHERE ordinal = 1", 1)]
    [InlineData("UPDATE audit SET ordinal = 0 WHERE ordinal = 1", 1)]
    [InlineData($"INSERT INTO audit SELECT -5, {Columns} FROM audit LIMIT 1", 1)]
    [InlineData("UPDATE audit SET ordinal = -ordinal; UPDATE audit SET ordinal = 5 + ordinal", 1)]
    public async Task Whoever_removes_the_guards_and_changes_an_entry_is_found_at_that_entry(string sql, long ordinal)
    {
        await using var server = await StoppedAsync();
        Run(server, Unguarded + sql);

        var broken = Assert.IsType<AuditVerdict.Broken>(AuditFile.Verify(PathOf(server), null));

        Assert.Equal(ordinal, broken.Ordinal);
    }

    [Fact]
    public async Task Entries_cut_off_at_the_end_are_found_against_a_head_that_was_noted()
    {
        await using var server = await StoppedAsync();
        var noted = ((AuditVerdict.Intact)AuditFile.Verify(PathOf(server), null)).Head;
        Run(server, Unguarded + "DELETE FROM audit WHERE ordinal > 2");

        Assert.IsType<AuditVerdict.Intact>(AuditFile.Verify(PathOf(server), null));
        Assert.Equal(3, Assert.IsType<AuditVerdict.Broken>(AuditFile.Verify(PathOf(server), noted)).Ordinal);
    }

    [Fact]
    public async Task A_write_that_is_rolled_back_leaves_neither_an_entry_nor_a_gap()
    {
        using var directory = new TemporaryDirectory();
        await using var database = Database.Open(
            directory.File("server.db"), Migration.EmbeddedIn(typeof(ServerRole).Assembly), TimeProvider.System);
        var audit = new AuditLog(TimeProvider.System);
        var writes = Enumerable.Range(0, 40).Select(number => database.WriteAsync(
            session =>
            {
                audit.Append(
                    session,
                    AuditActor.System("test"),
                    AuditActions.TokenCreate,
                    number.ToString(CultureInfo.InvariantCulture),
                    AuditOutcomes.Done);
                if (number % 3 == 0)
                {
                    throw new InvalidOperationException("no");
                }
            },
            TestContext.Current.CancellationToken)).ToList();
        await Task.WhenAll(writes.Select(write => write.ContinueWith(_ => { }, TaskScheduler.Default)));

        Assert.Equal(
            writes.Count(write => write.IsCompletedSuccessfully),
            Assert.IsType<AuditVerdict.Intact>(AuditFile.Verify(directory.File("server.db"), null)).Count);
    }

    [Fact]
    public void A_file_that_is_missing_or_has_no_audit_is_told_in_a_sentence()
    {
        using var directory = new TemporaryDirectory();
        var other = directory.File("other.db");
        using (var connection = new SqliteConnection($"Data Source={other};Pooling=False"))
        {
            SqliteLibrary.Load();
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "CREATE TABLE items (id BIGINT)";
            command.ExecuteNonQuery();
        }

        Assert.Contains(
            "there is no such file",
            Assert.Throws<StorageException>(() => AuditFile.Verify(directory.File("none.db"), null)).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "it has none",
            Assert.Throws<StorageException>(() => AuditFile.Verify(other, null)).Message,
            StringComparison.Ordinal);
    }

    /// <summary>A server with four entries that has ended.</summary>
    private static async Task<ServerFixture> StoppedAsync()
    {
        var server = await ServerFixture.StartAsync();
        await server.EnrollAsync();
        await server.EnrollmentTokenAsync();
        await server.StopAsync();
        return server;
    }

    private static string PathOf(ServerFixture server) => Path.Combine(server.DataDirectory, "server.db");

    private static void Run(ServerFixture server, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={PathOf(server)};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
