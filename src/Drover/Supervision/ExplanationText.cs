using Drover.Core.Components;
using Drover.Core.Health;
using Drover.Runtime.Configuration;
using Drover.Supervisor.Documents;
using Drover.Terminal;

namespace Drover.Supervision;

/// <summary>The lines of <c>drover supervisor explain</c>.</summary>
internal static class ExplanationText
{
    private const int LabelWidth = 19;

    public static IEnumerable<string> Lines(ComponentExplanation explanation, Paint paint)
    {
        var component = explanation.Component;
        yield return paint.Apply(Tone.Strong, $"{Paint.OneLine(component.DisplayName)} ({component.Name})");
        yield return Line("is", Paint.OneLine(component.Launch.Words));
        if (component.DependsOn.Count > 0)
        {
            var needs = component.DependsOn.Select(need => $"{need.Key} is {Word(need.Value)}");
            yield return Line("starts when", string.Join(", ", needs));
        }

        if (explanation.Timeline.Count > 0)
        {
            yield return Line("ends by", $"{component.Spec.Stop.Signal}, SIGKILL after "
                + $"{Text(component.Spec.Stop.Grace)}");
            yield return "";
            foreach (var band in explanation.Timeline)
            {
                yield return Line(Runs(band.Band), WhatFollows(band));
            }
        }

        if (explanation.Probes.Count > 0)
        {
            yield return "";
            foreach (var probe in explanation.Probes)
            {
                yield return Line($"{Word(probe.Kind)} probe", WhatNotices(probe));
            }
        }

        foreach (var warning in explanation.Warnings)
        {
            yield return paint.Apply(Tone.Warning, $"  ! {Paint.OneLine(warning)}");
        }
    }

    internal static string Word(DependencyCondition condition) => condition switch
    {
        DependencyCondition.Started => "started",
        DependencyCondition.Ready => "ready",
        DependencyCondition.Completed => "completed",
    };

    internal static string Word(ProbeKind kind) => kind switch
    {
        ProbeKind.Startup => "startup",
        ProbeKind.Liveness => "liveness",
        ProbeKind.Readiness => "readiness",
    };

    private static string Runs(ForecastBand band) => (band.From, band.To) switch
    {
        ({ Ticks: 0 }, null) => "any run",
        ({ Ticks: 0 }, { } to) => $"runs under {Text(to)}",
        (var from, null) => $"runs of {Text(from)} up",
        var (from, to) => $"runs of {Text(from)} to {Text(to.Value)}",
    };

    private static string WhatFollows(BandForecast forecast)
    {
        var policy = forecast.Shortest.Policy;
        if (forecast.Band.End is ForecastEnd.Rests)
        {
            return "it rests: restart is never";
        }

        var delays = forecast.Band.IsGoodRun
            ? "restarted at once"
            : $"restarted after {Delays(forecast.Shortest.Restarts)}";
        if (forecast.Band.End is ForecastEnd.Never)
        {
            return $"{delays}, for ever: {policy.Limit} restarts take {Text(forecast.Shortest.Span)} and the window is "
                + Text(policy.Window);
        }

        return $"{delays}; failed after {policy.Limit} restarts, {When(forecast)}{Retry(forecast)}";
    }

    /// <summary>A try that has to wait for room in the window waits longest after the shortest runs.</summary>
    private static string Retry(BandForecast forecast)
    {
        if (Wait(forecast.Shortest) is not { } longest)
        {
            return "";
        }

        var shortest = Wait(forecast.Longest!) ?? longest;
        return shortest == longest
            ? $", tried again {Text(longest)} later"
            : $", tried again {Text(shortest)} to {Text(longest)} later";

        static TimeSpan? Wait(RestartForecast one) =>
            one.RetryAt - one.FailedAt is { } wait
                ? TimeSpan.FromMilliseconds(Math.Round(wait.TotalMilliseconds))
                : null;
    }

    private static string When(BandForecast forecast)
    {
        var first = Text(forecast.Shortest.FailedAt.GetValueOrDefault());
        // The longest run is a tick short of the border; people read the border.
        var longest = forecast.Longest!.FailedAt.GetValueOrDefault();
        var last = Text(TimeSpan.FromSeconds(Math.Ceiling(longest.TotalSeconds)));
        return first == last ? $"at {first}" : $"at {first} to {last}";
    }

    /// <summary><c>1s 2s 4s, then 60s</c>: what no longer grows is said once.</summary>
    private static string Delays(IReadOnlyList<ForecastRestart> restarts)
    {
        var delays = restarts.Select(restart => restart.Delay).ToList();
        var growing = delays.TakeWhile((delay, index) => index == 0 || delay != delays[index - 1]).ToList();
        if (growing.Count == delays.Count)
        {
            return string.Join(' ', delays.Select(Text));
        }

        return growing.Count == 1
            ? $"{Text(growing[0])} each time"
            : $"{string.Join(' ', growing.SkipLast(1).Select(Text))}, then {Text(growing[^1])}";
    }

    private static string WhatNotices(ProbeExplanation probe)
    {
        var asks = $"{probe.Target.Type.Name} every {Text(probe.Spec.Period)}";
        var forecast = probe.Forecast;
        return probe.Kind switch
        {
            ProbeKind.Startup => $"{asks}; an instance that has not answered {Text(forecast.Hung)} after its start "
                + "is ended",
            ProbeKind.Liveness when !ComponentExplanation.Asks(probe.Target) =>
                $"{asks}; a failure ends the instance after {Text(forecast.Refused - probe.Spec.Period)} to "
                    + Text(forecast.Refused),
            ProbeKind.Liveness =>
                $"{asks}; a hang is noticed after {Text(forecast.HungSoonest)} to {Text(forecast.Hung)} and ended",
            ProbeKind.Readiness =>
                $"{asks}; shown as unhealthy {Text(forecast.HungSoonest)} to {Text(forecast.Hung)} after its last "
                    + "answer",
        };
    }

    private static string Line(string label, string text) => $"  {label.PadRight(LabelWidth)}  {text}";

    private static string Text(TimeSpan span) => DurationText.Format(span);
}
