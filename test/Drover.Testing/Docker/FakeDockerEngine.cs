using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Drover.Runtime.Docker;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Drover.Testing.Docker;

/// <summary>
/// An engine on a unix socket for what a real one cannot do on demand: a thousand containers, hanging, garbage, huge
/// answers, containers that vanish between list and inspect, scripted logs and events.
/// </summary>
public sealed class FakeDockerEngine : IAsyncDisposable
{
    private const long Birth = 1_700_000_000_000_000_000;
    private readonly string _directory = Directory.CreateTempSubdirectory("drover-fake-").FullName;
    private readonly ConcurrentDictionary<string, FakeContainer> _containers = new();
    private readonly ConcurrentDictionary<string, (int Status, byte[] Body)> _scripted = new();
    private readonly ConcurrentDictionary<string, Task> _held = new();
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly ConcurrentDictionary<long, (string What, long Since)> _open = new();
    private readonly FakeDockerRoutes _routes;
    private readonly TimeProvider? _clock;
    private readonly Lock _emitting = new();
    private TaskCompletionSource _answering = Open();
    private CancellationTokenSource _connections = new();
    private WebApplication? _app;
    private long _lastEvent = Birth;
    private long _opened;

    private FakeDockerEngine(TimeProvider? clock)
    {
        _clock = clock;
        Swarm = new FakeSwarm(this);
        _routes = new FakeDockerRoutes(this);
    }

    /// <summary>As for DOCKER_HOST.</summary>
    public string Address => $"unix://{SocketPath}";

    public string SocketPath => Path.Combine(_directory, "docker.sock");

    /// <summary>Newest API version it claims to know.</summary>
    public string ApiVersion { get; set; } = "1.41";

    /// <summary>Identity of the engine; another one is another engine at the same address.</summary>
    public string EngineId { get; set; } = "FAKE:0001";

    public IReadOnlyCollection<FakeContainer> Containers => [.. _containers.Values];

    /// <summary>All requests so far, each <c>GET /containers/json</c> without version and query.</summary>
    public IReadOnlyCollection<string> Requests => [.. _requests];

    /// <summary>
    /// The requests that were begun and are not answered to their end, oldest first, each with its age; those that
    /// follow events or a log are among them for as long as they do.
    /// </summary>
    public IReadOnlyList<string> Unanswered =>
    [
        .. _open.OrderBy(one => one.Key).Select(one => string.Create(
            CultureInfo.InvariantCulture,
            $"{one.Value.What} since {Stopwatch.GetElapsedTime(one.Value.Since).TotalSeconds:0.0} s")),
    ];

    /// <summary>How many follow the events just now.</summary>
    public int EventListeners => EventLog.Listeners;

    /// <summary>The Swarm that it is a manager of.</summary>
    public FakeSwarm Swarm { get; }

    internal FakeEventLog EventLog { get; } = new();

    internal EngineTimestamp Now => EngineTimestamp.FromUnixNanos(Interlocked.Read(ref _lastEvent));

    /// <summary>How long a stop or a start takes it; whoever asked may be gone before it is over.</summary>
    public TimeSpan ActionTime { get; set; }

    /// <summary>Called with each event, in their order.</summary>
    public Action<FakeContainer, string, DateTimeOffset>? Happened { get; set; }

    /// <summary>Called when somebody begins to follow the events.</summary>
    public Action? Followed { get; set; }

    /// <summary>The engine's clock, a little later than anything before.</summary>
    internal EngineTimestamp Tick() => EngineTimestamp.FromUnixNanos(Next(1));

    /// <summary>Starts one.</summary>
    /// <param name="clock">What its events are dated by; without one they count on from a fixed birth, the same in
    /// every run of a test.</param>
    public static async Task<FakeDockerEngine> StartNewAsync(TimeProvider? clock = null)
    {
        var engine = new FakeDockerEngine(clock);
        await engine.StartAsync();
        return engine;
    }

    /// <summary>A client of this engine, for the caller to dispose.</summary>
    public DockerClient Connect(DockerClientOptions? options = null, TimeProvider? time = null) =>
        new(DockerEndpoint.Parse(Address), time ?? TimeProvider.System, options);

    public FakeContainer AddContainer(string name, Action<FakeContainer>? configure = null)
    {
        var container = new FakeContainer(name) { CreatedAt = _clock is null ? FakeContainer.Epoch : Tick() };
        configure?.Invoke(container);
        _containers[container.Id] = container;
        EmitEvent("create", container);
        return container;
    }

    /// <summary>Adds this many running containers, named <c>prefix-0</c> and so on, without events.</summary>
    public void AddContainers(int count, string prefix = "web")
    {
        for (var i = 0; i < count; i++)
        {
            var container = new FakeContainer($"{prefix}-{i}");
            container.Labels["drover.app"] = $"{prefix}-{i}";
            _containers[container.Id] = container;
        }
    }

    public void RemoveContainer(FakeContainer container)
    {
        if (_containers.TryRemove(container.Id, out _))
        {
            EmitEvent("destroy", container);
        }
    }

    /// <summary>The list goes on showing it; every question after it finds it gone.</summary>
    public void VanishAfterList(FakeContainer container) => _routes.Vanished[container.Id] = true;

