using System.Text.Json.Serialization;
using Drover.Wire.Inventory;

namespace Drover.HostAgent.LocalApi;

/// <summary>Answer of <c>GET /health</c>.</summary>
/// <param name="Status"><c>ok</c>, or <c>degraded</c> while engine or server do not answer.</param>
/// <param name="Docker"><c>up</c>, <c>down</c> or <c>hung</c>.</param>
/// <param name="ServerLink"><c>ok</c>, or why the last heartbeat failed.</param>
/// <param name="LastHeartbeatAt">When the server last answered one; null before.</param>
/// <param name="ClockSkewMs">Server's clock minus this host's, as far as the server objected.</param>
/// <param name="Containers">How many this host has.</param>
/// <param name="EventsWaiting">Events the server does not have yet.</param>
/// <param name="ReportsWaiting">Reports the server does not have yet.</param>
/// <param name="LastCommandAt">When a command was last completed; null before.</param>
/// <param name="Commands">Counts by control plane.</param>
internal sealed record LocalHealthDto(
    string Status,
    string Docker,
    string ServerLink,
    DateTimeOffset? LastHeartbeatAt,
    long ClockSkewMs,
    int Containers,
    long EventsWaiting,
    long ReportsWaiting,
    DateTimeOffset? LastCommandAt,
    IReadOnlyDictionary<string, LocalCountsDto> Commands);

/// <summary>Commands of one control plane since the start.</summary>
/// <param name="Success">Did what was ordered.</param>
/// <param name="Failed">Did not.</param>
internal sealed record LocalCountsDto(long Success, long Failed);

/// <summary>Answer of <c>GET /capabilities</c>.</summary>
/// <param name="ComposeAgent">True when a compose agent executes the commands.</param>
/// <param name="ControlPlane">Who executes commands.</param>
/// <param name="Version">Of the executable.</param>
/// <param name="Features">Command types and abilities of this agent.</param>
/// <param name="Policy">What this host lets the server do.</param>
internal sealed record LocalCapabilitiesDto(
    bool ComposeAgent, string ControlPlane, string Version, IReadOnlyList<string> Features, HostPolicyDto Policy);

/// <summary>How the local API is written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(LocalHealthDto))]
[JsonSerializable(typeof(LocalCapabilitiesDto))]
internal sealed partial class LocalApiJson : JsonSerializerContext;
