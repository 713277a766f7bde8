using System.Runtime.InteropServices;
using Drover.Runtime.Processes.Native;

namespace Drover.Runtime.Processes;

/// <summary>
/// Takes away orphans that came to this process and have ended, so that no zombie stays. Its thread sleeps in the
/// kernel until any child has ended, looks which, and reaps it only when nobody here owns it.
/// </summary>
internal sealed class OrphanReaper
{
    private const int FirstProcess = 1;

    // Process 1 can be given children without ever having launched one (docker exec), and nobody says when.
    private static readonly TimeSpan LookAgain =
        Environment.ProcessId == FirstProcess ? TimeSpan.FromSeconds(1) : Timeout.InfiniteTimeSpan;

    // Kept for ever: a registration that is collected gives the signal back.
    private static PosixSignalRegistration? s_claim;

    private readonly ChildTable _children;

    private OrphanReaper(ChildTable children) => _children = children;

    /// <summary>Null where the system refuses.</summary>
    internal static OrphanReaper? Start(ChildTable children)
    {
        if (Environment.ProcessId == FirstProcess)
        {
            TakeChildSignalFromRuntime();
        }
        else if (!NativeSignals.BecomeSubreaper())
        {
            return null;
        }

        var reaper = new OrphanReaper(children);
        new Thread(reaper.Run) { Name = "drover orphans", IsBackground = true }.Start();
        return reaper;
    }

    /// <summary>
    /// As process 1 the runtime's own handler of SIGCHLD, which it installs as soon as the terminal is used, reaps
    /// every child and keeps the exit codes to itself. A registration makes it believe that its handler is in place;
    /// then the default takes that place. Source: dotnet/runtime, pal_signal.c.
    /// </summary>
    private static void TakeChildSignalFromRuntime()
    {
        s_claim ??= PosixSignalRegistration.Create(PosixSignal.SIGCHLD, static _ => { });
        NativeSignals.SetDefault(NativeSignals.ChildSignal);
    }

    private void Run()
    {
        while (true)
        {
            if (NativeWait.WaitForAny(out var pid) != 0)
            {
                // No child at all.
                _children.Added.WaitOne(LookAgain);
            }
            else if (!TryReap(pid))
            {
                // Its owner has been woken too and is about to; until then it would be found again and again.
                _children.Reaped.WaitOne();
            }
        }
    }

    private bool TryReap(int pid)
    {
        lock (_children.Gate)
        {
            if (_children.Owns(pid))
            {
                return false;
            }

            _ = NativeWait.TryReap(pid, out _);
            return true;
        }
    }
}
