using Drover.Runtime.Processes;

namespace Drover.Runtime.Probing;

public abstract partial record ProbeTarget
{
    /// <summary>
    /// The process itself: alive, and the one that was started, by its identity; a zombie is dead. Ends are seen by
    /// event anyway, so it finds nothing that the supervisor does not know. Use it where a component must have a probe
    /// and has nothing better to ask, and as the first question of a dependency.
    /// </summary>
    public sealed record Process : ProbeTarget
    {
        internal static readonly ProbeType About = new(
            "process",
            "The instance's process lives and is the one that was started; a zombie is dead.",
            "Where there is nothing else to ask. Ends are seen at once without it; a process that hangs passes.");

        /// <inheritdoc/>
        public override ProbeType Type => About;

        internal override IProbe CreateProbe(ProbeServices services) => new ProcessProbe();
    }
}

/// <summary>Looks the process up by its identity; a number that was given to another process is not it.</summary>
internal sealed class ProcessProbe : IProbe
{
    public string Description => "process";

    public bool IsImmediate => true;

    public ValueTask<ProbeReport> RunAsync(ProbeSubject subject, CancellationToken cancellationToken) =>
        ValueTask.FromResult(subject.Process is { } process
            ? Judge(process)
            : ProbeReport.Error("cannot look at the process: the component is not a process that was started here"));

    private static ProbeReport Judge(ProcessIdentity process) => ProcessStat.TryRead(process.Pid) switch
    {
        null => ProbeReport.Failure($"there is no process {process.Pid} any more"),
        { } found when process.BootId != ProcessIdentity.CurrentBootId || found.StartTime != process.StartTime =>
            ProbeReport.Failure($"process {process.Pid} is another one by now; the instance's has ended"),
        { IsDead: true } => ProbeReport.Failure($"process {process.Pid} has ended and waits to be reaped (zombie)"),
        { State: 'T' or 't' } => ProbeReport.Success($"process {process.Pid} lives, but is stopped by a signal"),
        _ => ProbeReport.Success($"process {process.Pid} lives"),
    };
}
