namespace Drover.HostAgent.Commands;

/// <summary>
/// Two lanes, so that a long job never blocks a look: what changes nothing runs up to four at once; actions run up to
/// four at once and one at a time for each container. Thread-safe.
/// </summary>
internal sealed class CommandLanes : IDisposable
{
    private const int Width = 4;

    private readonly SemaphoreSlim _quick = new(Width, Width);
    private readonly SemaphoreSlim _actions = new(Width, Width);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Turnstile> _containers = new(StringComparer.Ordinal);

    /// <summary>Enters the lane of what changes nothing; leave by disposing.</summary>
    public async Task<IDisposable> EnterQuickAsync(CancellationToken cancellationToken)
    {
        await _quick.WaitAsync(cancellationToken);
        return new Leave(() => _quick.Release());
    }

    /// <summary>Enters the lane of actions behind whoever works on the same container; leave by disposing.</summary>
    public async Task<IDisposable> EnterActionAsync(string container, CancellationToken cancellationToken)
    {
        var turnstile = Approach(container);
        try
        {
            // The container first: a queue for one container must not fill the lane.
            await turnstile.Gate.WaitAsync(cancellationToken);
        }
        catch
        {
            Depart(container, turnstile);
            throw;
        }

        try
        {
            await _actions.WaitAsync(cancellationToken);
        }
        catch
        {
            turnstile.Gate.Release();
            Depart(container, turnstile);
            throw;
        }

        return new Leave(
            () =>
            {
                _actions.Release();
                turnstile.Gate.Release();
                Depart(container, turnstile);
            });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _quick.Dispose();
        _actions.Dispose();
    }

    private Turnstile Approach(string container)
    {
        lock (_gate)
        {
            if (!_containers.TryGetValue(container, out var turnstile))
            {
                _containers[container] = turnstile = new Turnstile();
            }

            turnstile.Users++;
            return turnstile;
        }
    }

    private void Depart(string container, Turnstile turnstile)
    {
        lock (_gate)
        {
            if (--turnstile.Users == 0)
            {
                _containers.Remove(container);
                turnstile.Gate.Dispose();
            }
        }
    }

    private sealed class Turnstile
    {
        public SemaphoreSlim Gate { get; } = new(1, 1);

        public int Users { get; set; }
    }

    private sealed class Leave(Action leave) : IDisposable
    {
        private Action? _leave = leave;

        public void Dispose() => Interlocked.Exchange(ref _leave, null)?.Invoke();
    }
}
