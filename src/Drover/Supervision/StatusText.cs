using System.Globalization;
using Drover.Core.Components;
using Drover.Core.Health;
using Drover.Supervisor.Control;
using Drover.Terminal;

namespace Drover.Supervision;

/// <summary>
/// The lines of <c>drover supervisor status</c>: a block a component, made to be scanned, and at the foot what is not
/// well. The symbols say what the colours say, so that nothing is lost without them.
/// </summary>
internal static class StatusText
{
    private const string Title = "Drover Status:";
    private const string Rule = "─────────────────────────────────────";

    // The labels of a block stand in one column, which is never narrower than this.
    private const string UsualLabel = "Restarts:";

    public static IEnumerable<string> Lines(SupervisorStatus status, DateTimeOffset now, bool verbose, Paint paint)
    {
        yield return paint.Apply(Tone.Strong, Title);
        yield return paint.Apply(Tone.Dim, Rule);
        foreach (var warning in Warnings(status, paint))
        {
            yield return warning;
        }

        if (status.Warnings.Count > 0)
        {
            yield return "";
        }

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

        if (verbose && status.Server is { } server)
        {
            yield return "";
            yield return paint.Apply(Tone.Strong, "Events to a server:");
            yield return $"  {"Address:".PadRight(UsualLabel.Length)} {Paint.OneLine(server.Server ?? "-")}";
            var (text, tone) = Link(server);
            yield return $"  {"Link:".PadRight(UsualLabel.Length)} {paint.Apply(tone, Paint.OneLine(text))}";
        }

        var unwell = status.Components.Where(StateWords.IsUnwell).Select(one => one.Name).ToList();
        if (unwell.Count > 0)
        {
            yield return "";
            yield return paint.Apply(
                Tone.Bad, $"{StateWords.Bad} {unwell.Count} of {status.Components.Count} not well: "
                    + string.Join(", ", unwell));
        }
    }

    /// <summary>What is wrong with the supervisor's own work, a line each.</summary>
    internal static IEnumerable<string> Warnings(SupervisorStatus status, Paint paint) =>
        status.Warnings.Select(warning => $"{paint.Apply(Tone.Warning, "Warning:")} {Paint.OneLine(warning)}");

    private static (string Text, Tone Tone) Link(ServerLinkStatus server)
    {
        var waiting = string.Create(CultureInfo.InvariantCulture, $"{server.EventsWaiting} wait");
        return server.Failure is { } failure
            ? ($"{StateWords.Bad} {waiting}: {failure}", Tone.Bad)
            : ($"{StateWords.Good} They arrive{(server.EventsWaiting > 0 ? $", {waiting}" : "")}", Tone.Good);
    }

    /// <summary>What one component does, for the answer to an order.</summary>
    public static string InOneLine(ComponentStatus component)
    {
        var isInDoubt = component.Health is ComponentHealth.Unhealthy or ComponentHealth.Unknown;
        var trouble = isInDoubt && component.LastError is { } error ? $": {Paint.OneLine(error)}" : "";
        var waits = component.WaitsFor.Count > 0 ? $" for {string.Join(", ", component.WaitsFor)}" : "";
        return $"{StateWords.State(component).Text}{waits}{(component.Pid is { } pid ? $" (PID {pid})" : "")}{trouble}";
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

    /// <summary>How long it is until something happens; never zero before it does.</summary>
    internal static string Until(DateTimeOffset at, DateTimeOffset now) =>
        at > now ? $"in {Span(TimeSpan.FromSeconds(Math.Ceiling((at - now).TotalSeconds)))}" : "now";

    private static IEnumerable<string> Block(
        ComponentStatus component, DateTimeOffset now, bool verbose, Paint paint)
    {
        yield return paint.Apply(Tone.Strong, $"{Paint.OneLine(component.DisplayName)}:");
        var rows = Rows(component, now).ToList();
        if (verbose)
        {
            // What verbs call it.
            rows.Insert(0, ("Name:", component.Name, Tone.Plain));
        }

        var width = rows.Select(row => row.Label.Length).Append(UsualLabel.Length).Max();
        foreach (var (label, text, tone) in rows)
        {
            yield return $"  {label.PadRight(width)} {paint.Apply(tone, Paint.OneLine(text))}";
        }

        if (verbose && component.Probes.Count > 0)
        {
            yield return "  Probes:";
            foreach (var line in ProbeTable.Of(component, now).Lines(paint, null))
            {
                yield return $"    {line}";
            }
        }
    }

    private static IEnumerable<(string Label, string Text, Tone Tone)> Rows(
        ComponentStatus component, DateTimeOffset now)
    {
        var isExternal = component.Kind is ComponentKind.External;
        var (state, tone) = StateWords.State(component);
        yield return ("Status:", state, tone);
        if (!isExternal)
        {
            var (health, healthTone) = StateWords.Health(component.Health);
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
            var cause = component.LastRestartCause is { } known ? $" ({known.Message})" : "";
            yield return ("Last Restart:", $"{Span(now - restartedAt)} ago{cause}", Tone.Plain);
        }

        if (component.LastError is { } error)
        {
            // What is over is told and does not shout.
            yield return ("Last Error:", error, component.Health switch
            {
                ComponentHealth.Unhealthy => Tone.Bad,
                ComponentHealth.Unknown => Tone.Warning,
                _ => Tone.Dim,
            });
        }

        if (Objection(component) is { } objection)
        {
            yield return ("Not Ready:", objection, Tone.Warning);
        }

        if (component.NextStartAt is { } nextStart)
        {
            yield return ("Next Start:", Until(nextStart, now), Tone.Warning);
        }

        if (component.WaitsFor.Count > 0)
        {
            yield return ("Waits For:", string.Join(", ", component.WaitsFor), Tone.Warning);
        }

        if (component.RestartPending)
        {
            yield return ("Changed:", "drover.yaml says something else; a restart takes it up", Tone.Warning);
        }
    }

    /// <summary>
    /// What a probe has against the running instance, in its own last words; null when none has anything, or it is told
    /// already.
    /// </summary>
    private static string? Objection(ComponentStatus component) =>
        component.StartedAt is null || component.State is ComponentState.Running
            ? null
            : component.Probes
                .Where(probe => probe is { Result: not ProbeResult.Success, Message.Length: > 0 }
                    && probe.LastOutcome is not ProbeOutcome.Success
                    && component.LastError?.EndsWith(probe.Message, StringComparison.Ordinal) is not true)
                .Select(probe => $"{probe.Kind.ToString().ToLowerInvariant()} probe: {probe.Message}")
                .FirstOrDefault();
}
