using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;

namespace Drover.Runtime.Docker.Transport;

/// <summary>Turns what the runtime throws on a bad day into the one exception that says it in words.</summary>
internal sealed class EngineFailures(DockerEndpoint endpoint)
{
    /// <summary>The failure in words, or null for an exception that is not about the connection.</summary>
    public DockerUnavailableException? Explain(string operation, Exception exception) => exception switch
    {
        HttpRequestException http => Explain(operation, http),
        AuthenticationException => Untrusted(operation, exception),
        JsonException json => BadAnswer(operation, $"an answer that is not the JSON we expect: {json.Message}", json),
        InvalidDataException invalid => BadAnswer(operation, $"an answer we do not take: {invalid.Message}", invalid),
        OperationCanceledException or TimeoutException => new(
            operation, DockerFailure.Unreachable, $"no connection to {endpoint} came about in time", exception),
        IOException or SocketException => Lost(operation, exception),
        _ => null,
    };

    public DockerUnavailableException TimedOut(string operation, TimeSpan after) => new(
        operation,
        DockerFailure.TimedOut,
        $"the Docker Engine at {endpoint} took longer than {after.TotalSeconds:0.#} s");

    public DockerUnavailableException BadAnswer(string operation, string what, Exception? inner = null) =>
        new(operation, DockerFailure.BadAnswer, $"what listens at {endpoint} sent {what}", inner);

    private DockerUnavailableException Explain(string operation, HttpRequestException exception) =>
        exception switch
        {
            { InnerException: SocketException socket } when exception.HttpRequestError is
                HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.Unknown =>
                Unreachable(operation, socket, exception),
            { HttpRequestError: HttpRequestError.SecureConnectionError } => Untrusted(operation, exception),
            { HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded } =>
                BadAnswer(operation, "something that is not HTTP", exception),
            { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError } =>
                new(operation, DockerFailure.Unreachable, $"no connection to {endpoint}: {exception.Message}",
                    exception),
            _ => Lost(operation, exception),
        };

    private DockerUnavailableException Unreachable(string operation, SocketException socket, Exception inner)
    {
        if (socket.SocketErrorCode is SocketError.AccessDenied)
        {
            return new(
                operation,
                DockerFailure.Denied,
                $"this user may not open {endpoint}; run as root or add the user to the group that owns the socket",
                inner);
        }

        var why = endpoint.SocketPath switch
        {
            { } path when !File.Exists(path) => "there is no such socket; is the Docker Engine installed and started?",
            { } => "the socket is there but nothing listens on it; is the Docker Engine started?",
            null when socket.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown =>
                "the connection broke",
            null => socket.Message,
        };
        return new(operation, DockerFailure.Unreachable, $"no Docker Engine answers at {endpoint}: {why}", inner);
    }

    private DockerUnavailableException Untrusted(string operation, Exception exception) => new(
        operation,
        DockerFailure.Denied,
        $"the TLS handshake with {endpoint} failed ({exception.GetBaseException().Message}); "
        + $"check {DockerTls.AuthorityFile}, {DockerTls.CertificateFile} and {DockerTls.KeyFile}",
        exception);

    private DockerUnavailableException Lost(string operation, Exception exception) => new(
        operation,
        DockerFailure.ConnectionLost,
        $"the connection to the Docker Engine at {endpoint} broke before the answer was whole",
        exception);
}
