using System.Text.Json;
using Drover.Wire;
using Drover.Wire.Inventory;

namespace Drover.Server.Features.Inventory;

/// <summary>Compares facts by content; the records hold lists, which records compare by reference.</summary>
internal static class HostFacts
{
    public static bool AreEqual(HostFactsDto one, HostFactsDto? other) => other is not null
        && JsonSerializer.SerializeToUtf8Bytes(one, WireJson.Default.HostFactsDto).AsSpan()
            .SequenceEqual(JsonSerializer.SerializeToUtf8Bytes(other, WireJson.Default.HostFactsDto));
}
