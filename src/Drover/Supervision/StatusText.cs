using System.Globalization;
using Drover.Core.Components;
using Drover.Supervisor.Control;
using Drover.Terminal;

namespace Drover.Supervision;

/// <summary>
/// The lines of <c>drover supervisor status</c>: a block a component, made to be scanned. The symbols say what the
/// colours say, so that nothing is lost without them.
/// </summary>
internal static class StatusText
{
    private const string Title = "Drover Status:";
    private const string Rule = "─────────────────────────────────────";
    private const string Good = "✓";
    private const string Busy = "↻";
    private const string Bad = "✗";
    private const string Failed = "✗✗";
    private const string Resting = "○";
    private const string Unknown = "?";

    // The labels of a block stand in one column, which is never narrower than this.
    private const string UsualLabel = "Restarts:";

    public static IEnumerable<string> Lines(SupervisorStatus status, DateTimeOffset now, bool verbose, Paint paint)
    {
        yield return paint.Apply(Tone.Strong, Title);
        yield return paint.Apply(Tone.Dim, Rule);
        var isFirst = true;
        foreach (var component in status.Components)
        {
            if (!isFirst)
            {
                yield return "";
            }

            isFirst = false;
            foreach (var line in Block(component, now, verbose, paint))
            {
                yield return line;
            }
        }

        if (status.Components.Count == 0)
        {
            yield return "no components: drover.yaml has none under supervisor.components";
        }
    }

    /// <summary>What one component does, for the answer to an order.</summary>
    public static string InOneLine(ComponentStatus component)
    {
        var trouble = component.State is ComponentState.Running || component.LastError is not { } error
            ? ""
            : $": {Paint.OneLine(error)}";
        return $"{State(component).Text}{(component.Pid is { } pid ? $" (PID {pid})" : "")}{trouble}";
    }

    /// <summary>How long something has been going on, in its two largest units: <c>2h 15m</c>.</summary>
    internal static string Span(TimeSpan span)
    {
        var (large, largeUnit, small, smallUnit) = span switch
        {
            _ when span < TimeSpan.FromMinutes(1) => (0, "", Math.Max(0, (int)span.TotalSeconds), "s"),
            _ when span < TimeSpan.FromHours(1) => (span.Minutes, "m", span.Seconds, "s"),
            _ when span < TimeSpan.FromDays(1) => (span.Hours, "h", span.Minutes, "m"),
            _ => ((int)span.TotalDays, "d", span.Hours, "h"),
        };
        return largeUnit.Length == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{small}{smallUnit}")
            : string.Create(CultureInfo.InvariantCulture, $"{large}{largeUnit} {small}{smallUnit}");
    }

    private static IEnumerable<string> Block(
        ComponentStatus component, DateTimeOffset now, bool verbose, Paint paint)
    {
        yield return paint.Apply(Tone.Strong, $"{Paint.OneLine(component.DisplayName)}:");
        var rows = Rows(component, now).ToList();
        var width = rows.Select(row => row.Label.Length).Append(UsualLabel.Length).Max();
        foreach (var (label, text, tone) in rows)
        {
            yield return $"  {label.PadRight(width)} {paint.Apply(tone, Paint.OneLine(text))}";
        }

        if (verbose && component.Probes.Count > 0)
        {
            yield return "  Probes:";
            foreach (var line in Probes(component, now).Lines(paint, null))
            {
                yield return $"    {line}";
            }
        }
    }

    private static IEnumerable<(string Label, string Text, Tone Tone)> Rows(
        ComponentStatus component, DateTimeOffset now)
    {
        var isExternal = component.Kind is ComponentKind.External;
        var (state, tone) = State(component);
        yield return ("Status:", state, tone);
        if (!isExternal)
        {
            var (health, healthTone) = Health(component.Health);
            yield return ("Health:", health, healthTone);
        }

        if (component.Pid is { } pid)
        {
            yield return ("PID:", pid.ToString(CultureInfo.InvariantCulture), Tone.Plain);
        }

        if (component.Container is { } container)
        {
            yield return ("Container:", container, Tone.Plain);
        }

        if (component.Address is { } address)
        {
            yield return ("Address:", address, Tone.Plain);
        }

        if (!isExternal && component.StartedAt is { } startedAt)
        {
            yield return ("Uptime:", Span(now - startedAt), Tone.Plain);
        }

        if (!isExternal)
        {
            yield return ("Restarts:", component.Restarts.ToString(CultureInfo.InvariantCulture), Tone.Plain);
        }

        foreach (var row in Troubles(component, now))
        {
            yield return row;
        }
    }

