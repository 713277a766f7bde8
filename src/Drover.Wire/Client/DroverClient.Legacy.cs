using Drover.Wire.People;

namespace Drover.Wire.Client;

public sealed partial class DroverClient
{
    /// <summary>Allows the older agent protocol for a host, or no longer.</summary>
    public Task<HostDto> SetLegacyAsync(string host, bool isOn, CancellationToken cancellationToken) =>
        _exchange.SendAsync(
            HttpMethod.Post,
            Routes.HostLegacy.Replace("{host}", Uri.EscapeDataString(host), StringComparison.Ordinal),
            Exchange.Body(new SetLegacyRequest(isOn), WireJson.Default.SetLegacyRequest),
            WireJson.Default.HostDto,
            cancellationToken);
}
