using System.Text.Json;
using Drover.HostAgent.Commands;
using Drover.Wire;
using Drover.Wire.Commands;

namespace Drover.HostAgent.Logs;

/// <summary>
/// Writes a followed log to its upload. While there is nothing to say it writes a blank now and then (JSON may begin
/// with one): only a write shows that the server has closed. Thread-safe.
/// </summary>
internal sealed class FollowWriter : IDisposable
{
    private static readonly byte[] Blank = [(byte)' '];
    private static readonly byte[] LineEnd = [(byte)'\n'];

    private readonly Stream _stream;
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <param name="stream">The request's body.</param>
    public FollowWriter(Stream stream) => _stream = stream;

    /// <summary>One line of the log.</summary>
    public Task WriteAsync(LogLineDto line, LogCursor? cursor, CancellationToken cancellationToken) => WriteAsync(
        new FollowLineDto(cursor?.ToString(), line.Ts, line.Stream, line.Message, line.Redacted), cancellationToken);

    /// <summary>The last line: why nothing follows, without secrets.</summary>
    public Task EndAsync(string reason, CancellationToken cancellationToken) =>
        WriteAsync(new FollowLineDto(null, null, null, null, null, SafeText.Of(reason)), cancellationToken);

    /// <summary>Shows whether the server still listens.</summary>
    public async Task TouchAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            await _stream.WriteAsync(Blank, cancellationToken);
            await _stream.FlushAsync(cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private async Task WriteAsync(FollowLineDto line, CancellationToken cancellationToken)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(line, WireJson.Default.FollowLineDto);
        await _turn.WaitAsync(cancellationToken);
        try
        {
            await _stream.WriteAsync(bytes, cancellationToken);
            await _stream.WriteAsync(LineEnd, cancellationToken);
            await _stream.FlushAsync(cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }
}
