using System.Threading.Channels;
using Drover.Core.Components;
using Drover.Core.Health;
using Drover.Runtime.Events;
using Drover.Supervisor.Control;
using Drover.Supervisor.State;
using Microsoft.Extensions.Logging;

namespace Drover.Supervisor.Components;

/// <summary>
/// Owns one component: one bounded queue, one reader, both machines. An input is decided, what was decided is written
/// down, and only then is anything done; what comes of it is the next input. Nothing another component does can delay
/// it: probes run in tasks of their own, waits are timers. A defect ends <see cref="Completion"/> with its exception
/// and leaves the instance running, as a crash of the whole supervisor would.
/// </summary>
internal sealed partial class ComponentRunner : IInstanceReports, IAsyncDisposable
{
    /// <summary>
    /// Far more than can be on its way at once: a report a driver, a timer a slot, a run a probe, and orders.
    /// </summary>
    private const int InboxSize = 256;

    private const string NotLookedYet = "the supervisor has just started and looks for it";

    private static readonly TimeSpan WriteAgainEvery = TimeSpan.FromSeconds(1);

    private readonly Channel<RunnerMessage> _inbox = Channel.CreateBounded<RunnerMessage>(
        new BoundedChannelOptions(InboxSize) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly RunnerParts _parts;
    private readonly IInstanceDriver _driver;
    private readonly Pulse _changed = new();
    private readonly InstantTimer _wake;
    private readonly InstantTimer[] _probeTimers;
    private readonly EventOutbox? _outbox;
    private IComponentProber _prober;
    private CancellationTokenSource _instanceLife = new();
    private ComponentView _view;
    private ITimer? _writeAgain;
    private int _isDisposed;
    private Task _loop = Task.CompletedTask;

    /// <param name="parts">What it works with.</param>
    /// <param name="driver">Makes the driver, which reports here.</param>
    internal ComponentRunner(RunnerParts parts, Func<IInstanceReports, IInstanceDriver> driver)
    {
        _parts = parts;
        _prober = parts.Prober;
        _driver = driver(this);
        _wake = new InstantTimer(parts.Clock, epoch => Post(new Input.Woke(default, epoch)));
        _probeTimers = [.. Enum.GetValues<ProbeKind>().Select(NewProbeTimer)];
        _view = Restore();
        _outbox = parts.KeepsEvents ? new EventOutbox(parts.Id, parts.Store.Recorded?.Events ?? []) : null;
    }

    internal ComponentId Id => _parts.Id;

    /// <summary>The present state.</summary>
    internal ComponentView View => Volatile.Read(ref _view);

    /// <summary>Why its state is not on disk; null while it is.</summary>
    internal string? StateTrouble => _parts.Store.Trouble;

    /// <summary>What a probe of it asks, for people; null where it has no such probe.</summary>
    internal string? TargetOf(ProbeKind kind) => Volatile.Read(ref _prober).TargetOf(kind);

    /// <summary>What the running instance was launched from is not what is launched next.</summary>
    internal bool IsRestartPending =>
        View.Instance?.Launch is { } launched && launched != _parts.LaunchDigest();

    /// <summary>True when an earlier life of the supervisor has left a record of it.</summary>
    internal bool HasHistory => _parts.Store.Recorded is not null;

    /// <summary>Completes at the next change of <see cref="View"/>; take it before looking.</summary>
    internal Task NextChange => _changed.Next;

    /// <summary>Fails only for a defect.</summary>
    internal Task Completion => _loop;

    /// <summary>Called on the runner's own thread after every change; must not block.</summary>
    internal Action<ComponentRunner> Changed { get; set; } = _ => { };

    /// <summary>
    /// Looks for what the supervisor before this one left running, then begins to work. When it returns the instance
    /// is adopted, known to be gone, or being ended. Until then it can be seen, and what it is told waits.
    /// </summary>
    internal async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var left in _outbox?.Left() ?? [])
        {
            _parts.Events.Emit(left);
        }

        var runtime = View.Runtime;
        var hasInstance = runtime.Phase is not InstancePhase.None;
        var recovery = await _driver.RecoverAsync(
            hasInstance ? runtime.Instance : 0, hasInstance ? View.Instance : null, cancellationToken);
        var alive = recovery as Recovery.Alive;
        var ending = recovery as Recovery.Ending;
        var gone = recovery as Recovery.Gone;
        _view = _view with { Instance = alive?.Record ?? _view.Instance, Unseen = null };
        View.Ends.ForEach(end => Tell(end, isRepeat: true));
        var lastSeen = gone?.LastSeen ?? ending?.LastSeen ?? 0;
        if (_parts.Store.Recorded is not null || lastSeen > 0)
        {
            Take(new Input.Recovered(default, alive is not null)
            {
                Cause = gone?.Cause ?? ending?.Cause,
                StartedAt = alive?.StartedAt,
                LastSeen = lastSeen,
                IsEnding = ending is not null,
            });
        }

