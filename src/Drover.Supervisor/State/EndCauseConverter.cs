using System.Text.Json;
using System.Text.Json.Serialization;
using Drover.Core.Components;
using Drover.Core.Health;

namespace Drover.Supervisor.State;

/// <summary>
/// A cause as an object with its word and what belongs to it. A word this version does not know is read as
/// <see cref="EndCause.Unknown"/>: an older executable must still be able to start.
/// </summary>
internal sealed class EndCauseConverter : JsonConverter<EndCause>
{
    public override EndCause? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        var cause = document.RootElement;
        if (cause.ValueKind is not JsonValueKind.Object)
        {
            throw new JsonException("a cause is an object");
        }

        return Text(cause, "word") switch
        {
            "exit" => new EndCause.Exit(cause.GetProperty("code").GetInt32()),
            "signal" => new EndCause.Signal(Text(cause, "name"), cause.GetProperty("core_dumped").GetBoolean()),
            "oom" => new EndCause.OutOfMemory(),
            "probe" => new EndCause.Probe(
                Text(cause, "kind") == "startup" ? ProbeKind.Startup : ProbeKind.Liveness, Text(cause, "detail")),
            "failed_start" => new EndCause.FailedStart(Text(cause, "detail")),
            "loader" => new EndCause.LoaderError(Text(cause, "detail")),
            "operator" => new EndCause.Operator(),
            _ => new EndCause.Unknown(),
        };
    }

    public override void Write(Utf8JsonWriter writer, EndCause value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteString("word", value.Word);
        switch (value)
        {
            case EndCause.Exit exit:
                writer.WriteNumber("code", exit.Code);
                break;
            case EndCause.Signal signal:
                writer.WriteString("name", signal.Name);
                writer.WriteBoolean("core_dumped", signal.CoreDumped);
                break;
            case EndCause.Probe probe:
                writer.WriteString("kind", probe.Kind is ProbeKind.Startup ? "startup" : "liveness");
                writer.WriteString("detail", probe.Detail);
                break;
            case EndCause.FailedStart failed:
                writer.WriteString("detail", failed.Detail);
                break;
            case EndCause.LoaderError loader:
                writer.WriteString("detail", loader.Detail);
                break;
            default:
                // The word says it all.
                break;
        }

        writer.WriteEndObject();
    }

    private static string Text(JsonElement cause, string name) =>
        cause.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";
}