    /// <summary>Something happens to a container; each event is a little later than the one before, unless told
    /// when.</summary>
    public DateTimeOffset EmitEvent(
        string action, FakeContainer container, IReadOnlyDictionary<string, string>? attributes =
            null, EngineTimestamp? at = null)
    {
        if (at is { } given)
        {
            var nanos = (given.Seconds * 1_000_000_000) + given.Nanos;
            Interlocked.Exchange(ref _lastEvent, Math.Max(nanos, Interlocked.Read(ref _lastEvent)));
        }

        var all = new Dictionary<string, string>(
            container.Labels)
        { ["name"] = container.Name, ["image"] = container.Image };
        foreach (var (name, value) in attributes ?? new Dictionary<string, string>())
        {
            all[name] = value;
        }

        lock (_emitting)
        {
            var moment = at ?? EngineTimestamp.FromUnixNanos(Next(1_000_001));
            EventLog.Add("container", action, container.Id, all, moment);
            Happened?.Invoke(container, action, moment.ToDateTimeOffset());
            return moment.ToDateTimeOffset();
        }
    }

    /// <summary>Something happens to a thing that is no container.</summary>
    internal void EmitEvent(string type, string action, string id, IReadOnlyDictionary<string, string> attributes)
    {
        lock (_emitting)
        {
            EventLog.Add(type, action, id, attributes, EngineTimestamp.FromUnixNanos(Next(1_000_001)));
        }
    }

    /// <summary>Starts a container that does not run.</summary>
    public void Start(FakeContainer container)
    {
        if (!container.IsRunning)
        {
            container.State = "running";
            container.Pid++;
            EmitEvent("start", container);
            container.StartedAt = Now;
        }
    }

    /// <summary>The process of a running container ends, by itself or by a signal.</summary>
    public void End(FakeContainer container, int exitCode)
    {
        if (container.IsRunning)
        {
            container.State = "exited";
            container.ExitCode = exitCode;
            EmitEvent("die", container, new Dictionary<string, string> { ["exitCode"] = $"{exitCode}" });
            container.FinishedAt = Now;
        }
    }

    /// <summary>From now on connections are accepted and nothing is answered.</summary>
    public void Hang() => Interlocked.Exchange(ref _answering, new(TaskCreationOptions.RunContinuationsAsynchronously));

    /// <summary>Ends <see cref="Hang"/>: what waited is answered.</summary>
    public void Resume() => _answering.TrySetResult();

    /// <summary>A path such as <c>/containers/json</c> answers this from now on; null ends it.</summary>
    public void Answer(string path, byte[]? body, int status = 200)
    {
        if (body is null)
        {
            _scripted.TryRemove(path, out _);
        }
        else
        {
            _scripted[path] = (status, body);
        }
    }

    /// <summary>Requests to a path wait until this has ended; all others are answered.</summary>
    public void Hold(string path, Task until) => _held[path] = until;

    /// <summary>Breaks all connections; new ones are welcome.</summary>
    public void BreakConnections() => Interlocked.Exchange(ref _connections, new()).Cancel();

    /// <summary>Another engine takes this one's place at the same address, with other events in its memory.</summary>
    public void BecomeAnotherEngine(string id)
    {
        EngineId = id;
        Interlocked.Exchange(ref _lastEvent, Birth);
        EventLog.Forget();
        BreakConnections();
    }

    /// <summary>The engine goes away; its containers stay, its memory of events does not.</summary>
    public async Task StopAsync()
    {
        BreakConnections();
        Resume();
        if (Interlocked.Exchange(ref _app, null) is { } app)
        {
            await app.StopAsync();
            await app.DisposeAsync();
        }

        EventLog.Forget();
        File.Delete(SocketPath);
    }

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromMilliseconds(200));
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(SocketPath));
        var app = builder.Build();
        app.Run(HandleAsync);
        await app.StartAsync();
        _app = app;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_directory, recursive: true);
    }

    internal FakeContainer? Find(string reference) =>
        _containers.Values.FirstOrDefault(each =>
            each.Id == reference || each.Name == reference
                || (reference.Length >= 12 && each.Id.StartsWith(reference, StringComparison.Ordinal)));

    private async Task HandleAsync(HttpContext context)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _connections.Token);
        var path = WithoutVersion(context.Request.Path.Value!);
        var what = $"{context.Request.Method} {path}";
        _requests.Enqueue(what);
        var number = Interlocked.Increment(ref _opened);
        _open[number] = (what, Stopwatch.GetTimestamp());
        try
        {
            await _answering.Task.WaitAsync(ending.Token);
            if (_held.TryGetValue(path, out var held))
            {
                await held.WaitAsync(ending.Token);
            }

            if (_scripted.TryGetValue(path, out var scripted))
            {
                context.Response.StatusCode = scripted.Status;
                context.Response.ContentType = "application/json";
                await context.Response.Body.WriteAsync(scripted.Body, ending.Token);
                return;
            }

            await _routes.HandleAsync(path, context, ending.Token);
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
        finally
        {
            _open.TryRemove(number, out _);
        }
    }

    /// <summary>A moment at least so many nanoseconds after the last one.</summary>
    private long Next(long step)
    {
        while (true)
        {
            var last = Interlocked.Read(ref _lastEvent);
            var clock = _clock is null ? 0 : (_clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
            var next = Math.Max(last + step, clock);
            if (Interlocked.CompareExchange(ref _lastEvent, next, last) == last)
            {
                return next;
            }
        }
    }

    private static string WithoutVersion(string path) =>
        path.StartsWith("/v1.", StringComparison.Ordinal) ? path[path.IndexOf('/', 1)..] : path;

    private static TaskCompletionSource Open()
    {
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        source.SetResult();
        return source;
    }
}
