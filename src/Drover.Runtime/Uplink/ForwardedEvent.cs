using System.Text.Json.Serialization;
using Drover.Wire.Agents;

namespace Drover.Runtime.Uplink;

/// <summary>One event as the spool keeps it, with the number of the run that numbered it.</summary>
/// <param name="Run">See <see cref="AgentEventsRequest"/>.</param>
/// <param name="Event">What is forwarded.</param>
/// <param name="Mark">By which it is known when it is told again; null where its maker keeps books of its own.</param>
public sealed record ForwardedEvent(long Run, AgentEventDto Event, EventMark? Mark = null);

/// <summary>
/// Names one event for good, so that one that is told again after a crash is known. Numbers of a stream rise; a stream
/// takes the place of another of the same source for ever.
/// </summary>
/// <param name="Source">Whose event it is, among those of the role.</param>
/// <param name="Stream">Differs whenever the numbers begin anew.</param>
/// <param name="Number">Its number.</param>
public sealed record EventMark(string Source, string Stream, long Number);

/// <summary>A mark in the book of what was kept.</summary>
/// <param name="Mark">The last of its source.</param>
/// <param name="SpooledThrough">Number of the last spooled event that the book includes.</param>
internal sealed record EventMarkLine(EventMark Mark, long SpooledThrough);

/// <summary>How the files of an uplink are written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ForwardedEvent))]
[JsonSerializable(typeof(EventMarkLine))]
internal sealed partial class UplinkFilesJson : JsonSerializerContext;
