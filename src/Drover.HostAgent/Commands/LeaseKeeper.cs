using System.Threading.Channels;
using Drover.HostAgent.Transport;
using Drover.Wire.Commands;
using Microsoft.Extensions.Logging;

namespace Drover.HostAgent.Commands;

/// <summary>
/// Owns the loop that keeps the leases of all commands in hand: every 20 s, and at once when an execution begins. A
/// command whose lease is lost before it began is cancelled through its own token; one that has begun goes on and is
/// reported.
/// </summary>
internal sealed partial class LeaseKeeper(ICommandServer server, TimeProvider time, ILogger<LeaseKeeper> log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(20);

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

    /// <summary>Takes a command in hand; null when it is already.</summary>
    public HeldCommand? TryHold(string commandId)
    {
        lock (_gate)
        {
            var held = new HeldCommand(commandId);
            return _held.TryAdd(commandId, held) ? held : null;
        }
    }

    /// <summary>The execution begins now, unless the lease is lost.</summary>
    /// <returns>False: do not begin it.</returns>
    public bool TryBegin(HeldCommand held)
    {
        lock (_gate)
        {
            if (held.IsLost)
            {
                return false;
            }

            held.HasBegun = true;
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

        var answer = await server.RenewAsync(new RenewRequest(all, begun), cancellationToken);
        foreach (var commandId in answer.Lost)
        {
            Lose(commandId);
        }
    }

    private void Lose(string commandId)
    {
        HeldCommand? held;
        lock (_gate)
        {
            if (!_held.TryGetValue(commandId, out held) || held.HasBegun)
            {
                return;
            }

            held.IsLost = true;
        }

        LogLost(commandId);
    }

    [LoggerMessage(2311, LogLevel.Warning, "cannot renew the leases of commands in hand: {Why}")]
    private partial void LogNotRenewed(string why);

    [LoggerMessage(2312, LogLevel.Information, "the lease of command {CommandId} is lost; it is not begun")]
    private partial void LogLost(string commandId);
}

/// <summary>A command that this agent has a lease on.</summary>
internal sealed class HeldCommand(string commandId)
{
    /// <summary>Which.</summary>
    public string CommandId { get; } = commandId;

    /// <summary>Its execution began. Written under the keeper's gate.</summary>
    public bool HasBegun { get; set; }

    /// <summary>Somebody else has it now. Written under the keeper's gate.</summary>
    public bool IsLost { get; set; }
}
