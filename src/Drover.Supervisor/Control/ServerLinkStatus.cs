namespace Drover.Supervisor.Control;

/// <summary>How the link stands over which a supervisor's events go to a server.</summary>
/// <param name="Server">The server's address; null while it is not known.</param>
/// <param name="Failure">Why events do not reach it; null while they do.</param>
/// <param name="EventsWaiting">Events on disk that it does not have yet.</param>
public sealed record ServerLinkStatus(string? Server, string? Failure, long EventsWaiting);
