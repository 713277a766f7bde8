using Drover.Core.Agents;
using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Events;
using Microsoft.Extensions.Logging;

namespace Drover.Gateway.Swarm;

/// <summary>
/// Watches services of the Swarm through one engine, a manager: its events, which for containers of its own node are
/// ahead of Swarm's word, and answers to questions (<see cref="LookRunner"/>). It begins with the first subscription
/// and runs until it is disposed; an engine that is away is waited for, and asked for everything when it is back.
/// Owns its loops.
/// </summary>
internal sealed partial class SwarmWatch : IServiceWatch, ILookSink, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly ILogger<SwarmWatch> _logger;
    private readonly EngineWatch _engine;
    private readonly Observers _observers;
    private readonly SwarmPicture _picture = new();
    private readonly Questions _questions = new();
    private readonly LookRunner _looks;
    private readonly CancellationTokenSource _ending = new();
    private readonly TaskCompletionSource _known = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? _running;
    private bool _answers;
    private bool _isComplaining;

    /// <param name="docker">A manager of the Swarm; stays the caller's.</param>
    /// <param name="network">The network whose addresses are used; null: one that task and gateway share.</param>
    /// <param name="ownContainer">The container that this process runs in; null: none.</param>
    /// <param name="time">The clock of all waiting.</param>
    /// <param name="logger">Where people read of it.</param>
    public SwarmWatch(
        DockerClient docker, string? network, string? ownContainer, TimeProvider time, ILogger<SwarmWatch> logger)
    {
        _logger = logger;
        _engine = docker.Events.Watch(new EngineWatchOptions { Filters = Filters() });
        _observers = new Observers(logger);
        _looks = new LookRunner(_questions, new SwarmClient(docker, network, ownContainer), this, time);
    }

    /// <inheritdoc/>
    public bool IsReachable => Volatile.Read(ref _answers) && _engine.State is EngineState.Up;

    /// <summary>Completes when everything was asked once and all observers of then have heard the answer.</summary>
    public Task Known => _known.Task;

    /// <inheritdoc/>
    long ILookSink.Moment
    {
        get
        {
            lock (_gate)
            {
                return _picture.Moment;
            }
        }
    }

    /// <inheritdoc/>
    public IDisposable Subscribe(string service, Action<ServiceObservation> observer)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_ending.IsCancellationRequested, this);
            var subscription = _observers.Add(service, observer);
            if (_running is null)
            {
                _running = Task.WhenAll(
                    LeadAsync(_observers.RunAsync), LeadAsync(_looks.RunAsync), LeadAsync(FollowAsync));
            }
            else if (_picture.IsKnown(service))
            {
                _observers.Tell(service, _picture.Observe(service));
            }
            else
            {
                _questions.AskEverything();
                _looks.Wake();
            }

            return subscription;
        }
    }

    /// <inheritdoc/>
    public IDisposable Hurry(string service)
    {
        _questions.Hurry(service);
        _looks.Wake();
        return new Haste(_questions, service);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Task? running;
        lock (_gate)
        {
            if (_ending.IsCancellationRequested)
            {
                return;
            }

            running = _running;
            _ending.Cancel();
        }

        if (running is not null)
        {
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _known.TrySetCanceled();
        _looks.Dispose();
        _ending.Dispose();
    }

    /// <inheritdoc/>
    IEnumerable<string> ILookSink.IdsOf(IReadOnlyList<string> names)
    {
        lock (_gate)
        {
            return [.. names.Select(_picture.IdOf).OfType<string>()];
        }
    }

    /// <inheritdoc/>
    bool ILookSink.LacksAddress()
    {
        lock (_gate)
        {
            return _picture.LacksAddress();
        }
    }

    /// <inheritdoc/>
    IReadOnlySet<string> ILookSink.Unsettled()
    {
        lock (_gate)
        {
            return _picture.Unsettled();
        }
    }

    /// <inheritdoc/>
    void ILookSink.Take(IReadOnlyList<SwarmListing> answers, bool isWhole)
    {
        lock (_gate)
        {
            var watched = _observers.Services();
            var concerned = _picture.NamesOf(answers).ToHashSet();
            foreach (var answer in answers)
            {
                _picture.Apply(answer, watched);
            }

            Volatile.Write(ref _answers, true);
            concerned.UnionWith(_picture.NamesOf(answers));
            foreach (var service in answers.Any(answer => answer is { Only: null } or { Bridge: not null })
                ? watched
                : concerned)
            {
                Tell(service);
            }

            if (isWhole && !_known.Task.IsCompleted)
            {
                _observers.HeardAsync().ContinueWith(
                    _ => _known.TrySetResult(), _ending.Token, TaskContinuationOptions.None, TaskScheduler.Default);
            }
        }

        if (_isComplaining)
        {
            _isComplaining = false;
            Answers();
        }
    }

    /// <inheritdoc/>
    void ILookSink.CannotLook(string reason)
    {
        Volatile.Write(ref _answers, false);
        if (!_isComplaining)
        {
            _isComplaining = true;
            Silent(reason);
        }
    }

    private static DockerFilters Filters() => DockerFilters
        .Where("type", "service").And("type", "container").And("type", "node")
        .And("event", "create").And("event", "update").And("event", "remove")
        .And("event", "start").And("event", "die").And("event", "oom")
        .And("event", "pause").And("event", "unpause").And("event", "health_status");

    private async Task LeadAsync(Func<CancellationToken, Task> loop)
    {
        try
        {
            await Task.Run(() => loop(_ending.Token));
        }
        catch (Exception error) when (error is not OperationCanceledException || !_ending.IsCancellationRequested)
        {
            Defect(error);
            throw;
        }
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        await foreach (var notice in _engine.ReadAsync(cancellationToken))
        {
            switch (notice)
            {
                case EngineNotice.Happened { Event: var happened }:
                    Take(happened);
                    break;
                // Also when the engine went: the look that fails says why, and tries until it is back.
                case EngineNotice.Resync or EngineNotice.StateChanged:
                    _questions.AskEverything();
                    _looks.Wake();
                    break;
                default:
                    break;
            }
        }
    }

    private void Take(DockerEvent happened)
    {
        switch (happened.Type)
        {
            case "container":
                TakeContainer(happened);
                break;
            case "service" when _observers.IsWatched(happened["name"] ?? ""):
                _questions.Ask(happened.ActorId);
                _looks.Wake();
                break;
            case "node":
                _questions.AskEverything();
                _looks.Wake();
                break;
            default:
                break;
        }
    }

    private void TakeContainer(DockerEvent happened)
    {
        if (happened[SwarmPicture.ServiceNameLabel] is not { } service || !_observers.IsWatched(service))
        {
            return;
        }

        lock (_gate)
        {
            _picture.Apply(happened);
            Tell(service);
        }

        if (happened[SwarmPicture.ServiceIdLabel] is { Length: > 0 } id)
        {
            _questions.Ask(id);
            _looks.Wake();
        }
    }

    private void Tell(string service)
    {
        if (_picture.IsKnown(service))
        {
            _observers.Tell(service, _picture.Observe(service));
        }
    }

    [LoggerMessage(5200, LogLevel.Warning, "What runs on the Swarm is not known just now: {Reason}")]
    private partial void Silent(string reason);

    [LoggerMessage(5201, LogLevel.Information, "What runs on the Swarm is known again")]
    private partial void Answers();

    [LoggerMessage(
        5202,
        LogLevel.Critical,
        "The watch of the Swarm ended because of a defect; what runs there is not followed until the gateway restarts")]
    private partial void Defect(Exception error);

    private sealed class Haste(Questions questions, string service) : IDisposable
    {
        private int _isOver;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isOver, 1) is 0)
            {
                questions.Relax(service);
            }
        }
    }
}
