using System.Threading.Channels;
using Drover.Runtime.Uplink.Transport;
using Drover.Wire.Commands;
using Microsoft.Extensions.Logging;

namespace Drover.HostAgent.Commands;

/// <summary>
/// Owns the loop that keeps the leases of all commands in hand: every 20 s, and at once when an execution begins. A
/// command whose lease is lost, or ran out unrenewed, before it began is not begun: it may have been cancelled or given
/// out again. One that has begun goes on and is reported.
/// </summary>
internal sealed partial class LeaseKeeper(ICommandServer server, TimeProvider time, ILogger<LeaseKeeper> log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(20);

    // A lease begins at the server a moment before the agent hears of it.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, HeldCommand> _held = new(StringComparer.Ordinal);
    private readonly ILogger<LeaseKeeper> _log = log;
    private readonly Channel<bool> _wake =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Commands in hand.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _held.Count;
            }
        }
    }

    /// <summary>Takes a command in hand; null when it is already, and then its lease begins anew.</summary>
    /// <param name="commandId">Which.</param>
    /// <param name="lease">How long the server keeps it for this agent unless renewed.</param>
    public HeldCommand? TryHold(string commandId, TimeSpan lease)
    {
        lock (_gate)
        {
            if (_held.TryGetValue(commandId, out var known))
            {
                (known.Lease, known.LeasedAt, known.IsLost) = (lease, Now(), false);
                return null;
            }

            return _held[commandId] = new HeldCommand(commandId) { Lease = lease, LeasedAt = Now() };
        }
    }

    /// <summary>The execution begins now, unless the lease is lost or over.</summary>
    /// <returns>False: do not begin it.</returns>
    public bool TryBegin(HeldCommand held)
    {
        lock (_gate)
        {
            held.HasBegun = !held.IsLost && !IsOver(held);
        }

        if (!held.HasBegun)
        {
            LogLost(held.CommandId);
            return false;
        }

        _wake.Writer.TryWrite(true);
        return true;
    }

    /// <summary>Lets go of a command that ended.</summary>
    public void Release(HeldCommand held)
    {
        lock (_gate)
        {
            _held.Remove(held.CommandId);
        }
    }

    /// <summary>Renews until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await WaitAsync(cancellationToken);
            try
            {
                await RenewAsync(cancellationToken);
            }
            catch (ServerCallException error)
            {
                // A lease outlives two missed renewals, and a lost one costs nothing: the journal knows what was begun.
                LogNotRenewed(error.Message);
            }
        }
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var interval = new CancellationTokenSource(Interval, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(interval.Token, cancellationToken);
        try
        {
            await _wake.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The interval is over.
        }
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        List<string> all;
        List<string> begun;
        lock (_gate)
        {
            all = [.. _held.Keys];
            begun = [.. _held.Values.Where(held => held.HasBegun).Select(held => held.CommandId)];
        }

        if (all.Count == 0)
        {
            return;
        }

        var askedAt = Now();
        var answer = await server.RenewAsync(new RenewRequest(all, begun), cancellationToken);
        var lost = answer.Lost.ToHashSet(StringComparer.Ordinal);
        lock (_gate)
        {
            foreach (var held in all.Select(id => _held.GetValueOrDefault(id)).OfType<HeldCommand>())
            {
                // One that was delivered again since is this agent's, whatever was true when the server answered.
                if (held.LeasedAt.Ticks <= askedAt.Ticks)
                {
                    held.IsLost = lost.Contains(held.CommandId);
                    held.LeasedAt = held.IsLost ? held.LeasedAt : askedAt;
                }
            }
        }
    }

    private Moment Now() => new(time.GetTimestamp(), time.GetUtcNow());

    // By both clocks: the steady one stands still while the machine sleeps, the other may be set back.
    private bool IsOver(HeldCommand held)
    {
        var steady = time.GetElapsedTime(held.LeasedAt.Ticks);
        var wall = time.GetUtcNow() - held.LeasedAt.Wall;
        var margin = Margin < held.Lease / 4 ? Margin : held.Lease / 4;
        return (steady > wall ? steady : wall) >= held.Lease - margin;
    }

    [LoggerMessage(2311, LogLevel.Warning, "cannot renew the leases of commands in hand: {Why}")]
    private partial void LogNotRenewed(string why);

    [LoggerMessage(2312, LogLevel.Information, "the lease of command {CommandId} is lost or over; it is not begun")]
    private partial void LogLost(string commandId);
}

/// <summary>A command that this agent has a lease on.</summary>
internal sealed class HeldCommand(string commandId)
{
    /// <summary>Which.</summary>
    public string CommandId { get; } = commandId;

    /// <summary>Its execution began. Written under the keeper's gate.</summary>
    public bool HasBegun { get; set; }

    /// <summary>Somebody else has it now, or nobody. Written under the keeper's gate.</summary>
    public bool IsLost { get; set; }

    /// <summary>How long a lease holds. Written under the keeper's gate.</summary>
    public TimeSpan Lease { get; set; }

    /// <summary>When it was last given or renewed. Written under the keeper's gate.</summary>
    public Moment LeasedAt { get; set; }
}

/// <summary>One moment by two clocks.</summary>
/// <param name="Ticks">Of the steady clock.</param>
/// <param name="Wall">Of the clock on the wall.</param>
internal readonly record struct Moment(long Ticks, DateTimeOffset Wall);
