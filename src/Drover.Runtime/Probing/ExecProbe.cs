using System.Collections.ObjectModel;
using System.Globalization;
using Drover.Runtime.Processes;

namespace Drover.Runtime.Probing;

public abstract partial record ProbeTarget
{
    /// <summary>
    /// A command ends with exit code 0. Use it where only a program of the component's own can tell how it is; it costs
    /// a process each time. For a container it is run inside.
    /// </summary>
    /// <param name="Command">Program and arguments; no shell is added.</param>
    public sealed record Exec(IReadOnlyList<string> Command) : ProbeTarget
    {
        internal static readonly ProbeType About = new(
            "exec",
            "The command ends with exit code 0 within the timeout; at the timeout it is killed with all that it "
            + "started. For a container it is run inside. A command that cannot be started counts for nothing.",
            "Where only a program of the component's own can tell how it is (pg_isready, redis-cli ping). It costs a "
            + "process a run; where a port answers the same question, ask the port.");

        /// <summary>All of it; for a process.</summary>
        public IReadOnlyDictionary<string, string> Environment { get; init; } =
            ReadOnlyDictionary<string, string>.Empty;

        /// <summary>Absolute; for a process.</summary>
        public string WorkingDirectory { get; init; } = "/";

        /// <summary>Who runs it; null as the supervisor, in a container as its user.</summary>
        public string? User { get; init; }

        /// <inheritdoc/>
        public override ProbeType Type => About;

        internal override IProbe CreateProbe(ProbeServices services) => new ExecProbe(this, services);

        private protected override string? FaultOfValues() =>
            Command is [{ Length: > 0 }, ..] ? null : "command takes a program and its arguments, such as [pg_isready]";
    }
}

/// <summary>
/// Runs a command once a run, in a session of its own, and ends whatever of it is left afterwards. A run whose command
/// could not be ended is answered by failures until it has gone: no second one is put beside it.
/// </summary>
internal sealed class ExecProbe(ProbeTarget.Exec target, ProbeServices services) : IProbe
{
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(5);

    private readonly ContainerCommand _inContainer = new(target, services);
    private int _running;
    private Survivor? _survivor;

    public string Description => $"exec {ForeignText.OneLine(target.Command[0])}";

    public async ValueTask<ProbeReport> RunAsync(ProbeSubject subject, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _running, 1) == 1)
        {
            return ProbeReport.Failure("the command of an earlier run has not ended yet");
        }

        try
        {
            if (subject.ContainerId is { } container)
            {
                return await _inContainer.RunAsync(container, cancellationToken);
            }

            return StillThere() is { } survivor
                ? ProbeReport.Failure(
                    $"the command of an earlier run cannot be ended: process {survivor.Pid} "
                    + $"(\"{survivor.Command}\", state {survivor.State}): {survivor.Why}")
                : await LaunchAsync(cancellationToken);
        }
        finally
        {
            Volatile.Write(ref _running, 0);
        }
    }

    private async Task<ProbeReport> LaunchAsync(CancellationToken cancellationToken)
    {
        using var output = new CommandOutput();
        var launched = services.NeedLauncher().Launch(new LaunchSpec
        {
            Executable = target.Command[0],
            Arguments = [.. target.Command.Skip(1)],
            Environment = target.Environment,
            WorkingDirectory = target.WorkingDirectory,
            User = target.User,
            Marker = $"probe-{Guid.NewGuid():N}",
            Output = output.WriteEnd,
        });
        output.Begin();
        if (launched is not LaunchOutcome.Started(var process))
        {
            return ProbeReport.Error(((LaunchOutcome.Failed)launched).Sentence);
        }

        using (process)
        {
            ProcessExit exit;
            try
            {
                exit = await process.Exit.WaitAsync(cancellationToken);
            }
            finally
            {
                // Not bound to the timeout: what has to be killed is killed after it too.
                var survivors = await process.KillEverythingAsync(EndPatience, CancellationToken.None);
                _survivor = survivors is [var first, ..] ? first : null;
            }

            return Judge(exit, await output.LastWordsAsync(services.Time, cancellationToken));
        }
    }

    private Survivor? StillThere() =>
        _survivor is { } survivor
        && ProcessStat.TryRead(survivor.Pid) is { IsDead: false } found
        && found.Command == survivor.Command
            ? survivor
            : null;

    private static ProbeReport Judge(ProcessExit exit, string words)
    {
        var says = words.Length == 0 ? "" : $": {words}";
        return exit switch
        {
            ProcessExit.Code { Value: 0 } => ProbeReport.Success($"exit code 0{says}"),
            ProcessExit.Code code => ProbeReport.Failure(
                string.Create(CultureInfo.InvariantCulture, $"exit code {code.Value}{says}")),
            ProcessExit.BySignal signal => ProbeReport.Failure($"the command was ended by {signal.Name}{says}"),
            _ => ProbeReport.Error("cannot tell how the command ended"),
        };
    }
}
