using System.Globalization;

namespace Drover.Supervisor.Tests.Daemon;

/// <summary>
/// A process that no SIGKILL ends until it is thawed, as one that waits in the kernel for a disk. Source: the kernel's
/// cgroup-v1/freezer-subsystem.rst.
/// </summary>
internal sealed class FrozenProcess : IDisposable
{
    private const string Freezer = "/sys/fs/cgroup/freezer";

    private readonly string _group = Path.Combine(
        Freezer, "drover-test-" + Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture));

    internal FrozenProcess(int pid)
    {
        if (!Directory.Exists(Freezer))
        {
            throw new InvalidOperationException(
                $"cannot freeze a process: mount it with: mount -t cgroup -o freezer cgroup {Freezer}");
        }

        Directory.CreateDirectory(_group);
        File.WriteAllText(Path.Combine(_group, "cgroup.procs"), pid.ToString(CultureInfo.InvariantCulture));
        Become("FROZEN");
    }

    internal void Thaw() => Become("THAWED");

    public void Dispose()
    {
        Thaw();
        var deadline = DateTime.UtcNow + TimeSpan.FromSeconds(5);
        while (File.ReadAllText(Path.Combine(_group, "cgroup.procs")).Length > 0 && DateTime.UtcNow < deadline)
        {
            Thread.Yield();
        }

        try
        {
            Directory.Delete(_group);
        }
        catch (IOException)
        {
            // Somebody of it lives, because the test failed; the machine keeps an empty name.
        }
    }

    private void Become(string state)
    {
        var path = Path.Combine(_group, "freezer.state");
        File.WriteAllText(path, state);
        var deadline = DateTime.UtcNow + TimeSpan.FromSeconds(5);
        while (File.ReadAllText(path).Trim() != state && DateTime.UtcNow < deadline)
        {
            Thread.Yield();
        }
    }
}
