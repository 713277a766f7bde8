using System.Text.Json;

namespace Drover.Wire.Agents;

/// <summary>Body of <see cref="Routes.AgentEvents"/>: a stretch of the role's own ordered events.</summary>
/// <param name="Run">Number of the run that numbered these events.</param>
/// <param name="Seq">Number of the first event of <paramref name="Events"/>; the others follow without a gap.</param>
/// <param name="Events">Oldest first.</param>
public sealed record AgentEventsRequest(long Run, long Seq, IReadOnlyList<AgentEventDto> Events);

/// <summary>One event as a role reports it; the server gives it its ordered id and source.</summary>
/// <param name="Type">A name of the closed set (docs/reference/events.md).</param>
/// <param name="Time">When it happened, RFC 3339 UTC.</param>
/// <param name="Subject">What it is about: a container's or component's name.</param>
/// <param name="Severity"><c>info</c>, <c>warning</c> or <c>error</c>.</param>
/// <param name="Data">An object with the type's fields, or null.</param>
public sealed record AgentEventDto(
    string Type, DateTimeOffset Time, string? Subject, string Severity, JsonElement? Data);

/// <summary>Answer of <see cref="Routes.AgentEvents"/>.</summary>
/// <param name="AcceptedThrough">All events of the run up to this number are stored; the agent may forget them.</param>
public sealed record AgentEventsResponse(long AcceptedThrough);
