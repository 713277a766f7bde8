using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Drover.Core.Trust;
using Drover.Wire;
using Drover.Wire.Agents;
using Drover.Wire.Commands;
using Drover.Wire.Inventory;

namespace Drover.Testing.Server;

/// <summary>
/// A host agent that does what a test tells it and nothing else. Signs as the wire page says, with a clock and request
/// ids that a test can set.
/// </summary>
public sealed class ScriptedAgent(ServerFixture server, string name)
{
    private IReadOnlyList<ContainerDto> _containers = [];
    private string? _hash;

    public string HostId { get; private set; } = string.Empty;

    public string DeploymentHash { get; private set; } = string.Empty;

    /// <summary>What it enrolls as.</summary>
    public string Kind { get; set; } = AgentKinds.HostAgent;

    public AgentKey Key { get; set; } = AgentKey.Create();

    public long Run { get; set; } = 1_800_000_000_000;

    public long HeartbeatSeq { get; set; }

    public long InventorySeq { get; set; }

    /// <summary>The announced pin it says it has stored.</summary>
    public string? NextPin { get; set; }

    /// <summary>How far the agent's clock is off.</summary>
    public TimeSpan ClockOffset { get; set; }

    /// <summary>The hash of what was last synced.</summary>
    public string? Hash => _hash;

    /// <summary>
    /// Another process with the same credentials: a copy of the file on a second machine, or a restart.
    /// </summary>
    public ScriptedAgent Copy(long run) => new(server, name)
    {
        HostId = HostId,
        DeploymentHash = DeploymentHash,
        Key = Key,
        Run = run,
        ClockOffset = ClockOffset,
    };

    public async Task EnrollAsync(string token)
    {
        using var response = await TryEnrollAsync(token);
        var answer = await ServerFixture.ReadAsync(response, WireJson.Default.EnrollResponse);
        (HostId, DeploymentHash) = (answer.HostId, answer.DeploymentHash);
    }

    public Task<HttpResponseMessage> TryEnrollAsync(string token)
    {
        var request = new EnrollRequest(
            token, name, name, "Debian", "x86_64", "20.10", Key.Reveal(), Kind, "0.1.0");
        return server.Stranger().PostAsync(
            Routes.Enroll,
            ServerFixture.JsonContent(JsonSerializer.Serialize(request, WireJson.Default.EnrollRequest)));
    }

    public async Task<HeartbeatResponse> HeartbeatAsync(string? docker = DockerStates.Up, bool? goodbye = null)
    {
        using var response = await SignedAgainAsync(() => TryHeartbeatAsync(docker, goodbye));
        return await ServerFixture.ReadAsync(response, WireJson.Default.HeartbeatResponse);
    }

    public Task<HttpResponseMessage> TryHeartbeatAsync(string? docker = DockerStates.Up, bool? goodbye = null) =>
        PostAsync(
            Routes.Heartbeat,
            new HeartbeatRequest(Run, ++HeartbeatSeq, _hash, docker, Now.ToUnixTimeMilliseconds(), goodbye)
            {
                NextPin = NextPin,
            },
            WireJson.Default.HeartbeatRequest);

    /// <summary>Sends the full inventory.</summary>
    public async Task<InventoryResponse> SyncAsync(params IReadOnlyList<ContainerDto> containers)
    {
        _containers = containers;
        _hash = Containers.HashOf(containers);
        return await InventoryAsync(new InventoryRequest(
            Run, ++InventorySeq, true, null, _hash, null, [.. containers.Select(Containers.Json)], []));
    }

    /// <summary>Sends what changed against the last sync.</summary>
    public async Task<InventoryResponse> ChangeAsync(
        IReadOnlyList<ContainerDto> upsert, params IReadOnlyList<string> remove)
    {
        var before = _hash;
        var changed = upsert.Select(container => container.DockerId).Concat(remove).ToHashSet();
        _containers = [.. _containers.Where(container => !changed.Contains(container.DockerId)), .. upsert];
        _hash = Containers.HashOf(_containers);
        return await InventoryAsync(new InventoryRequest(
            Run, ++InventorySeq, false, before, _hash, null, [.. upsert.Select(Containers.Json)], remove));
    }

    public async Task<InventoryResponse> InventoryAsync(InventoryRequest request)
    {
        using var response = await SignedAgainAsync(
            () => PostAsync(Routes.Inventory, request, WireJson.Default.InventoryRequest));
        return await ServerFixture.ReadAsync(response, WireJson.Default.InventoryResponse);
    }

    /// <summary>Asks for a command; with <paramref name="saysRun"/> as an agent does that sends its run.</summary>
    public async Task<WaitResponse> WaitAsync(int timeout = 1, string take = WaitScopes.All, bool saysRun = false)
    {
        using var response = await SignedAgainAsync(() => TryWaitAsync(timeout, take, saysRun));
        return await ServerFixture.ReadAsync(response, WireJson.Default.WaitResponse);
    }

