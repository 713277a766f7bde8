using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Drover.Testing.Legacy;

/// <summary>A request as it came.</summary>
/// <param name="Method">Its method.</param>
/// <param name="Path">Its path.</param>
/// <param name="Query">Its query, with the question mark.</param>
/// <param name="Headers">Its headers.</param>
/// <param name="Body">Its body, byte for byte.</param>
/// <param name="At">When.</param>
public sealed record StackerRequest(
    string Method,
    string Path,
    string Query,
    IReadOnlyDictionary<string, string> Headers,
    byte[] Body,
    DateTimeOffset At)
{
    public const string Wait = "/api/v1/agent/commands/wait/";
    public const string Report = "/api/v1/agent/commands/report";
    public const string AppStatus = "/api/v1/apps/status";
    public const string Register = "/api/v1/agent/register";

    /// <summary>The body as JSON.</summary>
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;
}

/// <summary>
/// A server that behaves as a real Stacker does, written from its description and with nothing of the code under test:
/// 400 for a token it does not trust, a command given out once and forgotten, 200 with a null item when there is none,
/// results held to its schema, and no route for app status. A test can script an answer in the place of any.
/// </summary>
public sealed class ScriptedStacker : IAsyncDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentDictionary<string, Queue<Func<HttpContext, Task>>> _scripted = new();
    private readonly Dictionary<string, (string Type, string Status)> _commands = new(StringComparer.Ordinal);
    private readonly Queue<(string Id, string Item)> _queue = new();
    private readonly Lock _gate = new();
    private WebApplication? _app;
    private int _port;
    private int _ordered;
    private int _registered;

    private ScriptedStacker()
    {
    }

    public Uri Address => new($"http://127.0.0.1:{_port}");

    public string AgentId { get; } = Guid.NewGuid().ToString();

    public string DeploymentHash { get; } = "dep-hash-123";

    /// <summary>The one bearer token it trusts.</summary>
    public string Token { get; set; } = NewToken();

    public ConcurrentQueue<StackerRequest> Requests { get; } = new();

    /// <summary>Reports it refused for their result, and why.</summary>
    public ConcurrentQueue<string> Rejections { get; } = new();

    /// <summary>86 characters, as that server makes them.</summary>
    public static string NewToken() => string.Concat(Guid.NewGuid().ToString("N"), Guid.NewGuid().ToString("N"))
        .PadRight(86, 'x');

    public static async Task<ScriptedStacker> StartNewAsync()
    {
        var server = new ScriptedStacker();
        await server.ComeBackAsync();
        return server;
    }

    /// <summary>The requests to a path that begins so.</summary>
    public IReadOnlyList<StackerRequest> To(string path) =>
        [.. Requests.Where(request => request.Path.StartsWith(path, StringComparison.Ordinal))];

    /// <summary>Queues a command.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="parameters">JSON.</param>
    /// <param name="commandId">Null: a new one.</param>
    public string Order(string type, string parameters = "null", string? commandId = null)
    {
        lock (_gate)
        {
            var id = commandId ?? string.Create(CultureInfo.InvariantCulture, $"cmd_{++_ordered}");
            _commands[id] = (type, "queued");
            _queue.Enqueue((id, $$"""
                {"id":"{{Guid.NewGuid()}}","command_id":"{{id}}","deployment_hash":"{{DeploymentHash}}","type":"{{type}}","status":"sent","priority":"normal","parameters":{{parameters}},"result":null,"error":null,"created_by":"alice","created_at":"2026-01-01T00:00:00.123456Z","updated_at":"2026-01-01T00:00:00.123456Z","timeout_seconds":300,"metadata":null}
                """));
            return id;
        }
    }

    /// <summary>How a command stands: queued, sent, completed or failed.</summary>
    public string StatusOf(string commandId)
    {
        lock (_gate)
        {
            return _commands[commandId].Status;
        }
    }

    /// <summary>Every report of a command, refused ones too.</summary>
    public IReadOnlyList<StackerRequest> ReportsOf(string commandId) =>
    [
        .. To(StackerRequest.Report)
            .Where(request => request.Json.GetProperty("command_id").GetString() == commandId),
    ];

    /// <summary>The next request to a path that begins so is answered with this.</summary>
    public void AnswerOnce(string path, int status, string body = "") => ActOnce(path, context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return body.Length == 0 ? Task.CompletedTask : context.Response.WriteAsync(body);
    });

    /// <summary>The next request to a path that begins so meets this.</summary>
    public void ActOnce(string path, Func<HttpContext, Task> act)
    {
        var queue = _scripted.GetOrAdd(path, _ => new());
        lock (queue)
        {
            queue.Enqueue(act);
        }
    }

    public async Task GoAwayAsync()
    {
        if (Interlocked.Exchange(ref _app, null) is { } app)
        {
            using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
            await app.StopAsync(now.Token);
            await app.DisposeAsync();
        }
    }

    public async Task ComeBackAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromMilliseconds(100));
        builder.WebHost.UseUrls($"http://127.0.0.1:{_port}");
        var app = builder.Build();
        app.Run(HandleAsync);
        await app.StartAsync();
        _port = new Uri(app.Urls.First()).Port;
        _app = app;
    }

    public async ValueTask DisposeAsync() => await GoAwayAsync();

    private async Task HandleAsync(HttpContext context)
    {
        var request = await ReadAsync(context);
        Requests.Enqueue(request);
        foreach (var (path, queue) in _scripted)
        {
            Func<HttpContext, Task>? act = null;
            lock (queue)
            {
                if (request.Path.StartsWith(path, StringComparison.Ordinal))
                {
                    queue.TryDequeue(out act);
                }
            }

            if (act is not null)
            {
                await act(context);
                return;
            }
        }

        var (status, body) = request.Path is StackerRequest.Register ? Registered()
            : Distrust(request) is { } why
            ? (400, Message(why))
            : request.Path.StartsWith(StackerRequest.Wait, StringComparison.Ordinal)
                ? await WaitAsync(request, context.RequestAborted)
                : request.Path is StackerRequest.Report
                    ? Report(request.Json)
                    : (404, Message("Not Found"));
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(body);
    }

    private static async Task<StackerRequest> ReadAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        return new StackerRequest(
            context.Request.Method,
            context.Request.Path.Value!,
            context.Request.QueryString.Value!,
            context.Request.Headers.ToDictionary(
                header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            body.ToArray(),
            DateTimeOffset.UtcNow);
    }

    /// <summary>Open to all, and the same credentials for whoever asks again.</summary>
    private (int Status, string Body) Registered() => (
        Interlocked.Increment(ref _registered) == 1 ? 201 : 200,
        $$$$"""{"data":{"item":{"agent_id":"{{{{AgentId}}}}","agent_token":"{{{{Token}}}}","dashboard_version":"2.0.0","supported_api_versions":["1.0"]}}}""");

    /// <summary>That server's words for an agent it does not trust; it never looks at the signature.</summary>
    private string? Distrust(StackerRequest request) =>
        !Guid.TryParse(request.Headers.GetValueOrDefault("X-Agent-Id"), out var agentId) ? "Invalid agent ID format"
        : agentId.ToString() != AgentId ? "Agent not found"
        : !request.Headers.TryGetValue("Authorization", out var header) ? "Authorization header required for agent"
        : header == $"Bearer {Token}" ? null
        : "Invalid agent token";

    private async Task<(int Status, string Body)> WaitAsync(StackerRequest request, CancellationToken gone)
    {
        if (request.Path[StackerRequest.Wait.Length..] != DeploymentHash)
        {
            return (403, Message("Not authorized for this deployment"));
        }

        var until = DateTimeOffset.UtcNow.AddSeconds(
            int.Parse(request.Query.Split("timeout=")[1].Split('&')[0], CultureInfo.InvariantCulture));
        while (DateTimeOffset.UtcNow < until && !gone.IsCancellationRequested)
        {
            lock (_gate)
            {
                if (_queue.TryDequeue(out var next))
                {
                    _commands[next.Id] = (_commands[next.Id].Type, "sent");
                    return (
                        200,
                        $$$"""{"message":"Command available","item":{{{next.Item}}},"meta":{"next_poll_secs":0}}""");
                }
            }

            await Task.Delay(Look, CancellationToken.None);
        }

        return (200, """{"message":"No command available","item":null,"meta":{"next_poll_secs":0}}""");
    }

    private (int Status, string Body) Report(JsonElement report)
    {
        lock (_gate)
        {
            var id = report.GetProperty("command_id").GetString()!;
            if (!_commands.TryGetValue(id, out var command))
            {
                return (404, Message("Command not found"));
            }

            if (StackerSchema.Objection(command.Type, DeploymentHash, report) is { } why)
            {
                Rejections.Enqueue($"{id} ({command.Type}): {why}");
                return (400, Message(why));
            }

            var failed = report.GetProperty("status").GetString() == "failed"
                || (report.TryGetProperty("errors", out var errors) && errors.GetArrayLength() > 0);
            var status = failed ? "failed" : "completed";
            _commands[id] = (command.Type, status);
            return (
                200,
                $$$"""{"message":"Result accepted","item":{"accepted":true,"message":"Command result accepted, status: {{{status}}}"}}""");
        }
    }

    private static string Message(string text) => $$"""{"message":"{{text}}"}""";
}
