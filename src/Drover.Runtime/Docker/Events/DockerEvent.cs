using System.Collections.ObjectModel;
using System.Text.Json.Serialization;

namespace Drover.Runtime.Docker.Events;

/// <summary>One thing that happened at the engine.</summary>
/// <param name="Type">container, image, network, volume, service, node, secret, config, daemon.</param>
/// <param name="Action">What happened: create, start, die, oom, health_status, exec_create ...</param>
/// <param name="Detail">What the engine adds after a colon: <c>healthy</c> of <c>health_status: healthy</c>; else
/// null.</param>
/// <param name="ActorId">Id of the thing it happened to.</param>
/// <param name="Attributes">Its labels and facts such as name, image and exitCode.</param>
/// <param name="Time">When, by the engine's clock.</param>
public sealed record DockerEvent(
    string Type,
    string Action,
    string? Detail,
    string ActorId,
    IReadOnlyDictionary<string, string> Attributes,
    EngineTimestamp Time)
{
    /// <summary>An attribute, or null.</summary>
    public string? this[string attribute] => Attributes.GetValueOrDefault(attribute);
}

/// <summary>The event as the engine writes it.</summary>
internal sealed record RawEvent
{
    public string? Type { get; init; }

    public string? Action { get; init; }

    public RawActor? Actor { get; init; }

    [JsonPropertyName("time")]
    public long Time { get; init; }

    [JsonPropertyName("timeNano")]
    public long TimeNano { get; init; }

    public DockerEvent ToEvent()
    {
        var action = Action ?? "";
        var colon = action.IndexOf(": ", StringComparison.Ordinal);
        return new DockerEvent(
            Type ?? "",
            colon < 0 ? action : action[..colon],
            colon < 0 ? null : action[(colon + 2)..],
            Actor?.Id ?? "",
            Actor?.Attributes ?? ReadOnlyDictionary<string, string>.Empty,
            TimeNano is 0 ? new EngineTimestamp(Time, 0) : EngineTimestamp.FromUnixNanos(TimeNano));
    }
}

internal sealed record RawActor
{
    [JsonPropertyName("ID")]
    public string? Id { get; init; }

    public IReadOnlyDictionary<string, string>? Attributes { get; init; }
}

[JsonSerializable(typeof(RawEvent))]
internal sealed partial class EventJson : JsonSerializerContext;
