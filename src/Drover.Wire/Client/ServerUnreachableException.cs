namespace Drover.Wire.Client;

/// <summary>No usable answer came: no connection, a broken one, none in time, or not from a Drover server.</summary>
/// <param name="message">One sentence.</param>
/// <param name="innerException">What the transport said.</param>
public sealed class ServerUnreachableException(string message, Exception? innerException = null)
    : Exception(message, innerException);
