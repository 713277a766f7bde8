using System.Text.Json;

namespace Drover.Wire.Legacy;

/// <summary>
/// Body of <see cref="Routes.LegacyRegister"/>, which what installs an agent sends. Never anonymous here: the one-time
/// token is the request's bearer token.
/// </summary>
/// <param name="DeploymentHash">The opaque id the agent polls by; chosen by who installs.</param>
/// <param name="AgentVersion">Version of the agent.</param>
/// <param name="Capabilities">What it can do; not used.</param>
/// <param name="SystemInfo">Object about the machine; its <c>hostname</c> names the host.</param>
public sealed record LegacyRegisterRequest(
    string? DeploymentHash, string? AgentVersion, IReadOnlyList<string>? Capabilities, JsonElement? SystemInfo);

/// <summary>Answer of <see cref="Routes.LegacyRegister"/>: 201, and 200 when it is asked again.</summary>
/// <param name="Data">The envelope.</param>
public sealed record LegacyRegisterResponse(LegacyRegisterData Data);

/// <summary>The inner envelope.</summary>
/// <param name="Item">The credentials.</param>
public sealed record LegacyRegisterData(LegacyRegisterItem Item);

/// <summary>What an agent of the older protocol is configured with. Never prints the token.</summary>
/// <param name="AgentId">UUID; the value of <c>X-Agent-Id</c>.</param>
/// <param name="AgentToken">Key of the signatures and bearer token.</param>
/// <param name="DashboardVersion">Fixed, for agents that compare it.</param>
/// <param name="SupportedApiVersions">Fixed.</param>
public sealed record LegacyRegisterItem(
    string AgentId, string AgentToken, string DashboardVersion, IReadOnlyList<string> SupportedApiVersions)
{
    /// <summary>The secret is never printed.</summary>
    public override string ToString() => $"LegacyRegisterItem {{ AgentId = {AgentId} }}";
}

/// <summary>
/// Body of <see cref="Routes.LegacyMarketplaceRegister"/>, which the older agent's own <c>register</c> verb sends.
/// </summary>
/// <param name="PurchaseToken">Here: the one-time token.</param>
/// <param name="ServerFingerprint">Object about the machine; its <c>hostname</c> names the host.</param>
/// <param name="StackId">Not used.</param>
public sealed record LegacyMarketplaceRequest(string? PurchaseToken, JsonElement? ServerFingerprint, string? StackId)
{
    /// <summary>The secret is never printed.</summary>
    public override string ToString() => $"LegacyMarketplaceRequest {{ StackId = {StackId} }}";
}

/// <summary>Answer of <see cref="Routes.LegacyMarketplaceRegister"/>. Never prints the token.</summary>
/// <param name="AgentId">UUID; the value of <c>X-Agent-Id</c>.</param>
/// <param name="AgentToken">Key of the signatures and bearer token.</param>
/// <param name="DeploymentHash">The opaque id the agent polls by.</param>
public sealed record LegacyMarketplaceResponse(string AgentId, string AgentToken, string DeploymentHash)
{
    /// <summary>The secret is never printed.</summary>
    public override string ToString() => $"LegacyMarketplaceResponse {{ AgentId = {AgentId} }}";
}
