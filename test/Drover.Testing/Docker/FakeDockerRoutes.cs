using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Drover.Testing.Docker;

/// <summary>What a <see cref="FakeDockerEngine"/> answers, in the shapes of a real one.</summary>
internal sealed class FakeDockerRoutes(FakeDockerEngine engine)
{
    public ConcurrentDictionary<string, bool> Vanished { get; } = new();

    public Task HandleAsync(string path, HttpContext context, CancellationToken cancellationToken)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return (context.Request.Method, parts) switch
        {
            (_, ["_ping"]) => PingAsync(context, cancellationToken),
            _ when IsTooNew(context) => ErrorAsync(
                context,
                400,
                $"client version is too new. Maximum supported API version is {engine.ApiVersion}",
                cancellationToken),
            ("GET", ["info"]) => JsonAsync(context, Facts(), cancellationToken),
            ("GET", ["version"]) => JsonAsync(context, Version(), cancellationToken),
            ("GET", ["events"]) => EventsAsync(context, cancellationToken),
            ("GET", ["containers", "json"]) => JsonAsync(context, List(context), cancellationToken),
            (var method, ["containers", var id, .. var rest]) =>
                ContainerAsync(method, id, rest, context, cancellationToken),
            _ => ErrorAsync(context, 404, "page not found", cancellationToken),
        };
    }

    private Task ContainerAsync(
        string method, string id, string[] rest, HttpContext context, CancellationToken cancellationToken)
    {
        if (engine.Find(Uri.UnescapeDataString(id)) is not { } container || Vanished.ContainsKey(container.Id))
        {
            return ErrorAsync(context, 404, $"No such container: {id}", cancellationToken);
        }

        switch ((method, rest))
        {
            case ("GET", ["json"]):
                return JsonAsync(context, FakeContainerJson.Inspect(container), cancellationToken);
            case ("GET", ["logs"]):
                return FakeLogResponse.WriteAsync(container, context, cancellationToken);
            case ("POST", ["start"]):
                context.Response.StatusCode = container.IsRunning ? 304 : 204;
                Start(container);
                return Task.CompletedTask;
            case ("POST", ["stop"]):
                context.Response.StatusCode = container.IsRunning ? 204 : 304;
                Stop(container);
                return Task.CompletedTask;
            case ("POST", ["restart"]):
                context.Response.StatusCode = 204;
                Stop(container);
                Start(container);
                engine.EmitEvent("restart", container);
                return Task.CompletedTask;
            case ("POST", ["kill"]) when !container.IsRunning:
                return ErrorAsync(context, 409, $"Container {container.Id} is not running", cancellationToken);
            case ("POST", ["kill"]):
                context.Response.StatusCode = 204;
                Stop(container);
                return Task.CompletedTask;
            case ("DELETE", []):
                context.Response.StatusCode = 204;
                engine.RemoveContainer(container);
                return Task.CompletedTask;
            default:
                return ErrorAsync(context, 404, "page not found", cancellationToken);
        }
    }

    private void Start(FakeContainer container)
    {
        if (!container.IsRunning)
        {
            container.State = "running";
            container.Pid++;
            engine.EmitEvent("start", container);
            container.StartedAt = engine.Now;
        }
    }

    private void Stop(FakeContainer container)
    {
        if (container.IsRunning)
        {
            engine.EmitEvent("kill", container, new Dictionary<string, string> { ["signal"] = "15" });
            container.State = "exited";
            engine.EmitEvent(
                "die", container, new Dictionary<string, string> { ["exitCode"] = $"{container.ExitCode}" });
            container.FinishedAt = engine.Now;
            engine.EmitEvent("stop", container);
        }
    }

    private async Task EventsAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var events = engine.EventLog.Listen(FakeLogResponse.Moment(context.Request.Query["since"]));
        try
        {
            context.Response.ContentType = "application/json";
            await context.Response.Body.FlushAsync(cancellationToken);
            await foreach (var line in events.Reader.ReadAllAsync(cancellationToken))
            {
                await context.Response.WriteAsync(line, cancellationToken);
                await context.Response.Body.FlushAsync(cancellationToken);
            }
        }
        finally
        {
            engine.EventLog.Leave(events);
        }
    }

    private JsonArray List(HttpContext context) => new([.. engine.Containers
        .Where(each => each.IsRunning || context.Request.Query["all"] == "1")
        .Select(FakeContainerJson.Summary)]);

    private JsonObject Facts() => new()
    {
        ["ID"] = engine.EngineId,
        ["Name"] = "fake-host",
        ["ServerVersion"] = "20.10.24",
        ["OperatingSystem"] = "Fake Linux 1",
        ["OSType"] = "linux",
        ["KernelVersion"] = "6.1.0",
        ["Architecture"] = "x86_64",
        ["NCPU"] = 2,
        ["MemTotal"] = 8L * 1024 * 1024 * 1024,
        ["Containers"] = engine.Containers.Count,
        ["SystemTime"] = engine.Tick().ToString(),
        ["Warnings"] = null,
        ["Swarm"] = new JsonObject { ["LocalNodeState"] = "inactive" },
    };

    private JsonObject Version() => new()
    {
        ["Version"] = "20.10.24",
        ["ApiVersion"] = engine.ApiVersion,
        ["MinAPIVersion"] = "1.12",
        ["Os"] = "linux",
        ["Arch"] = "amd64",
    };

    private Task PingAsync(HttpContext context, CancellationToken cancellationToken)
    {
        context.Response.Headers["Api-Version"] = engine.ApiVersion;
        context.Response.Headers.Server = "Docker/20.10.24 (linux)";
        return context.Response.WriteAsync("OK", cancellationToken);
    }

    /// <summary>A real engine refuses versions it does not know before it looks at anything else.</summary>
    private bool IsTooNew(HttpContext context) =>
        context.Request.Path.Value!.Split('/') is [_, var version, ..]
        && version.StartsWith("v1.", StringComparison.Ordinal)
        && Minor(version) > Minor(engine.ApiVersion);

    private static int Minor(string version) => int.Parse(version.Split('.')[1], null);

    private static Task ErrorAsync(HttpContext context, int status, string message, CancellationToken cancellationToken)
    {
        context.Response.StatusCode = status;
        return JsonAsync(context, new JsonObject { ["message"] = message }, cancellationToken);
    }

    private static Task JsonAsync(HttpContext context, JsonNode node, CancellationToken cancellationToken)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(node.ToJsonString(), cancellationToken);
    }
}
