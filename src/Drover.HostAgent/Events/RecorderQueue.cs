using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Drover.HostAgent.Inventory;
using Drover.Runtime.Docker.Events;

namespace Drover.HostAgent.Events;

/// <summary>What an <see cref="EventRecorder"/> is told.</summary>
internal abstract record RecorderInput
{
    /// <summary>The engine told an event.</summary>
    internal sealed record Happened(DockerEvent Event) : RecorderInput;

    /// <summary>Events may have been missed before this.</summary>
    internal sealed record GapBegan : RecorderInput;

    /// <summary>What was there after the gap.</summary>
    internal sealed record GapClosed(InventoryPicture Picture) : RecorderInput;
}

/// <summary>
/// What waits to be recorded, bounded. Adding never waits. Once something finds no room, everything that follows is
/// dropped too until all that came before is taken: one gap then stands for all in between. Any thread adds, one loop
/// takes.
/// </summary>
internal sealed class RecorderQueue
{
    internal const int Capacity = 4096;

    private readonly Lock _gate = new();
    private readonly Channel<RecorderInput> _inputs = Channel.CreateBounded<RecorderInput>(
        new BoundedChannelOptions(Capacity) { SingleReader = true });

    private bool _isOverflowing;
    private long _dropped;

    internal void Add(RecorderInput input)
    {
        lock (_gate)
        {
            _isOverflowing = _isOverflowing || !_inputs.Writer.TryWrite(input);
            if (_isOverflowing
                && input is RecorderInput.Happened(var happened) && LedgerRules.TypeOf(happened) is not null)
            {
                _dropped++;
            }
        }
    }

    internal ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken) =>
        _inputs.Reader.WaitToReadAsync(cancellationToken);

    internal bool TryRead([NotNullWhen(true)] out RecorderInput? input) => _inputs.Reader.TryRead(out input);

    /// <summary>True, once, when something was dropped and all before it is taken: what comes now is taken
    /// again.</summary>
    /// <param name="dropped">How many events that may have been news.</param>
    internal bool TryEndOverflow(out long dropped)
    {
        lock (_gate)
        {
            dropped = 0;
            if (!_isOverflowing || _inputs.Reader.TryPeek(out _))
            {
                return false;
            }

            (dropped, _dropped, _isOverflowing) = (_dropped, 0, false);
            return true;
        }
    }
}
