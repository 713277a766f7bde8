using System.Text.Json;
using Drover.Wire;
using Drover.Wire.Inventory;

namespace Drover.HostAgent.Inventory;

/// <summary>A container as this agent last saw it.</summary>
/// <param name="Container">Normalised.</param>
/// <param name="Json">What goes to the server.</param>
/// <param name="Digest">See <see cref="InventoryHash.Digest"/>.</param>
/// <param name="Fingerprint">What of the list line would make another look at the details worth while.</param>
internal sealed record KnownContainer(ContainerDto Container, JsonElement Json, string Digest, string Fingerprint)
{
    internal static KnownContainer Of(ContainerDto container, string fingerprint)
    {
        var json = JsonSerializer.SerializeToElement(container, WireJson.Default.ContainerDto);
        return new KnownContainer(container, json, InventoryHash.Digest(json), fingerprint);
    }
}
