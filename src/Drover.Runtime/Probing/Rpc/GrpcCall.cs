using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace Drover.Runtime.Probing.Rpc;

/// <summary>
/// One unary gRPC call over HTTP/2 without TLS, on a connection of its own. Source: grpc/grpc, doc/PROTOCOL-HTTP2.md.
/// </summary>
internal static class GrpcCall
{
    private const int PrefixBytes = 5;
    private const string ContentType = "application/grpc";
    private const string StatusHeader = "grpc-status";
    private const string MessageHeader = "grpc-message";

    /// <summary>Calls and gives whatever came of it; throws only when cancelled.</summary>
    /// <param name="address">Who is asked.</param>
    /// <param name="method">Path of the method, <c>/package.Service/Method</c>.</param>
    /// <param name="request">The encoded message.</param>
    /// <param name="mostBytes">A longer answer is refused.</param>
    /// <param name="time">Clock of the connection's pauses.</param>
    /// <param name="cancellationToken">Ends it and its connection.</param>
    public static async Task<GrpcAnswer> UnaryAsync(
        ProbeAddress address,
        string method,
        byte[] request,
        int mostBytes,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        try
        {
            using var client = FreshHttp.Client(time);
            using var message = Request(address, method, request);
            using var response = await client.SendAsync(message, cancellationToken);
            return await ReadAsync(address, response, mostBytes, cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            cancellationToken.ThrowIfCancellationRequested();

            // A hang-up and another protocol look alike: the base library says of either, by chance, no more than that
            // there was no handshake.
            return new GrpcAnswer.None(
                exception is HttpRequestException { InnerException: ProbeConnectException unconnected }
                    ? unconnected.Message
                    : $"{address} took the connection and gave no HTTP/2 answer: "
                        + "it is no gRPC server, or hung up");
        }
    }

    private static HttpRequestMessage Request(ProbeAddress address, string method, byte[] message)
    {
        var body = new byte[PrefixBytes + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(1), message.Length);
        message.CopyTo(body, PrefixBytes);
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"http://{address.Authority}{method}"))
        {
            // Prior knowledge: without TLS there is nothing to negotiate the version by.
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(ContentType) } },
        };
        request.Headers.TryAddWithoutValidation("TE", "trailers");
        request.Headers.TryAddWithoutValidation("User-Agent", FreshHttp.UserAgent);
        return request;
    }

    private static async Task<GrpcAnswer> ReadAsync(
        ProbeAddress address, HttpResponseMessage response, int mostBytes, CancellationToken cancellationToken)
    {
        var type = response.Content.Headers.ContentType?.MediaType;
        if (response.StatusCode is not HttpStatusCode.OK
            || type?.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase) is not true)
        {
            return new GrpcAnswer.None(string.Create(
                CultureInfo.InvariantCulture,
                $"what listens at {address} speaks HTTP/2 but is no gRPC server "
                + $"(HTTP {(int)response.StatusCode}, {ForeignText.OneLine(type ?? "no content type")})"));
        }

        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var body = await FreshHttp.ReadAtMostAsync(stream, PrefixBytes + mostBytes + 1, cancellationToken);
        if (body.Length > PrefixBytes + mostBytes)
        {
            return new GrpcAnswer.None($"{address} sent an answer of more than {mostBytes} bytes");
        }

        // A refusal comes without a body, and then its status stands in the headers.
        var status = Value(response.TrailingHeaders, StatusHeader) ?? Value(response.Headers, StatusHeader);
        var words = Value(response.TrailingHeaders, MessageHeader) ?? Value(response.Headers, MessageHeader) ?? "";
        return status switch
        {
            "0" => Unframed(address, body),
            null => new GrpcAnswer.None($"{address} ended its answer without a gRPC status"),
            _ when int.TryParse(status, NumberStyles.None, CultureInfo.InvariantCulture, out var code) =>
                new GrpcAnswer.Refused(code, ForeignText.OneLine(Uri.UnescapeDataString(words))),
            _ => new GrpcAnswer.None($"{address} sent a gRPC status that is no number"),
        };
    }

    private static GrpcAnswer Unframed(ProbeAddress address, byte[] body) => body switch
    {
        _ when body.Length < PrefixBytes
            || BinaryPrimitives.ReadUInt32BigEndian(body.AsSpan(1)) != body.Length - PrefixBytes =>
            new GrpcAnswer.None($"{address} sent a gRPC answer that is cut or has more than one message"),
        [not 0, ..] => new GrpcAnswer.None($"{address} sent a compressed gRPC answer, which was not asked for"),
        _ => new GrpcAnswer.Message(body[PrefixBytes..]),
    };

    private static string? Value(HttpResponseHeaders headers, string name) =>
        headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;
}
