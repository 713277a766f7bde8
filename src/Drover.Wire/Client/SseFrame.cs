namespace Drover.Wire.Client;

/// <summary>One server-sent event.</summary>
/// <param name="Id">Its <c>id</c>, or the last one before it; null when there was none.</param>
/// <param name="Event">Its <c>event</c>; <c>message</c> when it names none.</param>
/// <param name="Data">Its <c>data</c> lines.</param>
internal sealed record SseFrame(string? Id, string Event, string Data);
