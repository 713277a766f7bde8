using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Drover.Wire;
using Drover.Wire.Inventory;

namespace Drover.Testing.Server;

/// <summary>Containers as a host agent sends them.</summary>
public static class Containers
{
    /// <summary>A running container whose id follows from its name.</summary>
    public static ContainerDto Running(string name, string? app = null) => new()
    {
        DockerId = IdOf(name),
        Name = name,
        Image = $"{name}:latest",
        State = "running",
        Status = "Up",
        Labels = app is null ? [] : new SortedDictionary<string, string> { [AppCode.DroverLabel] = app },
    };

    public static IReadOnlyList<ContainerDto> Many(int count) =>
        [
            .. Enumerable.Range(0, count)
                .Select(number => Running(string.Create(CultureInfo.InvariantCulture, $"app-{number:0000}")))
        ];

    public static string IdOf(string name) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)));

    public static JsonElement Json(ContainerDto container) =>
        JsonSerializer.SerializeToElement(container, WireJson.Default.ContainerDto);

    public static string HashOf(IEnumerable<ContainerDto> containers) => InventoryHash.Of(
        containers.Select(container => KeyValuePair.Create(container.DockerId, InventoryHash.Digest(Json(container)))));
}
