using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Drover.Core.Trust;
using Drover.Runtime.Scheduling;
using Drover.Wire;
using Drover.Wire.Agents;
using Drover.Wire.Commands;
using Drover.Wire.Inventory;

namespace Drover.HostAgent.Transport;

/// <summary>
/// All signed calls of a host agent to its server. Each has a deadline, and each attempt its own stamp, request id and
/// signature. One <c>re-sign</c> answer is obeyed at once; everything else that goes wrong is a
/// <see cref="ServerCallException"/> for the calling loop, which owns the retry. Thread-safe.
/// </summary>
internal sealed class ServerClient : IDisposable
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan BulkTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan WaitMargin = TimeSpan.FromSeconds(10);

    private readonly AgentIdentity _identity;
    private readonly HttpClient _http;
    private readonly ServerClock _clock;
    private readonly RequestSigner _signer;
    private readonly TimeProvider _time;

    /// <param name="identity">Who signs.</param>
    /// <param name="http">From <see cref="ServerConnection"/>; owned from here on.</param>
    /// <param name="clock">Shared with whoever shows the skew.</param>
    /// <param name="time">For the deadlines.</param>
    internal ServerClient(AgentIdentity identity, HttpClient http, ServerClock clock, TimeProvider time)
    {
        _identity = identity;
        _http = http;
        _clock = clock;
        _signer = new RequestSigner(identity, clock);
        _time = time;
    }

    /// <summary>The server's address.</summary>
    internal string Address => _identity.Server.GetLeftPart(UriPartial.Authority);

    /// <summary>The host's opaque id.</summary>
    internal string DeploymentHash => _identity.DeploymentHash;

    /// <summary>Says that this host lives.</summary>
    internal Task<HeartbeatResponse> HeartbeatAsync(HeartbeatRequest heartbeat, CancellationToken cancellationToken) =>
        PostAsync(
        Routes.Heartbeat, "send a heartbeat", heartbeat, WireJson.Default.HeartbeatRequest,
        WireJson.Default.HeartbeatResponse, CallTimeout, cancellationToken);

    /// <summary>Gives the new key the server ordered, signed with the one in use.</summary>
    internal Task<NewKeyResponse> GiveKeyAsync(string key, CancellationToken cancellationToken) => PostAsync(
        Routes.AgentKey, "give the new key", new NewKeyRequest(key), WireJson.Default.NewKeyRequest,
        WireJson.Default.NewKeyResponse, CallTimeout, cancellationToken);

    /// <summary>Sends an inventory, full or changed.</summary>
    internal Task<InventoryResponse> SyncAsync(InventoryRequest inventory, CancellationToken cancellationToken) =>
        PostAsync(
        Routes.Inventory, "send the inventory", inventory, WireJson.Default.InventoryRequest,
        WireJson.Default.InventoryResponse, BulkTimeout, cancellationToken);

    /// <summary>Forwards a stretch of events.</summary>
    internal Task<AgentEventsResponse> SendEventsAsync(
        AgentEventsRequest events, CancellationToken cancellationToken) => PostAsync(
        Routes.AgentEvents, "forward events", events, WireJson.Default.AgentEventsRequest,
        WireJson.Default.AgentEventsResponse, BulkTimeout, cancellationToken);

    /// <summary>Waits at the server for a command; answers at once when there is one, else after
    /// <paramref name="timeout"/>.</summary>
    /// <param name="timeout">Whole seconds, 1..60.</param>
    /// <param name="scope">What it may bring, one of <see cref="WaitScopes"/>.</param>
    /// <param name="run">This run's number: the server gives nothing to one that another has replaced.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    internal Task<WaitResponse> WaitAsync(
        TimeSpan timeout, string scope, long run, CancellationToken cancellationToken)
    {
        var path = Routes.CommandWait.Replace(
            "{hash}", Uri.EscapeDataString(_identity.DeploymentHash), StringComparison.Ordinal);
        var take = scope is WaitScopes.All ? "" : $"&take={scope}";
        var query = string.Create(
            CultureInfo.InvariantCulture, $"?timeout={(int)timeout.TotalSeconds}&run={run}{take}");
        return SendAsync(
            HttpMethod.Get, path + query, "wait for a command", [], WireJson.Default.WaitResponse,
            timeout + WaitMargin, cancellationToken);
    }

    /// <summary>Reports the outcome of a command.</summary>
    internal Task<ReportResponse> ReportAsync(ReportRequest report, CancellationToken cancellationToken) => PostAsync(
        Routes.CommandReport, $"report command \"{report.CommandId}\"", report, WireJson.Default.ReportRequest,
        WireJson.Default.ReportResponse, BulkTimeout, cancellationToken);

    /// <summary>Keeps the leases of commands in hand.</summary>
    internal Task<RenewResponse> RenewAsync(RenewRequest renewal, CancellationToken cancellationToken) => PostAsync(
        Routes.CommandRenew, "renew leases", renewal, WireJson.Default.RenewRequest,
        WireJson.Default.RenewResponse, CallTimeout, cancellationToken);

    /// <summary>Tells how an app stands. A server of the older protocol answers 404, which is a
    /// <see cref="ServerFailure.Rejected"/>.</summary>
    internal async Task AppStatusAsync(AppStatusRequest status, CancellationToken cancellationToken)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(status, WireJson.Default.AppStatusRequest);
        using var deadline = new Deadline(_time, CallTimeout, cancellationToken);
        var what = $"tell the status of app \"{status.AppCode}\"";
        using var response = await ExchangeAsync(HttpMethod.Post, Routes.AppStatus, what, body, deadline);
        await ServerAnswer.EnsureSuccessAsync(response, what, deadline.Token);
    }

    /// <summary>
    /// Uploads a log while it is followed. Ends when the content ends or the server closes; has no deadline of its own.
    /// </summary>
    internal async Task UploadStreamAsync(string id, HttpContent content, CancellationToken cancellationToken)
    {
        const string What = "upload a followed log";
        var path = Routes.AgentStream.Replace("{id}", Uri.EscapeDataString(id), StringComparison.Ordinal);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_identity.Server, path))
        {
            Content = content,
        };
        request.Headers.TransferEncodingChunked = true;
        _signer.Sign(request, RequestSignature.StreamBodyHash);
        using var forever = new Deadline(_time, Timeout.InfiniteTimeSpan, cancellationToken);
        using var response = await SendOnceAsync(request, What, forever);

        // The content was consumed, so it cannot be signed again here; the next follow uses the offset learned.
        await LearnAsync(response, cancellationToken);
        await ServerAnswer.EnsureSuccessAsync(response, What, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private Task<TAnswer> PostAsync<TBody, TAnswer>(
        string path, string what, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TAnswer> answerType,
        TimeSpan timeout, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Post, path, what, JsonSerializer.SerializeToUtf8Bytes(body, bodyType), answerType, timeout,
            cancellationToken);

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
