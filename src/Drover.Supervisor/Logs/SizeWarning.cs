namespace Drover.Supervisor.Logs;

/// <summary>Tells of a log that cannot be rotated: when it is beyond its bound, and each time it has doubled
/// since.</summary>
internal sealed class SizeWarning(string component, Action<LogNotice> tell)
{
    private long _told;

    /// <summary>Looks at how large it is.</summary>
    public void Look(long bytes, LogPolicy policy)
    {
        if (bytes >= Math.Max(policy.MaxUnrotatedBytes, _told * 2))
        {
            _told = bytes;
            tell(new LogNotice.TooLarge(
                component,
                bytes,
                $"the log of \"{component}\" has grown to {bytes >> 20} MiB and cannot be rotated on this file system; "
                    + "stop the component and delete the file, or put the data directory on ext4, xfs, btrfs or "
                    + "tmpfs"));
        }
    }
}
