using Drover.Testing.Executable;
using Drover.Testing.Ledger;

namespace Drover.Faults.Rig;

/// <summary>
/// One role as a process that is killed and started again, as an init system would: whoever dies is back at once. A
/// death by anything but SIGKILL, or an end that nobody asked for, is kept as a complaint. Owns the process and the
/// loop that watches it.
/// </summary>
internal sealed class RoleUnderFire : IAsyncDisposable
{
    private const int KilledExitCode = 137;

    // How it ends by SIGTERM: at work, while it still starts, and before it can handle a signal at all.
    private static readonly int[] StoppedExitCodes = [0, 130, 143];

    private readonly string _name;
    private readonly Func<string?, DroverProcess> _start;
    private readonly Lock _gate = new();
    private readonly List<Outage> _outages = [];
    private readonly List<string> _complaints = [];
    private readonly CancellationTokenSource _ending = new();
    private readonly TaskCompletionSource _firstDeath = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DroverProcess? _process;
    private Task _watch = Task.CompletedTask;
    private bool _isWanted;
    private string? _nextFault;

    /// <param name="name">For complaints.</param>
    /// <param name="start">Starts it, with a fault point armed or none.</param>
    public RoleUnderFire(string name, Func<string?, DroverProcess> start) => (_name, _start) = (name, start);

    /// <summary>When it was away, each until its process was started again.</summary>
    public IReadOnlyList<Outage> Outages => Copy(_outages);

    /// <summary>Ends that nothing of the test explains.</summary>
    public IReadOnlyList<string> Complaints => Copy(_complaints);

    /// <summary>Ends with the first SIGKILL.</summary>
    public Task FirstDeath => _firstDeath.Task;

    /// <summary>What the present process has printed, for the one who reads a failure.</summary>
    public string Printed =>
        _process is { } process ? $"--- {_name} out\n{process.Out}--- {_name} error\n{process.Error}" : "";

    /// <summary>What the present process does, by the kernel's word.</summary>
    public IEnumerable<string> Standing => _process is { } process ? ProcessFacts.Of(_name, process.Id) : [];

    /// <summary>Starts it and keeps it alive from here on.</summary>
    public void Start(string? fault = null)
    {
        lock (_gate)
        {
            _isWanted = true;
            _process = _start(fault);
            _watch = WatchAsync(_process);
        }
    }

    /// <summary>SIGKILL; it comes back at once.</summary>
    /// <param name="nextFault">What to arm in the process that comes.</param>
    public void Kill(string? nextFault = null)
    {
        lock (_gate)
        {
            _nextFault = nextFault;
            _process?.Signal("KILL");
        }
    }

    /// <summary>Ends it by a signal and leaves it away until <see cref="Start"/>.</summary>
    public async Task StopAsync(string signal)
    {
        lock (_gate)
        {
            _isWanted = false;
            _process?.Signal(signal);
        }

        await _watch;
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isWanted = false;
        }

        await _ending.CancelAsync();
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        await _watch;
        _ending.Dispose();
    }

    private async Task WatchAsync(DroverProcess process)
    {
        while (true)
        {
            int code;
            try
            {
                code = await process.EndAsync(_ending.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            var at = DateTimeOffset.UtcNow;
            lock (_gate)
            {
                if (code == KilledExitCode)
                {
                    _firstDeath.TrySetResult();
                }
                else if (_isWanted || !StoppedExitCodes.Contains(code))
                {
                    _complaints.Add($"the {_name} ended by itself with {code}:\n{process.Error}");
                }

                if (!_isWanted || (code != KilledExitCode && _complaints.Count > 3))
                {
                    _outages.Add(new Outage(at, null));
                    return;
                }

                process = _process = _start(_nextFault);
                _nextFault = null;
                _outages.Add(new Outage(at, DateTimeOffset.UtcNow));
            }
        }
    }

    private T[] Copy<T>(List<T> list)
    {
        lock (_gate)
        {
            return [.. list];
        }
    }
}
