using Drover.Core.Components;
using Drover.Runtime.Processes;

namespace Drover.Supervisor.Components;

/// <summary>From how a process ended to why.</summary>
internal static class ExitCauses
{
    /// <summary>Lines in which a loader's last words are looked for.</summary>
    private const int Lines = 8;

    /// <summary>
    /// The cause. A loader's refusal looks like an exit with a code and only its words tell, so the end of the log is
    /// read for such codes, and for no other: this lies on the way from an exit to the next launch.
    /// </summary>
    internal static EndCause Of(ProcessExit exit, IInstanceLog output) => exit switch
    {
        { OutOfMemory: true } => new EndCause.OutOfMemory(),
        ProcessExit.Code { Value: not 0 } code => OfCode(code, output),
        ProcessExit.Code code => new EndCause.Exit(code.Value),
        ProcessExit.BySignal signal => new EndCause.Signal(signal.Name, signal.CoreDumped),
        _ => new EndCause.Unknown(),
    };

    private static EndCause OfCode(ProcessExit.Code code, IInstanceLog output) =>
        code.Value is 1 or 127
            && LoaderErrors.Find(code, output.LastLines(output.Extent, Lines)) is { } words
            ? new EndCause.LoaderError(words)
            : new EndCause.Exit(code.Value);
}
