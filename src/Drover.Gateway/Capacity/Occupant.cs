namespace Drover.Gateway.Capacity;

/// <summary>One agent on demand as the plan sees it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Footprint">What it takes.</param>
/// <param name="Memory">What it takes of the budget, in bytes.</param>
/// <param name="IsPinned">True: it never makes room.</param>
/// <param name="Open">Work that is open on it.</param>
/// <param name="Unused">How long nobody used it.</param>
internal sealed record Occupant(
    string Name, AgentFootprint Footprint, long Memory, bool IsPinned, int Open, TimeSpan Unused);
