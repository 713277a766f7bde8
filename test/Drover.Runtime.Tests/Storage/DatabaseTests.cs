using Drover.Runtime.Storage;
using Drover.Testing.Agents;
using Drover.Testing.Time;
using Microsoft.Data.Sqlite;

namespace Drover.Runtime.Tests.Storage;

public sealed class DatabaseTests
{
    private static readonly Migration[] Schema =
        [new(1, "initial", "CREATE TABLE items (id BIGINT NOT NULL PRIMARY KEY, text TEXT)")];

    [Fact]
    public async Task A_thousand_concurrent_writes_share_few_commits_and_none_is_lost()
    {
        using var directory = new TemporaryDirectory();
        await using var database = Open(directory);

        await Task.WhenAll(Enumerable.Range(0, 1000).Select(id => InsertAsync(database, id)));

        Assert.Equal(1000, await CountAsync(database));
        Assert.True(database.Commits < 500, $"{database.Commits} commits");
    }

    [Fact]
    public async Task Rows_written_are_rows_and_not_the_transactions_around_them()
    {
        using var directory = new TemporaryDirectory();
        await using var database = Open(directory);

        for (var id = 0; id < 20; id++)
        {
            await InsertAsync(database, id);
        }

        await database.WriteAsync(
            session => { session.Execute("UPDATE items SET text = 'x' WHERE id < 5"); },
            TestContext.Current.CancellationToken);
        await database.WriteAsync(
            session => { session.Execute("UPDATE items SET text = 'x' WHERE id > 500"); },
            TestContext.Current.CancellationToken);

        Assert.Equal(25, database.RowsWritten);
    }

    [Fact]
    public async Task A_write_that_fails_leaves_its_neighbours_alone_and_nothing_of_itself()
    {
        using var directory = new TemporaryDirectory();
        await using var database = Open(directory);
        var told = 0;

        var writes = Enumerable.Range(0, 50).Select(id => database.WriteAsync(
            session =>
            {
                Insert(session, id);
                session.AfterCommit(() => Interlocked.Increment(ref told));
                if (id % 2 == 1)
                {
                    throw new InvalidOperationException("no");
                }
            },
            TestContext.Current.CancellationToken)).ToList();
        await Task.WhenAll(writes.Select(write => write.ContinueWith(_ => { }, TaskScheduler.Default)));

        Assert.Equal(25, writes.Count(write => write.IsFaulted));
        Assert.Equal(25, await CountAsync(database));
        Assert.Equal(25, told);
    }

    [Fact]
    public async Task What_was_acknowledged_is_in_a_copy_of_the_files_taken_at_that_moment()
    {
        using var directory = new TemporaryDirectory();
        using var copy = new TemporaryDirectory();
        await using var database = Open(directory);
        await InsertAsync(database, 7);

        // As after kill -9: the files as they are, without a clean end.
        foreach (var file in Directory.GetFiles(directory.Path)
            .Where(file => !file.EndsWith("-shm", StringComparison.Ordinal)))
        {
            File.Copy(file, copy.File(Path.GetFileName(file)));
        }

        await using var recovered = Open(copy);
        Assert.Equal(1, await CountAsync(recovered));
    }

