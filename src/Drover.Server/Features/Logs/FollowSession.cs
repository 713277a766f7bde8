using System.Threading.Channels;
using Drover.Wire.Commands;

namespace Drover.Server.Features.Logs;

/// <summary>
/// One person who follows one log: the host's upload writes lines in, the person's stream reads them out. The channel
/// is short, so a slow reader slows the host down instead of filling the server. Either side's end is the other's.
/// </summary>
internal sealed class FollowSession(StreamRequestDto request, string hostId) : IDisposable
{
    private const int BufferedLines = 256;

    private readonly CancellationTokenSource _viewerGone = new();
    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private int _taken;
    private bool _isOver;

    public StreamRequestDto Request { get; } = request;

    public string HostId { get; } = hostId;

    public Channel<FollowLine> Lines { get; } = Channel.CreateBounded<FollowLine>(
        new BoundedChannelOptions(BufferedLines) { SingleReader = true, SingleWriter = true });

    /// <summary>Completes when the host's upload has begun.</summary>
    public Task Arrived => _arrived.Task;

    /// <summary>Cancelled when the person left.</summary>
    public CancellationToken ViewerGone => _viewerGone.Token;

    /// <summary>True for the first upload that names the id, and only for that.</summary>
    public bool TryTake()
    {
        if (Interlocked.Exchange(ref _taken, 1) == 1)
        {
            return false;
        }

        _arrived.TrySetResult();
        return true;
    }

    /// <summary>The upload ends, whoever wants it; the person is told that it ended before the log did.</summary>
    public void Cut()
    {
        lock (_gate)
        {
            if (!_isOver)
            {
                _viewerGone.Cancel();
            }
        }

        _arrived.TrySetResult();
        Lines.Writer.TryComplete(new IOException("the host was shut out"));
    }

    /// <summary>The person left: the upload ends.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isOver = true;
            _viewerGone.Cancel();
            _viewerGone.Dispose();
        }
    }
}

/// <summary>One line as it came, with what the relay needs of it.</summary>
/// <param name="Json">The line's JSON.</param>
/// <param name="Cursor">Where a new follow would go on.</param>
/// <param name="IsEnd">Nothing follows.</param>
internal sealed record FollowLine(byte[] Json, string? Cursor, bool IsEnd);