        _loop = _parts.Scheduler.Start(ReadAsync);
    }

    /// <summary>Gives it an input. Returns at once; what finds the queue full waits its turn.</summary>
    internal void Post(Input input) => Post(new RunnerMessage.Happened(input));

    /// <summary>As the other.</summary>
    internal void Post(RunnerMessage message)
    {
        if (!_inbox.Writer.TryWrite(message))
        {
            _ = WriteLaterAsync(message);
        }
    }

    /// <summary>Returns when the view is as wanted.</summary>
    internal async Task WaitAsync(Func<ComponentView, bool> wanted, CancellationToken cancellationToken)
    {
        while (true)
        {
            var next = NextChange;
            if (wanted(View))
            {
                return;
            }

            await next.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Returns when the reader has come to this question: it is not stuck.</summary>
    internal async Task PingAsync(CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(new RunnerMessage.Ping(answer));
        await answer.Task.WaitAsync(cancellationToken);
    }

    void IInstanceReports.Launched(long instance, InstanceRecord record) =>
        Post(new RunnerMessage.Launched(instance, record));

    void IInstanceReports.LaunchFailed(long instance, EndCause cause) =>
        Post(new Input.LaunchFailed(default, instance, cause));

    void IInstanceReports.Ending(long instance, EndCause cause) => Post(new Input.Ending(default, instance, cause));

    void IInstanceReports.Exited(long instance, EndCause cause) => Post(new Input.Exited(default, instance, cause));

    void IInstanceReports.Survived(long instance, string survivors) =>
        Post(new RunnerMessage.Survived(instance, survivors));

    void IInstanceReports.Unseen(long instance, string? why) => Post(new RunnerMessage.Unseen(instance, why));

    void IInstanceReports.Objected(long instance, string sentence) =>
        Post(new RunnerMessage.Objected(instance, sentence));

    /// <summary>Ends the reader. The instance is left as it is; whoever wants it stopped orders that before.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        _inbox.Writer.TryComplete();
        await _loop.ConfigureAwait(
            ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        _instanceLife.Cancel();
        _wake.Dispose();
        _writeAgain?.Dispose();
        foreach (var timer in _probeTimers)
        {
            timer.Dispose();
        }

        await _driver.DisposeAsync();
        _instanceLife.Dispose();
        _parts.Store.Sync();
        _parts.Store.Dispose();
    }

    /// <summary>As <see cref="DisposeAsync"/>, and its record is gone: the file does not name it any more.</summary>
    internal async Task ForgetAsync()
    {
        await DisposeAsync();
        _parts.Store.Delete();
    }

    private ComponentView Restore()
    {
        var recorded = _parts.Store.Recorded;
        var isSameBoot = recorded?.Boot == _parts.Boot;
        var runtime = recorded switch
        {
            null => ComponentRuntime.Initial,
            _ when isSameBoot => recorded.Runtime,
            _ => recorded.Runtime.AfterReboot(),
        };
        return new ComponentView
        {
            Component = new Component(_parts.Id, _parts.Spec, runtime),
            Health = isSameBoot ? recorded!.Health : HealthState.Initial,
            AwaitsStart = isSameBoot && recorded!.AwaitsStart,
            Instance = isSameBoot ? recorded!.Instance : null,
            Unseen = runtime.Phase is InstancePhase.None ? null : NotLookedYet,
            LastError = recorded?.LastError,
            Ends = [.. recorded?.Ends ?? []],
        };
    }

    private InstantTimer NewProbeTimer(ProbeKind kind) => new(
        _parts.Clock,
        epoch => Post(new RunnerMessage.Probed(new HealthInput.ProbeDue(default, kind, epoch), default)));

    private async Task ReadAsync()
    {
        try
        {
            while (await _inbox.Reader.WaitToReadAsync())
            {
                while (_inbox.Reader.TryRead(out var message))
                {
                    Answer(message);
                }

                _parts.Store.Tidy();
            }
        }
        finally
        {
            // After a defect nobody reads; who asks must not wait for ever.
            _inbox.Writer.TryComplete();
            while (_inbox.Reader.TryRead(out var unread))
            {
                Refuse(unread);
            }
        }
    }

    private void Refuse(RunnerMessage message) => (message as RunnerMessage.Ping)?.Answer.TrySetException(
        new ControlException($"cannot reach component \"{Id}\": a reload has just removed it, or it has failed"));

    private async Task WriteLaterAsync(RunnerMessage message)
    {
        try
        {
            LogInboxFull(_parts.Logger, Id.Name);
            await _inbox.Writer.WriteAsync(message);
        }
        catch (ChannelClosedException)
        {
            Refuse(message);
        }
    }

    [LoggerMessage(4001, LogLevel.Warning, "the queue of component \"{Component}\" is full")]
    private static partial void LogInboxFull(ILogger logger, string component);
}
