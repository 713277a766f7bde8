using System.Text.Json;
using Drover.Runtime.Requests;
using Drover.Server.Hosting;
using Drover.Wire;
using Drover.Wire.Inventory;

namespace Drover.Server.Features.Inventory;

/// <summary>An inventory message in any of the three forms a host may send.</summary>
/// <param name="Numbered">Run, number and hashes; null in the two older forms, which are always a full list.</param>
/// <param name="Host">Facts of the machine, when they came along.</param>
/// <param name="Upserts">Containers that could be told apart.</param>
/// <param name="Skipped">How many could not, and were left out.</param>
internal sealed record InventoryMessage(
    InventoryRequest? Numbered, HostFactsDto? Host, IReadOnlyList<ContainerEntry> Upserts, int Skipped)
{
    public bool IsFull => Numbered?.Full ?? true;

    /// <summary>Reads a body: our own form, <c>{host, containers}</c>, or the plain array of containers.</summary>
    /// <exception cref="InvalidRequestException">It is none of them.</exception>
    public static InventoryMessage Read(ReadOnlyMemory<byte> body)
    {
        var root = Parse(body);
        if (root.ValueKind is JsonValueKind.Array)
        {
            return Of(null, null, root.EnumerateArray());
        }

        if (root.ValueKind is JsonValueKind.Object
            && root.TryGetProperty("containers", out var containers)
            && containers.ValueKind is JsonValueKind.Array)
        {
            return Of(null, ReadOlderFacts(root), containers.EnumerateArray());
        }

        var request = AgentBody.Read(body, WireJson.Default.InventoryRequest);
        AgentBody.Required(request.Hash, "hash");
        AgentBody.Required(request.Upsert, "upsert");
        AgentBody.Required(request.Remove, "remove");
        return Of(request, request.Host, request.Upsert);
    }

    private static InventoryMessage Of(InventoryRequest? request, HostFactsDto? host, IEnumerable<JsonElement> elements)
    {
        var entries = elements.Select(ContainerEntry.From).ToList();
        return new InventoryMessage(
            request, host, [.. entries.OfType<ContainerEntry>()], entries.Count(entry => entry is null));
    }

    private static JsonElement Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            BodyText.Require(body.Span);
            return JsonSerializer.Deserialize(body.Span, WireJson.Default.JsonElement);
        }
        catch (JsonException exception)
        {
            throw JsonErrors.Explain(exception);
        }
    }

    /// <summary>The older form writes the facts' names in camelCase.</summary>
    private static HostFactsDto? ReadOlderFacts(JsonElement root)
    {
        if (!root.TryGetProperty("host", out var host) || host.ValueKind is not JsonValueKind.Object)
        {
            return null;
        }

        return new HostFactsDto(
            Text(host, "ipAddress"),
            Text(host, "agentVersion"),
            host.TryGetProperty("cpuCount", out var cpus) && cpus.TryGetInt32(out var count) ? count : null,
            host.TryGetProperty("memoryTotalBytes", out var memory) && memory.TryGetInt64(out var bytes) ? bytes : null,
            null,
            null,
            null,
            null,
            null);
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String
            ? value.GetString()
            : null;
}
