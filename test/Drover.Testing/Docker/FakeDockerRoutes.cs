using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Drover.Testing.Docker;

/// <summary>What a <see cref="FakeDockerEngine"/> answers, in the shapes of a real one.</summary>
internal sealed class FakeDockerRoutes(FakeDockerEngine engine)
{
    private readonly FakeSwarmRoutes _swarm = new(engine.Swarm);

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
            (var method, ["services" or "tasks" or "networks", ..]) => _swarm.HandleAsync(
                method, parts, context, cancellationToken),
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
            case ("POST", ["start" or "stop" or "restart" or "kill"]):
                return ActAsync(rest[0], container, context, cancellationToken);
            case ("POST", ["pause" or "unpause"]):
                return FreezeAsync(rest[0] is "pause", container, context, cancellationToken);
            case ("DELETE", []):
                context.Response.StatusCode = 204;
                engine.RemoveContainer(container);
                return Task.CompletedTask;
            default:
                return ErrorAsync(context, 404, "page not found", cancellationToken);
        }
    }

    /// <summary>A real engine finishes what it began, whether anybody waits for the answer or not.</summary>
    private async Task ActAsync(
        string action, FakeContainer container, HttpContext context, CancellationToken cancellationToken)
    {
        await container.Turn.WaitAsync(CancellationToken.None);
        try
        {
            if (action == "kill" && !container.IsRunning)
            {
                await ErrorAsync(context, 409, $"Container {container.Id} is not running", cancellationToken);
                return;
            }

            var changes = action == "restart" || container.IsRunning != (action == "start");
            context.Response.StatusCode = changes ? 204 : 304;
            if (action != "start")
            {
                await StopAsync(container);
            }

            if (action is "start" or "restart")
            {
                await StartAsync(container);
            }

            if (action == "restart")
            {
                engine.EmitEvent("restart", container);
            }
        }
        finally
        {
            container.Turn.Release();
        }
    }

    // A real engine answers a second pause with 409 and a second unpause with 500.
    private Task FreezeAsync(
        bool isPause, FakeContainer container, HttpContext context, CancellationToken cancellationToken)
    {
        if (container.State != (isPause ? "running" : "paused"))
        {
            var already = isPause ? "already paused or not running" : "not paused";
            return ErrorAsync(
                context, isPause ? 409 : 500, $"Container {container.Id} is {already}", cancellationToken);
        }

        container.State = isPause ? "paused" : "running";
        engine.EmitEvent(isPause ? "pause" : "unpause", container);
        context.Response.StatusCode = 204;
        return Task.CompletedTask;
    }

    private async Task StartAsync(FakeContainer container)
    {
        if (!container.IsRunning)
        {
            await TakeTimeAsync();
            engine.Start(container);
        }
    }

    private async Task StopAsync(FakeContainer container)
    {
        if (container.IsRunning)
        {
            engine.EmitEvent("kill", container, new Dictionary<string, string> { ["signal"] = "15" });
            await TakeTimeAsync();
            engine.End(container, container.ExitCode);
            engine.EmitEvent("stop", container);
        }
    }

    private Task TakeTimeAsync() =>
        engine.ActionTime == TimeSpan.Zero ? Task.CompletedTask : Task.Delay(engine.ActionTime);

    private async Task EventsAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var events = engine.EventLog.Listen(FakeLogResponse.Moment(context.Request.Query["since"]));
        engine.Followed?.Invoke();
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
        ["Swarm"] = engine.Swarm.Membership(),
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

    internal static Task ErrorAsync(
        HttpContext context, int status, string message, CancellationToken cancellationToken)
    {
        context.Response.StatusCode = status;
        return JsonAsync(context, new JsonObject { ["message"] = message }, cancellationToken);
    }

    internal static Task JsonAsync(HttpContext context, JsonNode node, CancellationToken cancellationToken)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(node.ToJsonString(), cancellationToken);
    }
}
