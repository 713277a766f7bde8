namespace Drover.Wire.Gateway;

/// <summary>What Swarm says of an agent's service.</summary>
/// <param name="Reachable">False: the Docker Engine does not answer, and this is of before.</param>
/// <param name="ServiceId">Its id; null: there is no such service.</param>
/// <param name="Replicas">How many tasks it should have.</param>
/// <param name="MemoryLimit">What its tasks may take, in bytes each; null: no limit.</param>
/// <param name="MaxAttempts">How often Swarm restarts a task that ended; null: without end.</param>
/// <param name="Tasks">Its tasks that did not end, and the last that failed; the newest first.</param>
public sealed record GatewaySwarmServiceDto(
    bool Reachable,
    string? ServiceId,
    int Replicas,
    long? MemoryLimit,
    long? MaxAttempts,
    IReadOnlyList<GatewayTaskDto> Tasks);

/// <summary>One task of an agent's service.</summary>
/// <param name="TaskId">Its id.</param>
/// <param name="Phase"><c>pending</c>, <c>preparing</c>, <c>running</c>, <c>ended</c> or <c>failed</c>.</param>
/// <param name="Wanted">True: Swarm wants it to run; false: to end.</param>
/// <param name="Address">Its address, without a port.</param>
/// <param name="ContainerId">Its container.</param>
/// <param name="Local">True: it runs on the gateway's own engine, which can freeze it.</param>
/// <param name="Frozen">True: its container is frozen.</param>
/// <param name="Error">Why it failed or waits, in the platform's words.</param>
/// <param name="ExitCode">What its main process ended with.</param>
public sealed record GatewayTaskDto(
    string TaskId,
    string Phase,
    bool Wanted,
    string? Address,
    string? ContainerId,
    bool Local,
    bool Frozen,
    string? Error,
    int? ExitCode);