    public Task<HttpResponseMessage> TryWaitAsync(
        int timeout = 1, string take = WaitScopes.All, bool saysRun = false) => SendAsync(
        HttpMethod.Get,
        string.Create(
            CultureInfo.InvariantCulture,
            $"/api/v1/agent/commands/wait/{DeploymentHash}?timeout={timeout}&take={take}")
            + (saysRun ? string.Create(CultureInfo.InvariantCulture, $"&run={Run}") : ""),
        null);

    public async Task<RenewResponse> RenewAsync(
        IReadOnlyList<string> commandIds, IReadOnlyList<string>? executing = null)
    {
        using var response = await PostAsync(
            Routes.CommandRenew, new RenewRequest(commandIds, executing), WireJson.Default.RenewRequest);
        return await ServerFixture.ReadAsync(response, WireJson.Default.RenewResponse);
    }

    /// <summary>Reports that a restart, start or stop did what it should.</summary>
    public async Task<ReportResponse> ReportSuccessAsync(CommandDto command)
    {
        using var response = await TryReportAsync(Success(command));
        return await ServerFixture.ReadAsync(response, WireJson.Default.ReportResponse);
    }

    public Task<HttpResponseMessage> TryReportAsync(ReportRequest report) =>
        PostAsync(Routes.CommandReport, report, WireJson.Default.ReportRequest);

    public ReportRequest Success(CommandDto command) => Report(command, ReportRequest.Success, "ok", "running", []);

    public ReportRequest Failure(CommandDto command, CommandErrorDto error) =>
        Report(command, ReportRequest.Failed, "failed", "exited", [error]);

    public async Task<AgentEventsResponse> EventsAsync(long run, long seq, params IReadOnlyList<AgentEventDto> events)
    {
        using var response = await PostAsync(
            Routes.AgentEvents, new AgentEventsRequest(run, seq, events), WireJson.Default.AgentEventsRequest);
        return await ServerFixture.ReadAsync(response, WireJson.Default.AgentEventsResponse);
    }

    public Task<HttpResponseMessage> PostAsync<T>(string path, T body, JsonTypeInfo<T> type) =>
        SendAsync(HttpMethod.Post, path, JsonSerializer.SerializeToUtf8Bytes(body, type));

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string target, byte[]? body) =>
        server.Stranger().SendAsync(Sign(method, target, body));

    /// <summary>A signed request, for a test to bend or to send twice.</summary>
    public HttpRequestMessage Sign(
        HttpMethod method, string target, byte[]? body, string? requestId = null, string? bodyHash = null)
    {
        requestId ??= Guid.NewGuid().ToString();
        var stamp = Now.ToUnixTimeSeconds();
        var signature = RequestSignature.Sign(
            Key,
            new SignedRequest(
                method.Method, target, HostId, stamp, requestId, bodyHash ?? RequestSignature.HashBody(body ?? [])));
        var request =
            new HttpRequestMessage(method, target) { Content = body is null ? null : new ByteArrayContent(body) };
        request.Headers.Add(SignatureHeaders.AgentId, HostId);
        request.Headers.Add(SignatureHeaders.Timestamp, stamp.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add(SignatureHeaders.RequestId, requestId);
        request.Headers.Add(SignatureHeaders.Signature, signature);
        return request;
    }

    /// <summary>Uploads a followed log; the content says when it ends.</summary>
    public Task<HttpResponseMessage> UploadAsync(
        string streamId, HttpContent content, CancellationToken cancellationToken)
    {
        var request =
            Sign(HttpMethod.Post, $"/api/agent/streams/{streamId}", null, bodyHash: RequestSignature.StreamBodyHash);
        request.Content = content;
        return server.Stranger().SendAsync(request, cancellationToken);
    }

    /// <summary>Sends, and once more when a server that was just started asks to sign again, as an agent
    /// does.</summary>
    private static async Task<HttpResponseMessage> SignedAgainAsync(Func<Task<HttpResponseMessage>> send)
    {
        var response = await send();
        if (response.StatusCode != HttpStatusCode.Conflict)
        {
            return response;
        }

        response.Dispose();
        return await send();
    }

    private DateTimeOffset Now => server.Time.GetUtcNow() + ClockOffset;

    private ReportRequest Report(
        CommandDto command, string status, string resultStatus, string state, IReadOnlyList<CommandErrorDto> errors)
    {
        var appCode = command.Parameters!.Value.GetProperty("app_code").GetString()!;
        var result = new ActionResult(command.Type, DeploymentHash, appCode, resultStatus, state, errors);
        return new ReportRequest(
            command.CommandId,
            DeploymentHash,
            status,
            Now,
            Now.AddSeconds(-1),
            JsonSerializer.SerializeToElement(result, WireJson.Default.ActionResult),
            errors.Count > 0 ? errors[0].Message : null,
            errors.Count > 0 ? errors : null,
            ControlPlanes.StatusPanel);
    }
}
