namespace Drover.Runtime.Docker;

/// <summary>What an engine says to a ping.</summary>
/// <param name="ApiVersion">Newest API version it knows.</param>
/// <param name="Server">Its name and version in the words of its <c>Server</c> header.</param>
/// <param name="Swarm">inactive, pending, error, locked, active/worker or active/manager; null from older
/// engines.</param>
public sealed record EnginePing(ApiVersion ApiVersion, string? Server, string? Swarm);
