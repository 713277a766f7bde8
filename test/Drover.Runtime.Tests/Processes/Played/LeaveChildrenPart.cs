using Drover.Runtime.Processes;

namespace Drover.Runtime.Tests.Processes.Played;

/// <summary>
/// A supervisor that is killed with a child running: starts one, says who it is, and waits to be killed.
/// </summary>
internal static class LeaveChildrenPart
{
    internal const string Trigger = "end-now";

    internal static async Task<IReadOnlyList<string>> RunAsync()
    {
        using var waiter = new ProcessWaiter(TimeProvider.System);
        var directory = Environment.CurrentDirectory;
        var wait = $"while [ ! -e {directory}/{Trigger} ]; do sleep 0.02; done; . {directory}/{Trigger}";
        var spec = ProcessBench.Spec("sh", "-c", wait) with { Marker = "left/behind/1" };
        var started = (LaunchOutcome.Started)new ProcessLauncher(waiter).Launch(spec);
        var who = started.Process.Identity;
        Console.Out.WriteLine($"identity {who.BootId} {who.Pid} {who.StartTime} {who.Inode}");
        await Task.Delay(Timeout.Infinite);
        return [];
    }
}
