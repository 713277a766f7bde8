using System.Text;
using System.Text.Json;
using Drover.Wire;
using Drover.Wire.Inventory;

namespace Drover.Server.Features.Inventory;

/// <summary>
/// One container as the server keeps it: the JSON as the host sent it, so that fields of a newer agent survive, and
/// the few values that lists and counts need.
/// </summary>
internal sealed class ContainerEntry
{
    private readonly byte[] _document;

    private ContainerEntry(string dockerId, byte[] document, string digest, ContainerDto? container, string? status)
    {
        DockerId = dockerId;
        Digest = digest;
        Status = status;
        _document = document;
        if (container is not null)
        {
            IsReadable = true;
            Name = container.Name;
            AppCode = Wire.Inventory.AppCode.Of(container.Labels, container.Name);
            State = string.Intern(container.State);
            Health = container.Health is { } health ? string.Intern(health) : null;
        }
    }

    public string DockerId { get; }

    /// <summary>What <see cref="InventoryHash"/> makes of it.</summary>
    public string Digest { get; }

    /// <summary>
    /// False for a container whose fields this version cannot read: kept for the hash, left out of lists.
    /// </summary>
    public bool IsReadable { get; }

    public string Name { get; } = string.Empty;

    public string AppCode { get; } = string.Empty;

    public string State { get; } = string.Empty;

    public string? Health { get; }

    /// <summary>The engine's sentence, which stands outside the digest.</summary>
    public string? Status { get; }

    /// <summary>Takes one container from a message; null when it has no docker id to know it by.</summary>
    public static ContainerEntry? From(JsonElement element)
    {
        if (element.ValueKind is not JsonValueKind.Object
            || !element.TryGetProperty("dockerId", out var id)
            || id.ValueKind is not JsonValueKind.String
            || id.GetString() is not { Length: > 0 and <= 128 } dockerId)
        {
            return null;
        }

        var status = element.TryGetProperty("status", out var text) && text.ValueKind is JsonValueKind.String
            ? text.GetString()
            : null;
        return new ContainerEntry(
            dockerId,
            Encoding.UTF8.GetBytes(element.GetRawText()),
            InventoryHash.Digest(element),
            Read(element),
            status);
    }

    /// <summary>True when there is nothing new in <paramref name="other"/>.</summary>
    public bool Equals(ContainerEntry other) => Digest == other.Digest && Status == other.Status;

    /// <summary>The JSON as it is stored.</summary>
    public string Document() => Encoding.UTF8.GetString(_document);

    /// <summary>The fields this version knows; only of a readable one.</summary>
    public ContainerDto ToDto() => JsonSerializer.Deserialize(_document, WireJson.Default.ContainerDto)!;

    private static ContainerDto? Read(JsonElement element)
    {
        try
        {
            var container = element.Deserialize(WireJson.Default.ContainerDto);
            return container is { Name: not null, State: not null, Image: not null, Labels: not null }
                ? container
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
