using System.Text;
using Drover.Runtime.Processes.Native;

namespace Drover.Runtime.Processes;

/// <summary>
/// Which process: a number alone may be another one's tomorrow. Two identities mean the same process when all parts are
/// equal; a part that is not known (an inode of 0) is left out.
/// </summary>
/// <param name="BootId">Of the kernel's run; the next boot has another. Source: random(4).</param>
/// <param name="Pid">Its number, which is also that of its session and of its group.</param>
/// <param name="StartTime">When it was started, in clock ticks since boot. Source: proc_pid_stat(5), field 22.</param>
/// <param name="Inode">Of its process descriptor, unique within a boot; 0 before Linux 6.9.</param>
public sealed record ProcessIdentity(string BootId, int Pid, ulong StartTime, ulong Inode)
{
    private static readonly Lazy<string> PresentBoot = new(ReadBootId);

    /// <summary>The boot that this process lives in.</summary>
    public static string CurrentBootId => PresentBoot.Value;

    /// <summary>Who has this number now; null when nobody has.</summary>
    public static ProcessIdentity? TryRead(int pid)
    {
        using var handle = PidHandle.TryOpen(pid, out _);
        return handle is not null && ProcessStat.TryRead(pid) is { } stat && !handle.HasEnded
            ? new ProcessIdentity(CurrentBootId, pid, stat.StartTime, handle.Inode)
            : null;
    }

    /// <summary>True when this very process runs; a zombie does not.</summary>
    public bool IsAlive()
    {
        if (BootId != CurrentBootId)
        {
            return false;
        }

        using var handle = PidHandle.TryOpen(Pid, out _);
        return handle is not null && Difference(handle) is null && !handle.HasEnded;
    }

    /// <summary>
    /// How the process behind a descriptor differs from this one; null when it is the same. The descriptor is opened
    /// first and read of after, so that what is compared cannot change under us.
    /// </summary>
    internal string? Difference(PidHandle handle) => Difference(ProcessStat.TryRead(Pid)?.StartTime, handle.Inode);

    /// <summary>
    /// How the process that has this number now differs from this one; null when it is the same. Pure.
    /// </summary>
    /// <param name="startTime">When it was started; null when that cannot be told.</param>
    /// <param name="inode">Of its descriptor; 0 when that cannot be told.</param>
    internal string? Difference(ulong? startTime, ulong inode) =>
        startTime is { } known && known != StartTime
            ? $"process {Pid} is another one, which was started at another time"
            : Inode != 0 && inode != 0 && inode != Inode
                ? $"process {Pid} is another one with another descriptor"
                : null;

    private static string ReadBootId()
    {
        Span<byte> buffer = stackalloc byte[64];
        var length = NativeFiles.Read("/proc/sys/kernel/random/boot_id", buffer);
        return length > 0
            ? Encoding.ASCII.GetString(buffer[..length]).Trim()
            : throw new IOException("cannot tell this boot from the next: there is no /proc/sys/kernel/random/boot_id");
    }
}
