namespace Drover.Supervisor.Logs;

/// <summary>
/// Tells when the disk of the logs is full and when it has room again. The component itself is told by its own write
/// that fails; this tells the person.
/// </summary>
internal sealed class DiskWatch(LogDirectory directory, TimeProvider time, Action<LogNotice> tell)
{
    /// <summary>Less than this is full.</summary>
    public const long FullBelow = 64 << 10;

    /// <summary>So much has to be free again.</summary>
    public const long FreeFrom = 1 << 20;

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    private DateTimeOffset _next;
    private bool _isFull;

    /// <summary>Looks when it is time to.</summary>
    public void Pass()
    {
        var now = time.GetUtcNow();
        if (now < _next && _next - now <= Every)
        {
            return;
        }

        _next = now + Every;
        if (!Directory.Exists(directory.Path))
        {
            return;
        }

        // A file system that does not count its room (ramfs) says that it has none at all.
        var disk = new DriveInfo(directory.Path);
        var free = disk.TotalSize > 0 ? disk.AvailableFreeSpace : long.MaxValue;
        if (!_isFull && free < FullBelow)
        {
            _isFull = true;
            tell(new LogNotice.DiskFull(
                $"the disk of \"{directory.Path}\" is full: components lose what they log; make room on it"));
        }
        else if (_isFull && free >= FreeFrom)
        {
            _isFull = false;
            tell(new LogNotice.DiskFree($"the disk of \"{directory.Path}\" has room again"));
        }
    }
}
