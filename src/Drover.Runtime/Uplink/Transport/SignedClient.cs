using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Drover.Core.Trust;
using Drover.Runtime.Scheduling;
using Drover.Wire;
using Drover.Wire.Agents;

namespace Drover.Runtime.Uplink.Transport;

/// <summary>
/// Signed calls of an enrolled role to its server: the three that every role makes, and those that a role makes of
/// its own with the others. Each has a deadline, and each attempt its own stamp, request id and signature. One
/// <c>re-sign</c> answer is obeyed at once; everything else that goes wrong is a <see cref="ServerCallException"/> for
/// the calling loop, which owns the retry. Thread-safe.
/// </summary>
public sealed class SignedClient : IDisposable
{
    /// <summary>How long a small call may take.</summary>
    public static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(15);

    /// <summary>How long a call with a large body may take.</summary>
    public static readonly TimeSpan BulkTimeout = TimeSpan.FromSeconds(60);

    private readonly AgentIdentity _identity;
    private readonly HttpClient _http;
    private readonly ServerClock _clock;
    private readonly RequestSigner _signer;
    private readonly TimeProvider _time;

    /// <param name="identity">Who signs.</param>
    /// <param name="http">From <see cref="ServerConnection"/>; owned from here on.</param>
    /// <param name="clock">Shared with whoever shows the skew.</param>
    /// <param name="time">For the deadlines.</param>
    public SignedClient(AgentIdentity identity, HttpClient http, ServerClock clock, TimeProvider time)
    {
        _identity = identity;
        _http = http;
        _clock = clock;
        _signer = new RequestSigner(identity, clock);
        _time = time;
    }

    /// <summary>The server's address.</summary>
    public string Address => _identity.Server.GetLeftPart(UriPartial.Authority);

    /// <summary>The role's opaque id in paths and reports.</summary>
    public string DeploymentHash => _identity.DeploymentHash;

    /// <summary>Says that this role lives.</summary>
    public Task<HeartbeatResponse> HeartbeatAsync(HeartbeatRequest heartbeat, CancellationToken cancellationToken) =>
        PostAsync(
        Routes.Heartbeat, "send a heartbeat", heartbeat, WireJson.Default.HeartbeatRequest,
        WireJson.Default.HeartbeatResponse, CallTimeout, cancellationToken);

    /// <summary>Gives the new key the server ordered, signed with the one in use.</summary>
    public Task<NewKeyResponse> GiveKeyAsync(string key, CancellationToken cancellationToken) => PostAsync(
        Routes.AgentKey, "give the new key", new NewKeyRequest(key), WireJson.Default.NewKeyRequest,
        WireJson.Default.NewKeyResponse, CallTimeout, cancellationToken);

    /// <summary>Forwards a stretch of events.</summary>
    public Task<AgentEventsResponse> SendEventsAsync(
        AgentEventsRequest events, CancellationToken cancellationToken) => PostAsync(
        Routes.AgentEvents, "forward events", events, WireJson.Default.AgentEventsRequest,
        WireJson.Default.AgentEventsResponse, BulkTimeout, cancellationToken);

    /// <summary>Posts a body and reads the typed answer.</summary>
    /// <param name="path">Path and query.</param>
    /// <param name="what">What it is for, as in "cannot WHAT".</param>
    /// <param name="body">The body.</param>
    /// <param name="bodyType">How it is written.</param>
    /// <param name="answerType">How the answer is read.</param>
    /// <param name="timeout">For both attempts together.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ServerCallException">It did not work.</exception>
    public Task<TAnswer> PostAsync<TBody, TAnswer>(
        string path, string what, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TAnswer> answerType,
        TimeSpan timeout, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Post, path, what, JsonSerializer.SerializeToUtf8Bytes(body, bodyType), answerType, timeout,
            cancellationToken);

    /// <summary>Posts a body; of the answer only the status counts.</summary>
    /// <exception cref="ServerCallException">It did not work.</exception>
    public async Task PostAsync<TBody>(
        string path, string what, TBody body, JsonTypeInfo<TBody> bodyType, TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(body, bodyType);
        using var deadline = new Deadline(_time, timeout, cancellationToken);
        using var response = await ExchangeAsync(HttpMethod.Post, path, what, bytes, deadline);
        await ServerAnswer.EnsureSuccessAsync(response, what, deadline.Token);
    }

    /// <summary>Asks and reads the typed answer.</summary>
    /// <exception cref="ServerCallException">It did not work.</exception>
    public Task<TAnswer> GetAsync<TAnswer>(
        string target, string what, JsonTypeInfo<TAnswer> answerType, TimeSpan timeout,
        CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, target, what, [], answerType, timeout, cancellationToken);

    /// <summary>
    /// Uploads a stream, which signs a literal in the place of its hash. Ends when the content ends or the server
    /// closes; has no deadline of its own.
    /// </summary>
    /// <exception cref="ServerCallException">It did not work.</exception>
    public async Task UploadAsync(string path, string what, HttpContent content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_identity.Server, path))
        {
            Content = content,
        };
        request.Headers.TransferEncodingChunked = true;
        _signer.Sign(request, RequestSignature.StreamBodyHash);
        using var forever = new Deadline(_time, Timeout.InfiniteTimeSpan, cancellationToken);
        using var response = await SendOnceAsync(request, what, forever);

        // The content was consumed, so it cannot be signed again here; the next upload uses the offset learned.
        await LearnAsync(response, cancellationToken);
        await ServerAnswer.EnsureSuccessAsync(response, what, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<T> SendAsync<T>(
        HttpMethod method, string target, string what, byte[] body, JsonTypeInfo<T> type, TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(_time, timeout, cancellationToken);
        using var response = await ExchangeAsync(method, target, what, body, deadline);
        return await ServerAnswer.ReadAsync(response, what, type, deadline.Token);
    }

    private async Task<HttpResponseMessage> ExchangeAsync(
        HttpMethod method, string target, string what, byte[] body, Deadline deadline)
    {
        var bodyHash = RequestSignature.HashBody(body);
        var response = await AttemptAsync(method, target, what, body, bodyHash, deadline);
        if (!await LearnAsync(response, deadline.Token))
        {
            return response;
        }

        response.Dispose();
        return await AttemptAsync(method, target, what, body, bodyHash, deadline);
    }

    private async Task<HttpResponseMessage> AttemptAsync(
        HttpMethod method, string target, string what, byte[] body, string bodyHash, Deadline deadline)
    {
        using var request = new HttpRequestMessage(method, new Uri(_identity.Server, target));
        if (method == HttpMethod.Post)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new("application/json");
        }

        _signer.Sign(request, bodyHash);
        return await SendOnceAsync(request, what, deadline);
    }

    private async Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, string what, Deadline deadline)
    {
        try
        {
            return await _http.SendAsync(request, HttpCompletionOption.ResponseContentRead, deadline.Token);
        }
        catch (OperationCanceledException) when (deadline.HasPassed)
        {
            throw new ServerCallException(
                ServerFailure.Unreachable, $"cannot {what}: no answer within {deadline.Length.TotalSeconds:0} s");
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            throw ServerConnection.Failed(what, _identity.Server, error);
        }
    }

    /// <summary>True when the answer was <c>re-sign</c>: the offset is known now.</summary>
    private async Task<bool> LearnAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (await ServerAnswer.ReSignTimeAsync(response, cancellationToken) is not { } serverTime)
        {
            return false;
        }

        _clock.Learn(serverTime);
        return true;
    }
}