    private static IEnumerable<(string Label, string Text, Tone Tone)> Troubles(
        ComponentStatus component, DateTimeOffset now)
    {
        if (component.LastRestartAt is { } restartedAt)
        {
            var cause = component.LastCause is { } known ? $" ({known.Message})" : "";
            yield return ("Last restart:", $"{Span(now - restartedAt)} ago{cause}", Tone.Plain);
        }

        if (component.LastError is { } error)
        {
            yield return ("Last error:", error, Tone.Bad);
        }

        if (component.NextStartAt is { } nextStart)
        {
            yield return ("Next start:", nextStart > now ? $"in {Span(nextStart - now)}" : "now", Tone.Warning);
        }

        if (component.WaitsFor.Count > 0)
        {
            yield return ("Waits for:", string.Join(", ", component.WaitsFor), Tone.Warning);
        }

        if (component.RestartPending)
        {
            yield return ("Changed:", "drover.yaml says something else; a restart takes it up", Tone.Warning);
        }
    }

    private static (string Text, Tone Tone) State(ComponentStatus component) => component.State switch
    {
        // It runs and nobody looks.
        ComponentState.Running when component.Health is ComponentHealth.Unknown => ($"{Unknown} Running", Tone.Warning),
        ComponentState.Running => ($"{Good} Running", Tone.Good),
        ComponentState.Starting => ($"{Busy} Starting", Tone.Warning),
        ComponentState.Backoff => ($"{Busy} Backoff", Tone.Warning),
        ComponentState.Stopping => ($"{Busy} Stopping", Tone.Warning),
        ComponentState.Unhealthy => ($"{Bad} Unhealthy", Tone.Bad),
        ComponentState.Failed => ($"{Failed} Failed", Tone.Bad),
        ComponentState.Stopped when component.LastCause is { Word: "exit", Message: "exited with code 0" } =>
            ($"{Resting} Completed", Tone.Dim),
        ComponentState.Stopped => ($"{Resting} Stopped", Tone.Dim),
    };

    private static (string Text, Tone Tone) Health(ComponentHealth health) => health switch
    {
        ComponentHealth.Healthy => ($"{Good} Healthy", Tone.Good),
        ComponentHealth.Unhealthy => ($"{Bad} Unhealthy", Tone.Bad),
        ComponentHealth.Starting => ($"{Busy} Starting", Tone.Warning),
        ComponentHealth.Stopped => ($"{Resting} Stopped", Tone.Dim),
        ComponentHealth.Unknown => ($"{Unknown} Unknown", Tone.Warning),
    };

    private static Table Probes(ComponentStatus component, DateTimeOffset now)
    {
        var table = new Table("PROBE", "ASKS", "RESULT", "LAST RUN", "IN A ROW", "LATENCY", "NEXT RUN", "SAID");
        foreach (var probe in component.Probes)
        {
            table.Add(
                Word(probe.Kind),
                probe.Target,
                new(Word(probe.Result), ToneOf(probe.Result)),
                LastRun(probe, now),
                probe.LastOutcome is null ? "-" : probe.InARow.ToString(CultureInfo.InvariantCulture),
                probe.LatencyMs is { } latency
                    ? string.Create(CultureInfo.InvariantCulture, $"{latency:0.0} ms")
                    : "-",
                NextRun(probe, now),
                probe.Message.Length == 0 ? "-" : probe.Message);
        }

        return table;
    }

    private static string LastRun(ProbeStatus probe, DateTimeOffset now) =>
        (probe.LastOutcome, probe.LastRunAt) switch
        {
            (null, null) => "-",
            (null, { } at) => $"error {Span(now - at)} ago",
            ({ } outcome, null) => Word(outcome),
            ({ } outcome, { } at) => $"{Word(outcome)} {Span(now - at)} ago",
        };

    private static string NextRun(ProbeStatus probe, DateTimeOffset now) => probe switch
    {
        { OnHold: true } => "on hold",
        { NextRunAt: { } at } => at > now ? $"in {Span(at - now)}" : "now",
        _ => "-",
    };

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static Tone ToneOf(Core.Health.ProbeResult result) => result switch
    {
        Core.Health.ProbeResult.Success => Tone.Good,
        Core.Health.ProbeResult.Failure => Tone.Bad,
        Core.Health.ProbeResult.Unknown => Tone.Warning,
    };
}
