using System.Buffers;
using System.Net;
using Microsoft.AspNetCore.Http;

namespace Drover.Gateway.Forwarding;

/// <summary>
/// The body of a request on its way to an agent. What has come is sent on before more is waited for, however little it
/// is; each part begins the agent's time to answer again.
/// </summary>
internal sealed class RequestBody(HttpContext context, ForwardingDeadline deadline) : HttpContent
{
    private const int BufferBytes = 64 * 1024;

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _begun;

    /// <summary>Why the client's side of it broke; null while it did not.</summary>
    public Exception? ClientFailure { get; private set; }

    /// <summary>True once anything of it may have been taken.</summary>
    public bool HasBegun => Volatile.Read(ref _begun) != 0;

    /// <summary>Completes when nothing reads from the client any more; at once when nothing ever did.</summary>
    public Task EndAsync() => Volatile.Read(ref _begun) == 0 ? Task.CompletedTask : _ended.Task;

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc/>
    protected override async Task SerializeToStreamAsync(
        Stream stream, TransportContext? unused, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _begun, 1) == 1)
        {
            throw new InvalidOperationException("A body passes once.");
        }

        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            await CopyAsync(stream, buffer, cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            _ended.SetResult();
        }
    }

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long length)
    {
        // Where the client said it, the header that was copied has it.
        length = 0;
        return false;
    }

    private async Task CopyAsync(Stream agent, byte[] buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            var reading = ReadAsync(buffer, cancellationToken);
            if (!reading.IsCompleted)
            {
                await agent.FlushAsync(cancellationToken);
            }

            var read = await reading;
            deadline.BeginAgain();
            if (read == 0)
            {
                return;
            }

            await agent.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            deadline.BeginAgain();
        }
    }

    private async ValueTask<int> ReadAsync(byte[] buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await context.Request.Body.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            ClientFailure = error;
            throw;
        }
    }
}
