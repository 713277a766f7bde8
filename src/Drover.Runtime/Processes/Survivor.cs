namespace Drover.Runtime.Processes;

/// <summary>A process that could not be ended.</summary>
/// <param name="Pid">Its number.</param>
/// <param name="Command">Its file's name, at most 15 bytes; never its arguments.</param>
/// <param name="State">The kernel's letter, as <c>D</c>.</param>
/// <param name="Why">A sentence without a full stop.</param>
public sealed record Survivor(int Pid, string Command, char State, string Why);
