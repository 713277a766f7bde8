using System.Globalization;
using System.Runtime.InteropServices;
using Drover.Runtime.Processes;

namespace Drover.Runtime.Tests.Processes.Played;

/// <summary>A process that reaps: every exit code reaches its owner, no zombie stays, escapees are found.</summary>
internal static class ReaperPart
{
    private const int Rounds = 30;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    internal static async Task<IReadOnlyList<string>> RunAsync(bool useConsole)
    {
        var faults = new List<string>();
        using var waiter = new ProcessWaiter(TimeProvider.System);
        if (!waiter.BecomeReaper())
        {
            return ["could not become a reaper"];
        }

        if (useConsole)
        {
            UseTerminal();
            if (CatchesChildSignal())
            {
                faults.Add("the runtime handles the end of children");
            }
        }

        var launcher = new ProcessLauncher(waiter);
        await OrphansAndExitCodesAsync(launcher, waiter, faults);
        await EscapeeAsync(launcher, waiter, faults);
        await NothingLeftAsync(launcher, faults);
        return faults;
    }

    /// <summary>
    /// From here on the runtime would handle SIGCHLD, which as process 1 it does by reaping everything.
    /// </summary>
    private static void UseTerminal()
    {
        _ = Console.In.Peek();
        PosixSignalRegistration.Create(PosixSignal.SIGCHLD, _ => { });
    }

    private static bool CatchesChildSignal()
    {
        const int Bit = 1 << 16;
        var mask = File.ReadLines("/proc/self/status")
            .First(line => line.StartsWith("SigCgt", StringComparison.Ordinal));
        return (ulong.Parse(mask.Split('\t')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture) & Bit) != 0;
    }

    private static async Task OrphansAndExitCodesAsync(
        ProcessLauncher launcher, ProcessWaiter waiter, List<string> faults)
    {
        // Each leaves an orphan that ends at once, one that ends after it, and a code of its own.
        var processes = Enumerable.Range(1, Rounds)
            .Select(code => Start(launcher, $"(sh -c 'sleep 0.1; exit 99' & exit 98); (sleep 0.3 &); exit {code}"))
            .ToList();
        for (var index = 0; index < processes.Count; index++)
        {
            var exit = await processes[index].Exit.WaitAsync(Patience);
            if (exit != new ProcessExit.Code(index + 1))
            {
                faults.Add($"instance {index + 1} ended as {exit}");
            }
        }

        if (!await WithinAsync(() => waiter.Children.IsEmpty && waiter.Children.Orphans() is []))
        {
            faults.Add($"not reaped: {string.Join(' ', waiter.Children.Orphans() ?? [])}");
        }

        processes.ForEach(process => process.Dispose());
    }

    private static async Task EscapeeAsync(ProcessLauncher launcher, ProcessWaiter waiter, List<string> faults)
    {
        // Twice forked, a session of its own, and its leader gone; beside it another instance that must live.
        using var bystander = Start(launcher, "(setsid sleep 1000 &) ; sleep 1000");
        using var process = Start(launcher, "(setsid sh -c 'sleep 1000 & sleep 1000' &) ; sleep 0.2");
        await process.Exit.WaitAsync(Patience);
        if (!process.AnythingLeft())
        {
            faults.Add("the escapee was not seen");
        }

        var survivors = await process.KillEverythingAsync(Patience, CancellationToken.None);
        if (survivors.Count > 0 || process.AnythingLeft())
        {
            faults.Add($"left: {string.Join(' ', survivors)}");
        }

        var others = waiter.Children.Orphans()!.Count(pid => ProcessStat.TryRead(pid) is { IsDead: false });
        if (bystander.Exit.IsCompleted || others != 1)
        {
            faults.Add($"the bystander was touched, {others} of its orphans live");
        }

        await bystander.KillEverythingAsync(Patience, CancellationToken.None);
        if (!await WithinAsync(() => waiter.Children.Orphans() is []))
        {
            faults.Add("the bystander's orphan was not ended");
        }
    }

    private static async Task NothingLeftAsync(ProcessLauncher launcher, List<string> faults)
    {
        using var process = Start(launcher, "exit 0");
        await process.Exit.WaitAsync(Patience);
        if (process.AnythingLeft())
        {
            faults.Add("something was left of a program that left nothing");
        }
    }

    private static ISupervisedProcess Start(ProcessLauncher launcher, string lines)
    {
        var spec = ProcessBench.Spec("sh", "-c", lines) with { Marker = $"played/{Guid.NewGuid():N}" };
        return launcher.Launch(spec) is LaunchOutcome.Started { Process: var process }
            ? process
            : throw new InvalidOperationException("sh did not start");
    }

    private static async Task<bool> WithinAsync(Func<bool> condition)
    {
        for (var round = 0; round < 500; round++)
        {
            if (condition())
            {
                return true;
            }

            await Task.Delay(10);
        }

        return false;
    }
}
