using System.Runtime.InteropServices;
using System.Text;
using Drover.Runtime.Files;
using Drover.Testing.Agents;

namespace Drover.Runtime.Tests.Files;

public sealed class FilesTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_file_is_replaced_whole_with_the_mode_of_a_secret_and_leaves_nothing_beside_it()
    {
        var path = _directory.File("agent.json");
        AtomicFile.Write(path, "old"u8);
        AtomicFile.Write(path, "new"u8);

        Assert.Equal("new", File.ReadAllText(path));
        Assert.Equal(AtomicFile.OwnerOnly, File.GetUnixFileMode(path));
        Assert.Equal([path], Directory.GetFiles(_directory.Path));
    }

    [Fact]
    public void A_leftover_of_a_killed_writer_with_a_wide_mode_is_not_reused()
    {
        var path = _directory.File("agent.json");
        File.WriteAllText(path + ".tmp", "half");
        File.SetUnixFileMode(path + ".tmp", UnixFileMode.OtherRead | UnixFileMode.UserRead | UnixFileMode.UserWrite);

        AtomicFile.Write(path, "whole"u8);

        Assert.Equal("whole", File.ReadAllText(path));
        Assert.Equal(AtomicFile.OwnerOnly, File.GetUnixFileMode(path));
    }

    [Fact]
    public void A_write_that_the_world_refuses_leaves_the_old_file()
    {
        var path = _directory.File("taken");
        Directory.CreateDirectory(path);
        File.WriteAllText(Path.Combine(path, "inside"), "old");

        Assert.ThrowsAny<Exception>(() => AtomicFile.Write(path, "new"u8));

        Assert.Equal("old", File.ReadAllText(Path.Combine(path, "inside")));
        Assert.False(File.Exists(path + ".tmp"));
    }

    [Fact]
    public void The_second_holder_of_a_lock_is_told_the_process_id_of_the_first()
    {
        var path = _directory.File("lock");
        using (FileLock.Acquire(path))
        {
            var refused = Assert.Throws<FileLockedException>(() => FileLock.Acquire(path));
            Assert.Equal(Environment.ProcessId, refused.HolderPid);
            Assert.Contains(Environment.ProcessId.ToString(), refused.Message, StringComparison.Ordinal);
        }

        using var again = FileLock.Acquire(path);
        Assert.Equal($"{Environment.ProcessId}\n", ReadUnlocked(path));
    }

    [Fact]
    public void A_missing_directory_is_made_for_the_owner_alone()
    {
        var path = _directory.File("a/b");
        OwnedDirectory.Ensure(path);
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(path));
        Assert.Empty(Directory.GetFileSystemEntries(path));
    }

    [Fact]
    public void A_file_in_the_place_of_a_directory_is_refused_with_a_sentence()
    {
        var path = _directory.File("taken");
        File.WriteAllText(path, "");
        var refused = Assert.Throws<DirectoryUnusableException>(() => OwnedDirectory.Ensure(path));
        Assert.Equal($"cannot use directory \"{path}\": it is a file; choose another path", refused.Message);
    }

    [Fact]
    public void A_directory_that_cannot_be_written_is_refused_with_a_sentence()
    {
        // /proc takes no files from anyone, root included.
        var refused = Assert.Throws<DirectoryUnusableException>(() => OwnedDirectory.Ensure("/proc/sys"));
        Assert.StartsWith(
            "cannot use directory \"/proc/sys\": it cannot be written", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_of_another_user_is_refused_with_both_user_ids()
    {
        var path = "/";
        if (NativeFile.EffectiveUser() == 0)
        {
            path = _directory.File("foreign");
            Directory.CreateDirectory(path);
            Assert.Equal(0, ChangeOwner(path, 12345, 12345));
        }

        var refused = Assert.Throws<DirectoryUnusableException>(() => OwnedDirectory.Ensure(path));
        Assert.Contains(
            $"this process runs as user {NativeFile.EffectiveUser()}", refused.Message, StringComparison.Ordinal);
    }

    [DllImport("libc", EntryPoint = "chown")]
    private static extern int ChangeOwner(string path, uint owner, uint group);

    private static string ReadUnlocked(string path)
    {
        using var handle = NativeFile.OpenOrCreate(path, AtomicFile.OwnerOnly);
        var buffer = new byte[32];
        return Encoding.ASCII.GetString(buffer, 0, RandomAccess.Read(handle, buffer, 0));
    }
}
