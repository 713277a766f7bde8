namespace Drover.Runtime.Requests;

/// <summary>
/// A body or query that cannot be bound, in a sentence for whoever sent it. Thrown only while one is read; the
/// outermost layer of a listener turns it into a 400.
/// </summary>
public sealed class InvalidRequestException(string message) : Exception(message);
