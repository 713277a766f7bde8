using System.Globalization;
using System.Text.Json;
using Drover.Wire;
using Drover.Wire.People;

namespace Drover.Server.Features.Events;

/// <summary>An event with its place in the order.</summary>
internal sealed record StoredEvent(
    long Id,
    string Type,
    DateTimeOffset Time,
    string Source,
    string? HostId,
    string? Subject,
    string Severity,
    string? Data)
{
    public string Cursor => Id.ToString(CultureInfo.InvariantCulture);

    public EventDto ToDto() => new(
        Cursor,
        Type,
        Time,
        Source,
        Subject,
        Severity,
        Data is null ? null : JsonSerializer.Deserialize(Data, WireJson.Default.JsonElement));
}
