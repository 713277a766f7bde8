using System.Net.Sockets;
using Drover.Gateway.Answers;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace Drover.Gateway.Forwarding;

/// <summary>Says in a sentence why an agent's answer did not come, without a word about its address.</summary>
internal static class ForwardingFailure
{
    /// <summary>The answer in the place of the agent's.</summary>
    public static GatewayProblem Explain(
        string agent, ForwarderError error, Exception? cause, bool isAnswerOverdue, long? maxBody)
    {
        if (isAnswerOverdue)
        {
            return GatewayProblem.Timeout(agent, "no answer came in time");
        }

        return error switch
        {
            ForwarderError.RequestTimedOut => GatewayProblem.Timeout(
                agent, IsConnecting(cause) ? "it does not take a connection" : "nothing came for a long time"),
            ForwarderError.RequestBodyClient => OfBody(cause, maxBody),
            ForwarderError.RequestBodyDestination => GatewayProblem.Unreachable(
                agent, "it stopped taking the body of the request"),
            ForwarderError.ResponseHeaders => GatewayProblem.AnswerInvalid(agent, "its headers cannot be read"),
            ForwarderError.ResponseBodyDestination => GatewayProblem.AnswerInvalid(agent, "it broke off"),
            _ => OfRequest(agent, cause),
        };
    }

    private static GatewayProblem OfRequest(string agent, Exception? cause)
    {
        if (Find<SocketException>(cause) is { } socket)
        {
            return socket.SocketErrorCode is SocketError.TimedOut
                ? GatewayProblem.Timeout(agent, "it does not take a connection")
                : GatewayProblem.Unreachable(agent, OfSocket(socket.SocketErrorCode));
        }

        return Find<HttpRequestException>(cause)?.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => GatewayProblem.Unreachable(agent, "its name is not known"),
            HttpRequestError.SecureConnectionError => GatewayProblem.Unreachable(
                agent, "its certificate is not trusted, or it speaks no TLS"),
            HttpRequestError.ResponseEnded => GatewayProblem.Unreachable(
                agent, "it closed the connection before an answer"),
            HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError
                or HttpRequestError.VersionNegotiationError => GatewayProblem.AnswerInvalid(
                    agent, "it is not what HTTP has"),
            HttpRequestError.ConfigurationLimitExceeded => GatewayProblem.AnswerInvalid(
                agent, "its headers are too large"),
            HttpRequestError.ExtendedConnectNotSupported => GatewayProblem.AnswerInvalid(
                agent, "it takes no WebSockets over HTTP/2"),
            _ => GatewayProblem.Unreachable(agent, "the connection broke"),
        };
    }

    private static GatewayProblem OfBody(Exception? cause, long? maxBody) =>
        Find<BadHttpRequestException>(cause)?.StatusCode switch
        {
            StatusCodes.Status413PayloadTooLarge => GatewayProblem.TooLarge(maxBody ?? 0),
            StatusCodes.Status408RequestTimeout => GatewayProblem.TooSlow(),
            _ => GatewayProblem.BadBody(),
        };

    private static string OfSocket(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => "nothing listens on its port",
        SocketError.HostUnreachable or SocketError.NetworkUnreachable => "there is no way to its address",
        SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData => "its name is not known",
        SocketError.ConnectionReset => "it reset the connection",
        _ => "the connection broke",
    };

    private static bool IsConnecting(Exception? cause) => Find<TimeoutException>(cause) is not null;

    /// <summary>The cause of that type within an error; null: there is none.</summary>
    public static T? Find<T>(Exception? error)
        where T : Exception => error switch
        {
            null => null,
            T found => found,
            AggregateException several =>
                several.InnerExceptions.Select(Find<T>).FirstOrDefault(one => one is not null),
            _ => Find<T>(error.InnerException),
        };
}