    [Fact]
    public async Task Migrations_run_once_and_in_order_and_a_newer_database_is_refused()
    {
        using var directory = new TemporaryDirectory();
        await using (var database = Open(directory))
        {
            await InsertAsync(database, 1);
        }

        Migration[] newer = [.. Schema, new(2, "more", "ALTER TABLE items ADD COLUMN more TEXT")];
        await using (var database = Database.Open(directory.File("test.db"), newer, TimeProvider.System))
        {
            Assert.Equal(1, await CountAsync(database));
        }

        var refused = Assert.Throws<StorageException>(() => Open(directory));
        Assert.Contains("newer version", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_read_sees_what_was_written_before_it_and_cannot_write()
    {
        using var directory = new TemporaryDirectory();
        await using var database = Open(directory);
        await InsertAsync(database, 1);

        Assert.Equal(1, await CountAsync(database));
        await Assert.ThrowsAsync<StorageException>(() => database.ReadAsync(
            session =>
            {
                Insert(session, 2);
                return 0;
            },
            TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_database_that_another_process_keeps_locked_is_given_up_after_seconds_not_half_a_minute()
    {
        using var directory = new TemporaryDirectory();
        await using var database = Open(directory);
        using var other = new SqliteConnection($"Data Source={directory.File("test.db")};Pooling=False");
        other.Open();
        using var locks = other.CreateCommand();
        locks.CommandText = "BEGIN IMMEDIATE";
        locks.ExecuteNonQuery();
        var clock = TimeProvider.System.GetTimestamp();

        var refused = await Assert.ThrowsAsync<StorageException>(() => InsertAsync(database, 1));

        Assert.Contains("locked", refused.Message, StringComparison.Ordinal);
        Assert.InRange(TimeProvider.System.GetElapsedTime(clock).TotalSeconds, 0, 20);
    }

    [Fact]
    public void A_directory_that_is_missing_is_told_in_a_sentence()
    {
        var failure =
            Assert.Throws<StorageException>(() => Database.Open("/nowhere/test.db", Schema, TimeProvider.System));

        Assert.StartsWith("cannot open the database \"/nowhere/test.db\"", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_file_is_the_owners_alone_and_the_library_says_where_it_came_from()
    {
        using var directory = new TemporaryDirectory();
        await using var database = Open(directory);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(directory.File("test.db")));
        Assert.Matches("^lib(sqlite3|e_sqlite3)\\.so(\\.0)? 3\\.\\d+", SqliteLibrary.Load());
    }

    [Fact]
    public async Task A_hook_that_throws_harms_neither_the_writer_nor_those_who_are_told_after_it()
    {
        using var directory = new TemporaryDirectory();
        await using var database = Open(directory);
        var told = false;

        await database.WriteAsync(
            session =>
            {
                Insert(session, 1);
                session.AfterCommit(() => throw new InvalidOperationException("no"));
                session.AfterCommit(() => told = true);
            },
            TestContext.Current.CancellationToken);
        await InsertAsync(database, 2);

        Assert.True(told);
        Assert.Equal(2, await CountAsync(database));
    }

    [Fact]
    public async Task A_writer_that_dies_fails_its_completion_and_everyone_who_waits()
    {
        using var directory = new TemporaryDirectory();
        await using var database = Open(directory);

        await Assert.ThrowsAsync<StorageException>(
            () => database.WriteAsync(session => session.Close(), TestContext.Current.CancellationToken));

        await Assert.ThrowsAsync<StorageException>(() => database.Completion);
        var failure = await Assert.ThrowsAsync<StorageException>(() => InsertAsync(database, 1));
        Assert.Contains("restart", failure.Message, StringComparison.Ordinal);
        Assert.NotNull(await database.CheckWritableAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    [Trait("tier", "heavy")]
    public async Task A_failed_commit_is_told_until_a_later_try_shows_that_the_disk_takes_writes()
    {
        using var directory = new TemporaryDirectory();
        var clock = new FakeClock();
        await using var database = Database.Open(directory.File("test.db"), Schema, clock);
        using (var other = new SqliteConnection($"Data Source={directory.File("test.db")};Pooling=False"))
        {
            other.Open();
            using var holding = other.BeginTransaction(deferred: false);
            await Assert.ThrowsAsync<StorageException>(() => InsertAsync(database, 1));
        }

        Assert.NotNull(await database.CheckWritableAsync(TestContext.Current.CancellationToken));
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Null(await database.CheckWritableAsync(TestContext.Current.CancellationToken));
    }

    private static Database Open(TemporaryDirectory directory) =>
        Database.Open(directory.File("test.db"), Schema, TimeProvider.System);

    private static Task InsertAsync(Database database, int id) =>
        database.WriteAsync(session => Insert(session, id), TestContext.Current.CancellationToken);

    private static void Insert(DbSession session, int id) =>
        session.Execute("INSERT INTO items (id, text) VALUES (@id, @text)", ("@id", id), ("@text", null));

    private static Task<long> CountAsync(Database database) =>
        database.ReadAsync(
            session => session.Number("SELECT COUNT(*) FROM items"), TestContext.Current.CancellationToken);
}
