using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Drover.Testing.Docker;

/// <summary>What a <see cref="FakeSwarm"/> answers, in the shapes of a real manager.</summary>
internal sealed class FakeSwarmRoutes(FakeSwarm swarm)
{
    public Task HandleAsync(
        string method, string[] parts, HttpContext context, CancellationToken cancellationToken) =>
        (method, parts) switch
        {
            ("GET", ["services"]) => FakeDockerRoutes.JsonAsync(context, Services(context), cancellationToken),
            ("GET", ["services", var id]) => ServiceAsync(id, context, cancellationToken),
            ("POST", ["services", var id, "update"]) => UpdateAsync(id, context, cancellationToken),
            ("GET", ["tasks"]) => TasksAsync(context, cancellationToken),
            ("GET", ["networks", "docker_gwbridge"]) => FakeDockerRoutes.JsonAsync(
                context, Bridge(), cancellationToken),
            _ => FakeDockerRoutes.ErrorAsync(context, 404, "page not found", cancellationToken),
        };

    private async Task UpdateAsync(string id, HttpContext context, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(context.Request.Body);
        var spec = await reader.ReadToEndAsync(cancellationToken);
        var version = int.Parse(context.Request.Query["version"]!, CultureInfo.InvariantCulture);
        if (swarm.Find(id) is not { } service)
        {
            await FakeDockerRoutes.ErrorAsync(context, 404, $"service {id} not found", cancellationToken);
            return;
        }

        await (swarm.TryUpdate(service, version, spec)
            ? FakeDockerRoutes.JsonAsync(context, new JsonObject { ["Warnings"] = null }, cancellationToken)
            : FakeDockerRoutes.ErrorAsync(
                context, 500, "rpc error: code = Unknown desc = update out of sequence", cancellationToken));
    }

    private Task ServiceAsync(string id, HttpContext context, CancellationToken cancellationToken) =>
        swarm.Find(Uri.UnescapeDataString(id)) is { } service
            ? TextAsync(context, Text(service), cancellationToken)
            : FakeDockerRoutes.ErrorAsync(context, 404, $"service {id} not found", cancellationToken);

    private Task TasksAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var wanted = Filter(context, "service");
        if (wanted?.FirstOrDefault(id => swarm.Find(id) is null) is { } gone)
        {
            return FakeDockerRoutes.ErrorAsync(context, 404, $"service {gone} not found", cancellationToken);
        }

        var tasks = swarm.Tasks.Where(task => wanted?.Contains(task.Service.Id) ?? true);
        return FakeDockerRoutes.JsonAsync(
            context, new JsonArray([.. tasks.Select(task => task.ToJson())]), cancellationToken);
    }

    private JsonArray Services(HttpContext context) => new([.. swarm.Services
        .Where(service => Filter(context, "id")?.Contains(service.Id) ?? true)
        .Select(service => JsonNode.Parse(Text(service)))]);

    private JsonObject Bridge() => new()
    {
        ["Name"] = "docker_gwbridge",
        ["Containers"] = new JsonObject(swarm.Bridge.Select(each => KeyValuePair.Create(
            each.Key, (JsonNode?)new JsonObject { ["IPv4Address"] = $"{each.Value}/16" }))),
    };

    private static string Text(FakeSwarmService service) =>
        $$"""{"ID":"{{service.Id}}","Version":{"Index":{{service.Version}} },"Spec":{{service.Spec}} }""";

    private static List<string>? Filter(HttpContext context, string name) =>
        context.Request.Query["filters"] is [{ } filters] && JsonNode.Parse(filters)?[name] is JsonArray values
            ? [.. values.Select(value => value!.GetValue<string>())]
            : null;

    private static Task TextAsync(HttpContext context, string text, CancellationToken cancellationToken)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(text, cancellationToken);
    }
}
