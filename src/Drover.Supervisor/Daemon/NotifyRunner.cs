namespace Drover.Supervisor.Daemon;

/// <summary>
/// Speaks to the service manager for a running supervisor. Owns the loops that say that it lives, what it does, and
/// that its end needs longer. Before a ping or a plea for time the supervisor's own loops are asked, so that one that
/// hangs falls silent: the manager then ends it, starts another, and that one takes the components over. Sources:
/// sd_notify(3), sd_watchdog_enabled(3).
/// </summary>
internal sealed class NotifyRunner(NotifyParts parts) : IAsyncDisposable
{
    /// <summary>How much longer each word of an end that takes its time asks for.</summary>
    internal static readonly TimeSpan Extension = TimeSpan.FromSeconds(30);

    /// <summary>Between two such words.</summary>
    internal static readonly TimeSpan ExtensionPause = TimeSpan.FromSeconds(5);

    /// <summary>Between two lines of the state: a storm of changes is one line.</summary>
    internal static readonly TimeSpan StatusPause = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _ending = new();
    private readonly List<Task> _loops = [];
    private volatile string? _refusal;

    /// <summary>
    /// It can be asked. Whoever put it into the background hears it alone, and tells the manager which process is the
    /// service now: until then the manager would not listen to this one.
    /// </summary>
    internal void Ready()
    {
        var status = Line();
        var listener = parts.Starter.HasListener ? parts.Starter : parts.Manager;
        listener.Send(NotifySocket.Ready, NotifySocket.Status(status));
        if (!parts.Manager.HasListener)
        {
            return;
        }

        Run(() => TellStatusAsync(parts.Starter.HasListener ? null : status));
        if (parts.Watchdog is { } within)
        {
            Run(() => FeedAsync(within));
        }
    }

    /// <summary>The user's file is being read again; <see cref="Reloaded"/> must follow.</summary>
    internal void Reloading() => parts.Manager.Send(NotifySocket.Reloading, NotifySocket.Instant(parts.Clock.Now));

    /// <param name="refusal">Why nothing was changed; null when the file was taken up.</param>
    internal void Reloaded(string? refusal)
    {
        _refusal = refusal;
        parts.Manager.Send(NotifySocket.Ready, NotifySocket.Status(Line()));
    }

    /// <summary>It ends.</summary>
    /// <param name="longest">
    /// What the components may take at most. After it nothing more is asked for: something does not end at all, and
    /// then the manager's own limit shall hold.
    /// </param>
    internal void Stopping(TimeSpan longest)
    {
        parts.Manager.Send(
            NotifySocket.Stopping, NotifySocket.Extend(Extension), NotifySocket.Status(Line()));
        if (parts.Manager.HasListener)
        {
            Run(() => ExtendAsync(longest));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        Task[] loops;
        lock (_loops)
        {
            loops = [.. _loops];
        }

        await Task.WhenAll(loops).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ending.Dispose();
    }

    /// <summary>A refused file is told for as long as the one that holds is not what stands there.</summary>
    private string Line() => _refusal is { } refusal ? $"{parts.Status()}; {refusal}" : parts.Status();

    private void Run(Func<Task> loop)
    {
        lock (_loops)
        {
            if (!_ending.IsCancellationRequested)
            {
                _loops.Add(Task.Run(loop, CancellationToken.None));
            }
        }
    }

    /// <summary>Half of what is allowed, as sd_watchdog_enabled(3) advises.</summary>
    private async Task FeedAsync(TimeSpan within)
    {
        while (true)
        {
            await Task.Delay(within / 2, parts.Clock.Time, _ending.Token);
            await parts.Ping(_ending.Token);
            parts.Manager.Send(NotifySocket.Alive);
        }
    }

    private async Task TellStatusAsync(string? told)
    {
        while (true)
        {
            var change = parts.NextChange();
            var status = Line();
            if (status != told)
            {
                parts.Manager.Send(NotifySocket.Status(status));
                told = status;
            }

            await change.WaitAsync(_ending.Token);
            await Task.Delay(StatusPause, parts.Clock.Time, _ending.Token);
        }
    }

    private async Task ExtendAsync(TimeSpan longest)
    {
        var last = parts.Clock.Now + longest;
        while (true)
        {
            await Task.Delay(ExtensionPause, parts.Clock.Time, _ending.Token);
            if (parts.Clock.Now > last)
            {
                return;
            }

            await parts.Ping(_ending.Token);
            parts.Manager.Send(NotifySocket.Extend(Extension));
        }
    }
}
