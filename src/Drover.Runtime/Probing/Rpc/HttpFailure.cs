using System.Net.Sockets;
using System.Security.Authentication;

namespace Drover.Runtime.Probing.Rpc;

/// <summary>Says in words why an HTTP request had no answer.</summary>
internal static class HttpFailure
{
    /// <summary>The sentence.</summary>
    /// <param name="authority">Who was asked.</param>
    /// <param name="exception">What the base library threw.</param>
    public static string Sentence(string authority, Exception exception) =>
        exception switch
        {
            _ when Inner<ProbeConnectException>(exception) is { } unconnected => unconnected.Message,
            _ when Inner<AuthenticationException>(exception) is not null
                || exception is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } =>
                $"what listens at {authority} does not complete a TLS handshake; is it plain HTTP?",
            HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } =>
                $"{authority} sent headers of more than 64 KiB",
            _ when Inner<SocketException>(exception) is not null || IsEnd(exception) =>
                $"{authority} took the connection and closed it without a whole HTTP answer",
            _ => $"what listens at {authority} does not speak HTTP",
        };

    private static bool IsEnd(Exception exception) =>
        Chain(exception).Any(inner => inner is HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded }
            or HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded });

    private static T? Inner<T>(Exception exception)
        where T : Exception => Chain(exception).OfType<T>().FirstOrDefault();

    private static IEnumerable<Exception> Chain(Exception exception)
    {
        for (Exception? inner = exception; inner is not null; inner = inner.InnerException)
        {
            yield return inner;
        }
    }
}
