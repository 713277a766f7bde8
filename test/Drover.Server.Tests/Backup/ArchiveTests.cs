using Drover.Server.Features.Backup;
using Drover.Testing.Agents;
using Drover.Testing.Server;

namespace Drover.Server.Tests.Backup;

/// <summary>The archive itself: what is in it, and that one which is not what was written changes nothing.</summary>
public sealed class ArchiveTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TemporaryDirectory _folder = new();
    private readonly TemporaryDirectory _data = new();

    public void Dispose()
    {
        _folder.Dispose();
        _data.Dispose();
    }

    [Fact]
    public async Task A_backup_is_its_owners_alone_holds_what_it_names_and_leaves_nothing_beside_it()
    {
        await using var server = await ServerFixture.StartAsync();
        var file = _folder.File("backup.tar.gz");

        var manifest = server.BackUp(file);

        Assert.Equal(["server.db", "server.key"], manifest.Members.Select(member => member.Name));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(file));
        Assert.Equal([file], Directory.GetFileSystemEntries(_folder.Path));
        Assert.Equivalent(manifest, ServerRestore.Check(file, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_certificate_that_the_server_made_comes_back_so_that_its_pin_holds()
    {
        await using var server = await ServerFixture.StartAsync(
            configure: options => options with { Tls = true });
        var file = _folder.File("backup.tar.gz");
        server.BackUp(file);

        await BackupRig.RestoreAsync(_data.Path, file, TimeProvider.System);

        var restored = await ServerRole.StartAsync(
            server.Options() with { DataDirectory = _data.Path },
            Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance,
            TimeProvider.System,
            TestContext.Current.CancellationToken);
        await using (restored)
        {
            Assert.NotNull(server.Role.Pin);
            Assert.Equal(server.Role.Pin, restored.Pin);
        }
    }

    [Fact]
    public async Task Restored_files_are_their_owners_alone()
    {
        var file = await BackupRig.TakeAsync(_folder);

        await BackupRig.RestoreAsync(_data.Path, file, TimeProvider.System);

        Assert.Equal(OwnerOnly, File.GetUnixFileMode(_data.File("server.db")));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(_data.File("server.key")));
        Assert.Empty(Directory.GetDirectories(_data.Path));
    }

    [Theory]
    [InlineData("server.db")]
    [InlineData("server.key")]
    public async Task A_file_that_is_not_what_the_manifest_says_is_named_with_both_checksums(string name)
    {
        var file = await BackupRig.TakeAsync(_folder);
        var manifest = ServerRestore.Check(file, TestContext.Current.CancellationToken);
        var right = manifest.Members.Single(member => member.Name == name).Sha256;

        var refused = await RefuseAsync(BackupRig.Forge(file, right, new string('0', right.Length)));

        Assert.Contains($"\"{name}\"", refused.Message, StringComparison.Ordinal);
        Assert.Contains(right, refused.Message, StringComparison.Ordinal);
        Assert.Contains(new string('0', right.Length), refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_was_changed_in_the_archive_is_named()
    {
        var file = await BackupRig.TakeAsync(_folder);

        var refused = await RefuseAsync(BackupRig.Forge(file, "CREATE TABLE hosts", "CREATE TABLE Hosts"));

        Assert.Contains("\"server.db\" has the SHA-256", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_archive_cut_at_any_place_is_refused()
    {
        var file = await BackupRig.TakeAsync(_folder);
        var whole = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        var cut = _folder.File("cut.tar.gz");
        for (var length = 0; length < whole.Length - 8; length += Math.Max(1, whole.Length / 40))
        {
            await File.WriteAllBytesAsync(cut, whole[..length], TestContext.Current.CancellationToken);

            await RefuseAsync(cut);
        }
    }

    [Fact]
    public async Task A_byte_that_turned_over_anywhere_is_found()
    {
        var file = await BackupRig.TakeAsync(_folder);
        var whole = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        var turned = _folder.File("turned.tar.gz");

        // From behind the header of gzip, whose time and system nobody reads, to before the byte that has bits nobody
        // uses.
        for (var at = 10; at < whole.Length - 9; at += Math.Max(1, whole.Length / 40))
        {
            var bytes = whole.ToArray();
            bytes[at] ^= 0x10;
            await File.WriteAllBytesAsync(turned, bytes, TestContext.Current.CancellationToken);

            await RefuseAsync(turned);
        }
    }

    [Theory]
    [InlineData("\"format\": 1", "\"format\": 9", "newer version")]
    [InlineData("\"name\": \"server.key\"", "\"name\": \"../../.key\"", "names other files")]
    [InlineData("\"machine\"", "\"MACHINE\"", "cannot be understood")]
    public async Task A_manifest_that_cannot_be_believed_is_refused(string text, string by, string why)
    {
        var file = await BackupRig.TakeAsync(_folder);

        var refused = await RefuseAsync(BackupRig.Forge(file, text, by));

        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_newer_schema_is_refused_before_anything_is_unpacked()
    {
        var file = await BackupRig.TakeAsync(_folder);
        var schema = ServerRestore.Check(file, TestContext.Current.CancellationToken).Schema;

        var refused = await RefuseAsync(BackupRig.Forge(file, $"\"schema\": {schema},", "\"schema\":9 ,"));

        Assert.Contains("schema 9", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_backup_is_refused_and_what_is_not_there_is_said_to_be_missing()
    {
        var file = _folder.File("notes.txt");
        await File.WriteAllTextAsync(file, "hello", TestContext.Current.CancellationToken);

        Assert.False((await RefuseAsync(file)).IsMissing);
        Assert.True((await RefuseAsync(_folder.File("nowhere"))).IsMissing);
        var empty = Assert.Throws<BackupException>(() => ServerBackup.Write(
            _data.Path, _folder.File("b.tar.gz"), TimeProvider.System, TestContext.Current.CancellationToken));
        Assert.True(empty.IsMissing);
    }

    /// <summary>Refused, with the data directory as it was.</summary>
    private async Task<BackupException> RefuseAsync(string file)
    {
        var refused = await Assert.ThrowsAsync<BackupException>(
            () => BackupRig.RestoreAsync(_data.Path, file, TimeProvider.System));
        Assert.DoesNotContain(
            Directory.GetFileSystemEntries(_data.Path), entry => !entry.EndsWith(".lock", StringComparison.Ordinal));
        return refused;
    }
}
