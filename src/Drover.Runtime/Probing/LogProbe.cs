using System.Text.RegularExpressions;

namespace Drover.Runtime.Probing;

public abstract partial record ProbeTarget
{
    /// <summary>
    /// The component's own log: a line that matches <see cref="Fatal"/> fails it for the rest of the instance; with
    /// <see cref="Ready"/> it fails until a line has matched that. Use it for programs that say what became of them and
    /// live on: a worker whose loop died of a traceback, a server that says that it listens.
    /// </summary>
    public sealed record Log : ProbeTarget
    {
        internal static readonly ProbeType About = new(
            "log",
            "No line of the instance's log has matched `fatal`, and one has matched `ready` where that is given. Lines "
            + "are matched up to 16 KiB; regular expressions without backreferences and look-around.",
            "For programs that say that they are broken and live on, such as a worker after a traceback (fatal, for "
            + "liveness), or that say when they can serve (ready, for startup and readiness).");

        /// <summary>A line that matches ends hope; null for none.</summary>
        public string? Fatal { get; init; }

        /// <summary>A line that matches shows that the instance serves; null for none.</summary>
        public string? Ready { get; init; }

        /// <inheritdoc/>
        public override ProbeType Type => About;

        internal override IProbe CreateProbe(ProbeServices services) => new LogProbe(this, services.NeedLog());

        private protected override string? FaultOfValues() => (Fatal, Ready) switch
        {
            (null, null) => "log takes a fatal or a ready pattern",
            _ => LinePattern.Fault("fatal", Fatal) ?? LinePattern.Fault("ready", Ready),
        };
    }
}

/// <summary>
/// Reads what the log gained since its last run and remembers what it found for as long as the instance lives. Patterns
/// are matched in time linear to the line, so that no line can hang the supervisor.
/// </summary>
internal sealed class LogProbe(ProbeTarget.Log target, ILogTap log) : IProbe
{
    private const int MostBytes = 4 * 1024 * 1024;
    private const int MostLineLength = 16 * 1024;

    private readonly Regex? _fatal = target.Fatal is { } fatal ? LinePattern.Compile(fatal) : null;
    private readonly Regex? _ready = target.Ready is { } ready ? LinePattern.Compile(ready) : null;
    private Finding _found = new(Instance: 0);

    public string Description => (target.Fatal, target.Ready) switch
    {
        ({ } fatal, null) => $"log without {Quote(fatal)}",
        (null, { } ready) => $"log with {Quote(ready)}",
        var (fatal, ready) => $"log with {Quote(ready!)} and without {Quote(fatal!)}",
    };

    public async ValueTask<ProbeReport> RunAsync(ProbeSubject subject, CancellationToken cancellationToken)
    {
        if (_found.Instance != subject.Instance)
        {
            _found = new Finding(subject.Instance);
        }

        // A fatal line is the last word: what follows it is not read any more.
        if (_found.FatalLine is null)
        {
            await ReadOnAsync(cancellationToken);
        }

        return Judge();
    }

    private async Task ReadOnAsync(CancellationToken cancellationToken)
    {
        var found = _found;
        var read = await log.ReadAsync(found.Instance, found.Position, MostBytes, cancellationToken);
        found = found with { Position = read.Position, SkippedBytes = found.SkippedBytes + read.SkippedBytes };
        foreach (var line in read.Lines)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var looked = line.AsSpan(0, Math.Min(line.Length, MostLineLength));
            if (_fatal is not null && _fatal.IsMatch(looked))
            {
                found = found with { FatalLine = ForeignText.OneLine(line) };
                break;
            }

            if (found.ReadyLine is null && _ready is not null && _ready.IsMatch(looked))
            {
                found = found with { ReadyLine = ForeignText.OneLine(line) };
            }
        }

        // Only now, as a whole: a run that is cut off reads the same lines again.
        _found = found;
    }

    private ProbeReport Judge()
    {
        var gap = _found.SkippedBytes == 0
            ? ""
            : $" ({_found.SkippedBytes / 1024} KiB of the log came too fast to be read)";
        return (_found.FatalLine, _found.ReadyLine) switch
        {
            ({ } fatal, _) => ProbeReport.Failure($"the log has a line that matches {Quote(target.Fatal!)}: {fatal}"),
            (null, { } ready) => ProbeReport.Success($"the log says: {ready}"),
            _ when _ready is null => ProbeReport.Success($"no line of the log matches {Quote(target.Fatal!)}{gap}"),
            _ => ProbeReport.Failure($"no line of the log has matched {Quote(target.Ready!)} yet{gap}"),
        };
    }

    private static string Quote(string pattern) => $"/{ForeignText.OneLine(pattern)}/";

    /// <summary>What is known of an instance's log.</summary>
    private sealed record Finding(
        long Instance,
        long? Position = null,
        string? FatalLine = null,
        string? ReadyLine = null,
        long SkippedBytes = 0);
}
