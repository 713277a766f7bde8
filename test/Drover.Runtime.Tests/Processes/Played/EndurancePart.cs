using Drover.Runtime.Processes;

namespace Drover.Runtime.Tests.Processes.Played;

/// <summary>Launches again and again, and looks at what has grown.</summary>
internal static class EndurancePart
{
    private const int WarmUp = 200;
    private const int Most = 8;
    private const long MostGrowth = 12 * 1024 * 1024;

    internal static async Task<IReadOnlyList<string>> RunAsync(int launches)
    {
        var faults = new List<string>();
        using var waiter = new ProcessWaiter(TimeProvider.System);
        waiter.BecomeReaper();
        var launcher = new ProcessLauncher(waiter);
        await LaunchAsync(launcher, WarmUp, faults);
        var before = Measure();

        await LaunchAsync(launcher, launches, faults);

        var after = Measure();
        if (after.Descriptors > before.Descriptors + Most)
        {
            faults.Add($"descriptors grew from {before.Descriptors} to {after.Descriptors}");
        }

        if (after.Memory > before.Memory + MostGrowth)
        {
            faults.Add($"memory grew from {before.Memory} to {after.Memory} bytes");
        }

        if (!waiter.Children.IsEmpty || waiter.Children.Orphans() is not [])
        {
            faults.Add($"not reaped: {string.Join(' ', waiter.Children.Orphans() ?? [])}");
        }

        return faults;
    }

    /// <summary>Every other one leaves an orphan that ends before it.</summary>
    private static async Task LaunchAsync(ProcessLauncher launcher, int launches, List<string> faults)
    {
        for (var number = 0; number < launches; number++)
        {
            var spec = number % 2 == 0
                ? ProcessBench.Spec("/bin/true")
                : ProcessBench.Spec("/bin/sh", "-c", "(/bin/true &)");
            var started = (LaunchOutcome.Started)launcher.Launch(spec with { Marker = $"endurance/{number}" });
            var exit = await started.Process.Exit;
            var survivors = await started.Process.KillEverythingAsync(TimeSpan.FromSeconds(10), default);
            started.Process.Dispose();
            if (exit != new ProcessExit.Code(0) || survivors.Count > 0)
            {
                faults.Add($"launch {number}: {exit}, {survivors.Count} left");
            }
        }
    }

    private static (int Descriptors, long Memory) Measure()
    {
        // Twice, with finalizers in between; memory that is free is given back, so that only what is held is counted.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return (Directory.GetFileSystemEntries("/proc/self/fd").Length, Environment.WorkingSet);
    }
}
