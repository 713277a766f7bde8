using System.Net;

namespace Drover.Runtime.Docker.Transport;

/// <summary>
/// An open answer body. Reading gives <see cref="DockerUnavailableException"/> when the connection breaks; disposing
/// closes the connection at once, whatever the engine still wanted to send.
/// </summary>
internal sealed class EngineStream(
    string operation, HttpResponseMessage response, Stream body, EngineTransport transport)
    : IAsyncDisposable
{
    /// <summary>What is read of an error's body.</summary>
    public const int MaxErrorBytes = 64 * 1024;

    public string Operation => operation;

    public HttpStatusCode Status => response.StatusCode;

    public string? ContentType => response.Content.Headers.ContentType?.MediaType;

    /// <summary>Reads some bytes; 0 at the end.</summary>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await body.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(exception.Message, exception, cancellationToken);
        }
        catch (Exception exception) when (transport.Explain(operation, exception) is { } explained)
        {
            throw explained;
        }
    }

    public DockerUnavailableException BadAnswer(string what, Exception? inner = null) =>
        transport.Explain(operation, inner ?? new InvalidDataException(what))
        ?? new DockerUnavailableException(operation, DockerFailure.BadAnswer, what, inner);

    public async ValueTask DisposeAsync()
    {
        await body.DisposeAsync();
        response.Dispose();
    }
}
