namespace Drover.Gateway.Capacity;

/// <summary>What an agent takes of the gateway's capacity at one moment.</summary>
/// <param name="IsAwake">True: it counts towards <c>max_ready</c>.</param>
/// <param name="HoldsMemory">True: a task of it may hold memory, frozen ones too.</param>
/// <param name="CanSleep">True: it has come to rest where it can be put to sleep from.</param>
/// <param name="MemoryLimit">What its service may take at most, in bytes; null: no limit is set.</param>
internal readonly record struct AgentFootprint(bool IsAwake, bool HoldsMemory, bool CanSleep, long? MemoryLimit);
