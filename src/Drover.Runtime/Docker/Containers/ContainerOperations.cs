using System.Net;
using Drover.Runtime.Docker.Logs;
using Drover.Runtime.Docker.Transport;

namespace Drover.Runtime.Docker.Containers;

/// <summary>Containers. An id may be the full id, an unambiguous prefix, or a name.</summary>
public sealed class ContainerOperations
{
    private static readonly TimeSpan DefaultGrace = TimeSpan.FromSeconds(10);
    private readonly EngineTransport _transport;

    internal ContainerOperations(EngineTransport transport) => _transport = transport;

    /// <summary>Lists containers.</summary>
    /// <param name="all">False: only running ones.</param>
    /// <param name="filters">As <c>docker ps --filter</c>.</param>
    /// <param name="size">True: also their sizes, which the engine reads from disk, slowly.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<IReadOnlyList<ContainerSummary>> ListAsync(
        bool all, DockerFilters? filters, bool size, CancellationToken cancellationToken) => _transport.ReadAsync(
        EngineRequest.Get("/containers/json", "list the containers") with
        {
            Query = new EngineQuery().Add("all", all).Add("size", size).Add(filters),
        },
        ContainerJson.Default.IReadOnlyListContainerSummary,
        cancellationToken);

    /// <summary>Lists all containers, stopped ones too.</summary>
    public Task<IReadOnlyList<ContainerSummary>> ListAsync(CancellationToken cancellationToken) =>
        ListAsync(all: true, filters: null, size: false, cancellationToken);

    public Task<ContainerInspect> InspectAsync(string id, CancellationToken cancellationToken) => _transport.ReadAsync(
        EngineRequest.Get(Of(id, "/json"), $"inspect container \"{id}\""),
        ContainerJson.Default.ContainerInspect,
        cancellationToken);

    /// <summary>Creates a container and does not start it.</summary>
    /// <param name="container">What it runs and how.</param>
    /// <param name="name">Null lets the engine make one up.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<CreatedContainer> CreateAsync(
        CreateContainer container, string? name, CancellationToken cancellationToken) =>
        _transport.ReadAsync(
            EngineRequest.Post("/containers/create", $"create container \"{name ?? container.Image}\"") with
            {
                Query = new EngineQuery().Add("name", name),
                Body = EngineBody.Json(container, ContainerJson.Default.CreateContainer),
            },
            ContainerJson.Default.CreatedContainer,
            cancellationToken);

    /// <summary>Starts it.</summary>
    /// <param name="id">Container.</param>
    /// <param name="cancellationToken">Ends the waiting, not the start.</param>
    /// <param name="limit">How long the engine may take; null is the client's own limit.</param>
    /// <returns>False when it ran already.</returns>
    public Task<bool> StartAsync(string id, CancellationToken cancellationToken, TimeSpan? limit = null) =>
        ChangeAsync(
            EngineRequest.Post(Of(id, "/start"), $"start container \"{id}\"") with
            {
                Lane = EngineLane.Stream,
                Limit = limit,
            },
            cancellationToken);

    /// <summary>Stops it: its stop signal, and SIGKILL after the grace.</summary>
    /// <param name="id">Container.</param>
    /// <param name="grace">Null means what the container was created with, or 10 s.</param>
    /// <param name="cancellationToken">Ends the waiting, not the stop.</param>
    /// <param name="limit">How long the engine may take; null is the client's own limit and the grace.</param>
    /// <returns>False when it did not run.</returns>
    public Task<bool> StopAsync(
        string id, TimeSpan? grace, CancellationToken cancellationToken, TimeSpan? limit = null) =>
        ChangeAsync(
            Graceful(EngineRequest.Post(Of(id, "/stop"), $"stop container \"{id}\""), grace, limit),
            cancellationToken);

    /// <summary>Stops and starts it; starts one that does not run.</summary>
    /// <param name="id">Container.</param>
    /// <param name="grace">As with a stop.</param>
    /// <param name="cancellationToken">Ends the waiting, not the restart.</param>
    /// <param name="limit">How long the engine may take; null is the client's own limit and the grace.</param>
    public Task RestartAsync(
        string id, TimeSpan? grace, CancellationToken cancellationToken, TimeSpan? limit = null) =>
        ChangeAsync(
            Graceful(EngineRequest.Post(Of(id, "/restart"), $"restart container \"{id}\""), grace, limit),
            cancellationToken);

    /// <summary>Sends a signal; a container that does not run is a conflict.</summary>
    /// <param name="id">Container.</param>
    /// <param name="signal">Name or number; null means SIGKILL.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task KillAsync(string id, string? signal, CancellationToken cancellationToken) => ChangeAsync(
        EngineRequest.Post(Of(id, "/kill"), $"send {signal ?? "SIGKILL"} to container \"{id}\"") with
        {
            Query = new EngineQuery().Add("signal", signal),
        },
        cancellationToken);

    /// <summary>Removes it.</summary>
    /// <param name="id">Container.</param>
    /// <param name="force">True: a running one is killed first, else it is a conflict.</param>
    /// <param name="volumes">True: its anonymous volumes too.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task RemoveAsync(string id, bool force, bool volumes, CancellationToken cancellationToken) => ChangeAsync(
        EngineRequest.Delete(Of(id, ""), $"remove container \"{id}\"") with
        {
            Query = new EngineQuery().Add("force", force).Add("v", volumes),
        },
        cancellationToken);

    /// <summary>Freezes all its processes.</summary>
    public Task PauseAsync(string id, CancellationToken cancellationToken) =>
        ChangeAsync(EngineRequest.Post(Of(id, "/pause"), $"pause container \"{id}\""), cancellationToken);

    public Task UnpauseAsync(string id, CancellationToken cancellationToken) =>
        ChangeAsync(EngineRequest.Post(Of(id, "/unpause"), $"unpause container \"{id}\""), cancellationToken);

    public Task RenameAsync(string id, string name, CancellationToken cancellationToken) => ChangeAsync(
        EngineRequest.Post(Of(id, "/rename"), $"rename container \"{id}\" to \"{name}\"") with
        {
            Query = new EngineQuery().Add("name", name),
        },
        cancellationToken);

    /// <summary>Lists its processes.</summary>
    public Task<ContainerProcesses> TopAsync(string id, CancellationToken cancellationToken) => _transport.ReadAsync(
        EngineRequest.Get(Of(id, "/top"), $"list the processes of container \"{id}\""),
        ContainerJson.Default.ContainerProcesses,
        cancellationToken);

    /// <summary>Waits, without a deadline of its own, until the container reaches the condition.</summary>
    public async Task<ContainerExit> WaitAsync(string id, WaitCondition condition, CancellationToken cancellationToken)
    {
        var request = EngineRequest.Post(Of(id, "/wait"), $"wait for container \"{id}\"") with
        {
            Query = new EngineQuery().Add("condition", NameOf(condition)),
        };
        await using var stream = await _transport.OpenAsync(request, cancellationToken, deadline: false);
        var lines = JsonLines.ReadAsync(
            stream, ContainerJson.Default.ContainerExit, _transport.Options.MaxLineBytes, cancellationToken);
        await foreach (var exit in lines)
        {
            return exit;
        }

        throw stream.BadAnswer("no exit code");
    }

    /// <summary>Reads its log; see <see cref="LogQuery"/>.</summary>
    /// <param name="id">Container.</param>
    /// <param name="query">Which lines.</param>
    /// <param name="tty">Whether the container has a terminal (<see cref="ContainerConfig.Tty"/>), whose output is not
    /// framed; null asks first.</param>
    /// <param name="cancellationToken">Ends it at once.</param>
    public async IAsyncEnumerable<LogLine> LogsAsync(
        string id,
        LogQuery query,
        bool? tty = null,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var isTty = tty ?? (await InspectAsync(id, cancellationToken)).Config.Tty;
        var request = EngineRequest.Get(Of(id, "/logs"), $"read the log of container \"{id}\"") with
        {
            Query = query.ToQuery(),
        };
        await using var stream = await _transport.OpenAsync(request, cancellationToken);
        var lines = LogReader.ReadAsync(
            stream, isTty, query.Timestamps, _transport.Options.MaxLineBytes, cancellationToken);
        await foreach (var line in lines)
        {
            yield return line;
        }
    }

    private async Task<bool> ChangeAsync(EngineRequest request, CancellationToken cancellationToken) =>
        await _transport.SendAsync(request, cancellationToken) is not HttpStatusCode.NotModified;

    private static EngineRequest Graceful(EngineRequest request, TimeSpan? grace, TimeSpan? limit)
    {
        var seconds = grace is { } given ? (long?)Math.Ceiling(given.TotalSeconds) : null;
        return request with
        {
            Query = new EngineQuery().Add("t", seconds),
            Lane = EngineLane.Stream,
            Limit = limit,
            Grace = grace is { } length && length > DefaultGrace ? length : DefaultGrace,
        };
    }

    private static string Of(string id, string what) => $"/containers/{Uri.EscapeDataString(id)}{what}";

    private static string NameOf(WaitCondition condition) => condition switch
    {
        WaitCondition.NotRunning => "not-running",
        WaitCondition.NextExit => "next-exit",
        WaitCondition.Removed => "removed",
    };
}

/// <summary>What to wait for.</summary>
public enum WaitCondition
{
    /// <summary>It does not run, now or later.</summary>
    NotRunning,

    /// <summary>Its next end, even if it does not run now.</summary>
    NextExit,

    /// <summary>It is gone.</summary>
    Removed,
}
