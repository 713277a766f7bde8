using System.Text.Json;
using Drover.Core.Components;
using Drover.Supervisor.Documents;
using Drover.Terminal;

namespace Drover.Supervision;

/// <summary>What <c>drover supervisor explain --output json</c> prints. All times are seconds.</summary>
internal static class ExplanationJson
{
    public static void Write(Screen screen, IEnumerable<ComponentExplanation> explanations) =>
        JsonText.WriteObject(screen, json =>
        {
            json.WriteStartArray("items");
            foreach (var explanation in explanations)
            {
                json.WriteStartObject();
                WriteComponent(json, explanation);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });

    private static void WriteComponent(Utf8JsonWriter json, ComponentExplanation explanation)
    {
        var component = explanation.Component;
        json.WriteString("name", component.Name);
        json.WriteString("display_name", component.DisplayName);
        json.WriteString("launch", component.Launch.Words);
        json.WriteStartObject("depends_on");
        foreach (var (name, condition) in component.DependsOn)
        {
            json.WriteString(name, ExplanationText.Word(condition));
        }

        json.WriteEndObject();
        json.WriteStartArray("timeline");
        foreach (var forecast in explanation.Timeline)
        {
            WriteBand(json, forecast);
        }

        json.WriteEndArray();
        json.WriteStartArray("probes");
        foreach (var probe in explanation.Probes)
        {
            json.WriteStartObject();
            json.WriteString("kind", ExplanationText.Word(probe.Kind));
            json.WriteString("type", probe.Target.Type.Name);
            Seconds(json, "period", probe.Spec.Period);
            Seconds(json, "timeout", probe.Spec.Timeout);
            json.WriteNumber("failure_threshold", probe.Spec.FailureThreshold);
            Seconds(json, "notices_refusal_within", probe.Forecast.Refused);
            Seconds(json, "notices_hang_soonest", probe.Forecast.HungSoonest);
            Seconds(json, "notices_hang_within", probe.Forecast.Hung);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("warnings");
        foreach (var warning in explanation.Warnings)
        {
            json.WriteStringValue(warning);
        }

        json.WriteEndArray();
    }

    private static void WriteBand(Utf8JsonWriter json, BandForecast forecast)
    {
        json.WriteStartObject();
        Seconds(json, "runs_from", forecast.Band.From);
        Seconds(json, "runs_below", forecast.Band.To);
        json.WriteBoolean("good_run", forecast.Band.IsGoodRun);
        json.WriteString("end", forecast.Band.End switch
        {
            ForecastEnd.Never => "never",
            ForecastEnd.Failed => "failed",
            ForecastEnd.Rests => "rests",
        });
        json.WriteStartArray("restarts");
        foreach (var restart in forecast.Shortest.Restarts)
        {
            json.WriteStartObject();
            Seconds(json, "delay", restart.Delay);
            Seconds(json, "at", restart.At);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        Seconds(json, "failed_at", forecast.Shortest.FailedAt);
        Seconds(json, "retry_at", forecast.Shortest.RetryAt);
        json.WriteEndObject();
    }

    private static void Seconds(Utf8JsonWriter json, string name, TimeSpan? span)
    {
        if (span is { } time)
        {
            json.WriteNumber(name, Math.Round(time.TotalSeconds, 3));
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
