using Drover.Wire.Inventory;

namespace Drover.Wire.Commands;

/// <summary>Result of <c>health</c>.</summary>
/// <param name="Type"><c>health</c>.</param>
/// <param name="DeploymentHash">Of the host.</param>
/// <param name="AppCode">As asked, or <c>all</c>.</param>
/// <param name="Status"><c>ok</c>, <c>unhealthy</c> or <c>unknown</c>.</param>
/// <param name="ContainerState">
/// <c>running</c>, <c>exited</c>, <c>starting</c>, <c>failed</c> or <c>unknown</c>.
/// </param>
/// <param name="LastHeartbeatAt">When the engine last confirmed this, RFC 3339; null when it could not.</param>
/// <param name="Metrics">CPU and memory, when asked and readable.</param>
/// <param name="Errors">Why the status is not known or not ok, in order.</param>
/// <param name="Containers">With <c>all</c>: each container.</param>
public sealed record HealthResult(
    string Type,
    string DeploymentHash,
    string AppCode,
    string Status,
    string ContainerState,
    DateTimeOffset? LastHeartbeatAt,
    ContainerMetricsDto? Metrics,
    IReadOnlyList<CommandErrorDto> Errors,
    IReadOnlyList<ContainerHealthDto>? Containers = null);

/// <summary>One container within the health of all.</summary>
/// <param name="AppCode">Its app code.</param>
/// <param name="ContainerName">Its name.</param>
/// <param name="Status">As <see cref="HealthResult.Status"/>.</param>
/// <param name="ContainerState">As <see cref="HealthResult.ContainerState"/>.</param>
/// <param name="Metrics">As <see cref="HealthResult.Metrics"/>.</param>
public sealed record ContainerHealthDto(
    string AppCode, string ContainerName, string Status, string ContainerState, ContainerMetricsDto? Metrics);

/// <summary>Read from cgroups and /proc, never from the stats API. What cannot be read is null.</summary>
/// <param name="CpuPct">Percent of one core over the sampling window.</param>
/// <param name="MemPct">Percent of the limit (or of the machine's memory without one).</param>
/// <param name="MemUsageMb">Working set (usage without inactive page cache) in MiB.</param>
/// <param name="MemLimitBytes">Limit in bytes; null without one.</param>
/// <param name="RxBytes">Received since the container started.</param>
/// <param name="TxBytes">Sent since the container started.</param>
public sealed record ContainerMetricsDto(
    double? CpuPct, double? MemPct, double? MemUsageMb, long? MemLimitBytes, long? RxBytes, long? TxBytes);

/// <summary>Result of <c>logs</c>.</summary>
/// <param name="Type"><c>logs</c>.</param>
/// <param name="DeploymentHash">Of the host.</param>
/// <param name="AppCode">As asked.</param>
/// <param name="Cursor">Where the next page goes on: <c>RFC3339-ns#n</c>; null when no line was ever seen.</param>
/// <param name="Truncated">
/// True only when more lines exist now after the cursor (or, without one, before the first line).
/// </param>
/// <param name="Lines">Oldest first.</param>
/// <param name="Errors">Why there are none, in order.</param>
public sealed record LogsResult(
    string Type,
    string DeploymentHash,
    string AppCode,
    string? Cursor,
    bool Truncated,
    IReadOnlyList<LogLineDto> Lines,
    IReadOnlyList<CommandErrorDto> Errors);

/// <summary>One line of a log.</summary>
/// <param name="Ts">RFC 3339 with the engine's nanoseconds.</param>
/// <param name="Stream"><c>stdout</c> or <c>stderr</c>; a TTY's is stdout.</param>
/// <param name="Message">Without the line end; invalid UTF-8 as U+FFFD.</param>
/// <param name="Redacted">True when something in it was replaced.</param>
public sealed record LogLineDto(string Ts, string Stream, string Message, bool Redacted);

/// <summary>One line of the NDJSON that follows a log: a line, or the last one with <see cref="End"/>.</summary>
/// <param name="Cursor">Where a new follow would go on.</param>
/// <param name="Ts">As <see cref="LogLineDto.Ts"/>.</param>
/// <param name="Stream">As <see cref="LogLineDto.Stream"/>.</param>
/// <param name="Message">As <see cref="LogLineDto.Message"/>.</param>
/// <param name="Redacted">As <see cref="LogLineDto.Redacted"/>.</param>
/// <param name="End">Only in the last line: why nothing follows.</param>
public sealed record FollowLineDto(
    string? Cursor, string? Ts, string? Stream, string? Message, bool? Redacted, string? End = null);

/// <summary>Result of <c>restart</c>, <c>start</c> and <c>stop</c>.</summary>
/// <param name="Type">The command's type.</param>
/// <param name="DeploymentHash">Of the host.</param>
/// <param name="AppCode">As asked.</param>
/// <param name="Status"><c>ok</c> or <c>failed</c>.</param>
/// <param name="ContainerState">Afterwards, as <see cref="HealthResult.ContainerState"/>.</param>
/// <param name="Errors">Why it failed, in order.</param>
/// <param name="Changed">False when it was so already and nothing was done; null where the host does not say.</param>
public sealed record ActionResult(
    string Type,
    string DeploymentHash,
    string AppCode,
    string Status,
    string ContainerState,
    IReadOnlyList<CommandErrorDto> Errors,
    bool? Changed = null);

/// <summary>Result of <c>list</c>.</summary>
/// <param name="Type"><c>list</c>.</param>
/// <param name="DeploymentHash">Of the host.</param>
/// <param name="Containers">All of the host's.</param>
/// <param name="Errors">Why there are none, in order.</param>
public sealed record ListResult(
    string Type, string DeploymentHash, IReadOnlyList<ContainerDto> Containers, IReadOnlyList<CommandErrorDto> Errors);
