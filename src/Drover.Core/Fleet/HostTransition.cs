using Drover.Core.Events;

namespace Drover.Core.Fleet;

/// <summary>What <see cref="HostMachine"/> decided.</summary>
/// <param name="Next">The status from now on.</param>
/// <param name="Events">What to emit, in order; empty when the state stays.</param>
public sealed record HostTransition(HostStatus Next, IReadOnlyList<EventType> Events);
