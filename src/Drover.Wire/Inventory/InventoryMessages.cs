using System.Text.Json;

namespace Drover.Wire.Inventory;

/// <summary>
/// Body of <see cref="Routes.Inventory"/>. Containers travel as raw JSON on the receiving side, so that a field one
/// version does not know still counts in the hash of the other.
/// </summary>
/// <param name="Run">See <see cref="Agents.HeartbeatRequest"/>.</param>
/// <param name="Seq">Number of this message within the run, rising by one.</param>
/// <param name="Full">
/// True: <paramref name="Upsert"/> is the whole inventory. False: a change against <paramref name="Base"/>.
/// </param>
/// <param name="Base">Hash before this change; null with a full one.</param>
/// <param name="Hash">Hash after it; see <see cref="InventoryHash"/>.</param>
/// <param name="Host">Facts of the machine, with a full one or when they changed.</param>
/// <param name="Upsert">New and changed containers, each a <see cref="ContainerDto"/>.</param>
/// <param name="Remove">Docker ids of those that are gone.</param>
public sealed record InventoryRequest(
    long Run,
    long Seq,
    bool Full,
    string? Base,
    string Hash,
    HostFactsDto? Host,
    IReadOnlyList<JsonElement> Upsert,
    IReadOnlyList<string> Remove);

/// <summary>Facts of a machine that change seldom.</summary>
/// <param name="IpAddress">Address the agent reaches the server from, as the agent sees it.</param>
/// <param name="AgentVersion">Version of the executable.</param>
/// <param name="CpuCount">Cores the engine sees.</param>
/// <param name="MemoryTotalBytes">Memory the engine sees.</param>
/// <param name="Os">Pretty name of the operating system.</param>
/// <param name="Kernel">Kernel release.</param>
/// <param name="Architecture">As the engine names it.</param>
/// <param name="DockerVersion">Version of the engine.</param>
/// <param name="Policy">What the host lets the server do.</param>
public sealed record HostFactsDto(
    string? IpAddress,
    string? AgentVersion,
    int? CpuCount,
    long? MemoryTotalBytes,
    string? Os,
    string? Kernel,
    string? Architecture,
    string? DockerVersion,
    HostPolicyDto? Policy);

/// <summary>The host's own policy; the server shows it and cannot widen it.</summary>
/// <param name="MonitorOnly">True: nothing that changes the host is executed.</param>
/// <param name="AllowedTypes">Command types that are executed.</param>
/// <param name="ProtectedApps">App codes that are never stopped or restarted.</param>
public sealed record HostPolicyDto(
    bool MonitorOnly, IReadOnlyList<string> AllowedTypes, IReadOnlyList<string> ProtectedApps);

/// <summary>Answer of <see cref="Routes.Inventory"/>.</summary>
/// <param name="Status">Always <c>ok</c>.</param>
/// <param name="Resync">True when base or hash did not match: send a full one.</param>
/// <param name="Summary">What changed on the server.</param>
public sealed record InventoryResponse(string Status, bool Resync, InventorySummary Summary);

/// <summary>Counts of one inventory message.</summary>
/// <param name="Added">Containers that are new.</param>
/// <param name="Updated">Containers that changed.</param>
/// <param name="Removed">Containers that are gone.</param>
public sealed record InventorySummary(int Added, int Updated, int Removed);
