using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Drover.Runtime.Docker.Transport;

/// <summary>
/// Sends requests to one engine under the API version both sides know, with a deadline each, and gives back typed
/// answers or a <see cref="DockerException"/>. The version is asked once and again after any broken connection,
/// because another engine may listen there by then.
/// </summary>
internal sealed class EngineTransport : IDisposable
{
    private const string ApiVersionHeader = "Api-Version";

    private readonly DockerEndpoint _endpoint;
    private readonly DockerClientOptions _options;
    private readonly TimeProvider _time;
    private readonly EngineConnections _connections;
    private readonly EngineFailures _failures;
    private NegotiatedVersion? _version;

    public EngineTransport(DockerEndpoint endpoint, DockerClientOptions options, TimeProvider time)
    {
        _endpoint = endpoint;
        _options = options;
        _time = time;
        _connections = new EngineConnections(endpoint, options);
        _failures = new EngineFailures(endpoint);
    }

    public DockerClientOptions Options => _options;

    public TimeProvider Time => _time;

    /// <summary>Sends and reads the whole answer as JSON.</summary>
    public Task<T> ReadAsync<T>(EngineRequest request, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        WithDeadlineAsync(
            request.Operation,
            _options.CallTimeout + request.Grace,
            async token =>
            {
                using var response = await AskAsync(request, token);
                await ThrowOnErrorAsync(request.Operation, response, token);
                await using var body = Bounded(await response.Content.ReadAsStreamAsync(token));
                return await JsonSerializer.DeserializeAsync(body, type, token)
                    ?? throw _failures.BadAnswer(request.Operation, "an empty answer");
            },
            cancellationToken);

    /// <summary>Sends, expects no answer worth reading, and gives the status (304: it was so already).</summary>
    public Task<HttpStatusCode> SendAsync(EngineRequest request, CancellationToken cancellationToken) =>
        WithDeadlineAsync(
            request.Operation,
            request.Limit ?? (_options.CallTimeout + request.Grace),
            async token =>
            {
                using var response = await AskAsync(request, token);
                await ThrowOnErrorAsync(request.Operation, response, token);
                await using var body = Bounded(await response.Content.ReadAsStreamAsync(token));
                await body.CopyToAsync(Stream.Null, token);
                return response.StatusCode;
            },
            cancellationToken);

    /// <summary>
    /// Sends and gives the open body. The deadline counts until the answer begins; after that only the caller's token
    /// ends it, at once and with its connection. With <paramref name="deadline"/> false even the beginning may take
    /// any time.
    /// </summary>
    public Task<EngineStream> OpenAsync(
        EngineRequest request, CancellationToken cancellationToken, bool deadline = true) =>
        WithDeadlineAsync(
            request.Operation,
            deadline ? _options.CallTimeout + request.Grace : Timeout.InfiniteTimeSpan,
            async token =>
            {
                var response = await AskAsync(request with { Lane = EngineLane.Stream }, token);
                try
                {
                    await ThrowOnErrorAsync(request.Operation, response, token);
                    var body = await response.Content.ReadAsStreamAsync(token);
                    return new EngineStream(request.Operation, response, body, this);
                }
                catch
                {
                    response.Dispose();
                    throw;
                }
            },
            cancellationToken);

    /// <summary>Asks whether the engine is there and answers. Uses no version, so that any engine can say.</summary>
    public Task<EnginePing> PingAsync(CancellationToken cancellationToken)
    {
        const string Operation = "reach Docker";
        return WithDeadlineAsync(
            Operation,
            _options.PingTimeout,
            async token =>
            {
                using var message = new HttpRequestMessage(HttpMethod.Get, new Uri(_endpoint.BaseAddress, "/_ping"));
                using var response = await _connections.SendAsync(EngineLane.Ping, message, token);
                await ThrowOnErrorAsync(Operation, response, token);
                await using var body = new BoundedStream(
                    await response.Content.ReadAsStreamAsync(token), EngineStream.MaxErrorBytes);
                await body.CopyToAsync(Stream.Null, token);
                return Header(response, ApiVersionHeader) is { } text && ApiVersion.TryParse(text, out var version)
                    ? new EnginePing(version, Header(response, "Server"), Header(response, "Swarm"))
                    : throw _failures.BadAnswer(Operation, "an answer that is not a Docker Engine's (no API version)");
            },
            cancellationToken);
    }

    /// <summary>The version that requests are sent under: the newest that both sides know.</summary>
    public async Task<ApiVersion> NegotiateAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _version) is { } known)
        {
            return known.Version;
        }

        var offered = (await PingAsync(cancellationToken)).ApiVersion;
        if (offered < ApiVersion.Oldest)
        {
            throw _failures.BadAnswer(
                "talk to Docker",
                $"API version {offered}; the oldest we can use is {ApiVersion.Oldest}. Upgrade the engine");
        }

        var version = offered > ApiVersion.Newest ? ApiVersion.Newest : offered;
        Volatile.Write(ref _version, new NegotiatedVersion(version));
        return version;
    }

    public void Dispose() => _connections.Dispose();

    /// <summary>Says what happened and forgets the version when the connection is in doubt; null when it is the
    /// caller's affair.</summary>
    internal DockerUnavailableException? Explain(string operation, Exception exception)
    {
        var explained = _failures.Explain(operation, exception);
        if (explained is not null)
        {
            Volatile.Write(ref _version, null);
        }

        return explained;
    }

    private async Task<HttpResponseMessage> AskAsync(EngineRequest request, CancellationToken cancellationToken)
    {
        var version = await NegotiateAsync(cancellationToken);
        var response = await SendOnceAsync(request, version, cancellationToken);
        if (response.StatusCode is not HttpStatusCode.BadRequest || !request.Replayable)
        {
            return response;
        }

        // Another engine may have taken the first one's place; it refuses the old version before it does anything.
        Volatile.Write(ref _version, null);
        var now = await NegotiateAsync(cancellationToken);
        if (now == version)
        {
            return response;
        }

        response.Dispose();
        return await SendOnceAsync(request, now, cancellationToken);
    }

    private async Task<HttpResponseMessage> SendOnceAsync(
        EngineRequest request, ApiVersion version, CancellationToken cancellationToken)
    {
        var target = new Uri(_endpoint.BaseAddress, $"/v{version}{request.Path}{request.Query}");
        using var message = new HttpRequestMessage(request.Method, target)
        {
            Content = request.Body?.Invoke() ?? (request.Method == HttpMethod.Get ? null : Nothing()),
        };
        AddHeader(message, "X-Registry-Auth", request.RegistryAuth);
        AddHeader(message, "X-Registry-Config", request.RegistryConfig);
        return await _connections.SendAsync(request.Lane, message, cancellationToken);
    }

    private async Task<T> WithDeadlineAsync<T>(
        string operation, TimeSpan limit, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(limit, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            return await call(linked.Token);
        }
        catch (Exception exception) when (cancellationToken.IsCancellationRequested && exception is not DockerException)
        {
            throw new OperationCanceledException(exception.Message, exception, cancellationToken);
        }
        catch (Exception exception) when (deadline.IsCancellationRequested && exception is not DockerException)
        {
            Volatile.Write(ref _version, null);
            throw _failures.TimedOut(operation, limit);
        }
        catch (Exception exception) when (Explain(operation, exception) is { } explained)
        {
            throw explained;
        }
    }

    private static async Task ThrowOnErrorAsync(
        string operation, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if ((int)response.StatusCode >= 400)
        {
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            var said = await EngineError.ReadAsync(body, response.StatusCode, cancellationToken);
            throw new DockerApiException(operation, response.StatusCode, said);
        }
    }

    // A request without a body is sent again by the runtime itself when its connection closes before the answer
    // (https://github.com/dotnet/runtime/issues/86714), and a restart would then be done twice. One with a body, though
    // empty, is not.
    private static ByteArrayContent Nothing() => new([]);

    private BoundedStream Bounded(Stream body) => new(body, _options.MaxAnswerBytes);

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    private static void AddHeader(HttpRequestMessage message, string name, string? value)
    {
        if (value is not null)
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }
    }

    private sealed record NegotiatedVersion(ApiVersion Version);
}
