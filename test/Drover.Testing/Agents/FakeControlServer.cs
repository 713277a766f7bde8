using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Drover.Core.Trust;
using Drover.Testing.Tls;
using Drover.Wire;
using Drover.Wire.Agents;
using Drover.Wire.Commands;
using Drover.Wire.Inventory;
using Drover.Wire.People;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Drover.Testing.Agents;

/// <summary>
/// The server's side of the host agent protocol, small and scripted: it verifies every signature, keeps inventory and
/// events by the rules of the wire, and can lose an answer, refuse, disagree about the time, or go away.
/// </summary>
public sealed class FakeControlServer : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, string> _hostByTokenAndKey = new();
    private readonly ConcurrentDictionary<string, string?> _keyByToken = new();
    private readonly ConcurrentDictionary<string, AgentKey> _keyByHost = new();
    private readonly ConcurrentDictionary<string, string> _nextKeyByHost = new();
    private readonly ConcurrentQueue<string> _answersToLose = new();
    private readonly ConcurrentDictionary<string, ConcurrentQueue<(int Status, string Body)>> _scripted = new();
    private WebApplication? _app;
    private int _port;

    private FakeControlServer()
    {
    }

    public Uri Address => new($"{(Certificate is null ? "http" : "https")}://127.0.0.1:{_port}");

    /// <summary>What it proves itself with from the next handshake on; null from the start on: plain HTTP.</summary>
    public TestCertificate? Certificate { get; set; }

    /// <summary>Announced with each heartbeat's answer while set.</summary>
    public IReadOnlyList<string>? NextPins { get; set; }

    /// <summary>Orders a new key with each heartbeat's answer while set; off once the host signs with one.</summary>
    public bool OrdersKey { get; set; }

    /// <summary>Keys that hosts gave, repeated ones too.</summary>
    public ConcurrentQueue<string> GivenKeys { get; } = new();

    /// <summary>Announcements carry the MAC of somebody else.</summary>
    public bool ForgesAnnouncements { get; set; }

    /// <summary>Seconds it asks for between heartbeats.</summary>
    public int NextIn { get; set; } = 30;

    /// <summary>Its clock minus the real one.</summary>
    public TimeSpan ClockOffset { get; set; }

    /// <summary>Status for every signed request while set.</summary>
    public int? RefuseWith { get; set; }

    /// <summary>Answer the next heartbeats with resync.</summary>
    public bool AskResyncOnHeartbeat { get; set; }

    public ConcurrentQueue<EnrollRequest> Enrollments { get; } = new();

    public ConcurrentQueue<(HeartbeatRequest Beat, int Bytes)> Heartbeats { get; } = new();

    public ConcurrentQueue<InventoryRequest> Inventories { get; } = new();

    /// <summary>Events as stored: each once, in order of arrival.</summary>
    public ConcurrentQueue<AgentEventDto> Events { get; } = new();

    /// <summary>Every event delivery, repeated ones too.</summary>
    public ConcurrentQueue<AgentEventsRequest> EventDeliveries { get; } = new();

    /// <summary>Request ids and paths of all signed requests.</summary>
    public ConcurrentQueue<(string Path, string RequestId)> SignedRequests { get; } = new();

    /// <summary>Commands for the host, given out one by one as it asks.</summary>
    public ConcurrentQueue<CommandDto> Orders { get; } = new();

    /// <summary>Called with each report before it is answered.</summary>
    public Action<ReportRequest>? Reported { get; set; }

    /// <summary>Requests whose signature was wrong.</summary>
    public ConcurrentQueue<string> Forgeries { get; } = new();

    /// <summary>The containers it holds, by docker id.</summary>
    public ConcurrentDictionary<string, JsonElement> Containers { get; private set; } = new();

    /// <summary>The container of that name, or null.</summary>
    public ContainerDto? Find(string name) => Containers.Values
        .Select(json => json.Deserialize(WireJson.Default.ContainerDto)!)
        .FirstOrDefault(container => container.Name == name);

    public static async Task<FakeControlServer> StartNewAsync(TestCertificate? certificate = null)
    {
        var server = new FakeControlServer { Certificate = certificate };
        await server.ComeBackAsync();
        return server;
    }

    public SecretToken IssueToken()
    {
        var token = SecretToken.Create(SecretToken.EnrollmentPrefix);
        _keyByToken[token.Reveal()] = null;
        return token;
    }

    /// <summary>The next request to the path takes effect, and its answer never arrives.</summary>
    public void LoseAnswer(string path) => _answersToLose.Enqueue(path);

    /// <summary>The next request to the path is answered with this, without effect.</summary>
    public void AnswerOnce(string path, int status, string body = "") =>
        _scripted.GetOrAdd(path, _ => new()).Enqueue((status, body));

    /// <summary>Answers of <see cref="AnswerOnce"/> that are left are given up.</summary>
    public void ForgetScript(string path) => _scripted.TryRemove(path, out _);

    /// <summary>Forgets its inventory, as a server restored from an old backup.</summary>
    public void ForgetContainers() => Containers = new();

    public async Task GoAwayAsync()
    {
        if (_app is { } app)
        {
            _app = null;
            using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
            await app.StopAsync(now.Token);
            await app.DisposeAsync();
        }
    }

    public async Task ComeBackAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = 16 << 20;
            kestrel.Listen(IPAddress.Loopback, _port, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                if (Certificate is not null)
                {
                    listen.UseHttps(https => https.ServerCertificateSelector = (_, _) => Certificate.Certificate);
                }
            });
        });
        _app = builder.Build();
        _app.Run(HandleAsync);
        await _app.StartAsync();
        _port = new Uri(_app.Urls.Single()).Port;
    }

    public async ValueTask DisposeAsync() => await GoAwayAsync();

    private async Task HandleAsync(HttpContext context)
    {
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
        var body = buffer.ToArray();
        var path = context.Request.Path.Value!;
        if (_scripted.TryGetValue(path, out var script) && script.TryDequeue(out var scripted))
        {
            context.Response.StatusCode = scripted.Status;
            await context.Response.WriteAsync(scripted.Body);
            return;
        }

        if (path != Routes.Enroll && !await IsTrustedAsync(context, body))
        {
            return;
        }

        var (answer, status) = await AnswerAsync(path, body, context);
        if (_answersToLose.TryPeek(out var lost) && lost == path && _answersToLose.TryDequeue(out _))
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(answer);
    }

    private async Task<bool> IsTrustedAsync(HttpContext context, byte[] body)
    {
        if (RefuseWith is { } refusal)
        {
            context.Response.StatusCode = refusal;
            return false;
        }

        string Header(string name) => context.Request.Headers[name].ToString();
        var target = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;
        var stamp = long.Parse(Header(SignatureHeaders.Timestamp), CultureInfo.InvariantCulture);
        var signed = new SignedRequest(
            context.Request.Method, target, Header(SignatureHeaders.AgentId), stamp, Header(SignatureHeaders.RequestId),
            RequestSignature.HashBody(body));
        var signature = Header(SignatureHeaders.Signature);
        if (_nextKeyByHost.TryGetValue(signed.AgentId, out var text)
            && AgentKey.TryParse(text, out var next) && RequestSignature.Verify(next!, signed, signature))
        {
            _keyByHost[signed.AgentId] = next!;
            _nextKeyByHost.TryRemove(signed.AgentId, out _);
            OrdersKey = false;
        }

        if (!_keyByHost.TryGetValue(signed.AgentId, out var key) || !RequestSignature.Verify(key, signed, signature))
        {
            Forgeries.Enqueue(target);
            context.Response.StatusCode = 401;
            return false;
        }

        SignedRequests.Enqueue((context.Request.Path.Value!, signed.RequestId));
        var now = TimeProvider.System.GetUtcNow() + ClockOffset;
        if (Math.Abs(now.ToUnixTimeSeconds() - stamp) <= 300)
        {
            return true;
        }

        context.Response.StatusCode = 409;
        var problem = new ProblemDto(Problems.Prefix + Problems.ReSign, "sign again", 409, null)
        {
            ServerTime = now.ToUnixTimeMilliseconds(),
        };
        await context.Response.Body.WriteAsync(
            JsonSerializer.SerializeToUtf8Bytes(problem, WireJson.Default.ProblemDto));
        return false;
    }

    private async Task<(byte[] Answer, int Status)> AnswerAsync(string path, byte[] body, HttpContext context)
    {
        switch (path)
        {
            case Routes.Enroll:
                return Enroll(Read(body, WireJson.Default.EnrollRequest));
            case Routes.Heartbeat:
                var beat = Read(body, WireJson.Default.HeartbeatRequest);
                Heartbeats.Enqueue((beat, body.Length));
                var resync = AskResyncOnHeartbeat || (beat.Inv is not null && beat.Inv != Hash());
                var announced = NextPins;
                var key = ForgesAnnouncements
                    ? AgentKey.Create()
                    : _keyByHost[context.Request.Headers[SignatureHeaders.AgentId].ToString()];
                var host = context.Request.Headers[SignatureHeaders.AgentId].ToString();
                return Ok(
                    new HeartbeatResponse("ok", NextIn, resync, 0)
                    {
                        NextPins = announced,
                        NewKey = OrdersKey ? true : null,
                        PinsMac = announced is null
                            ? null
                            : PinAnnouncement.Sign(key, host, beat.Run, beat.Seq, announced),
                    },
                    WireJson.Default.HeartbeatResponse);
            case Routes.AgentKey:
                var given = Read(body, WireJson.Default.NewKeyRequest).Key!;
                GivenKeys.Enqueue(given);
                _nextKeyByHost[context.Request.Headers[SignatureHeaders.AgentId].ToString()] = given;
                return Ok(new NewKeyResponse("ok"), WireJson.Default.NewKeyResponse);
            case Routes.Inventory:
                return Ok(Apply(Read(body, WireJson.Default.InventoryRequest)), WireJson.Default.InventoryResponse);
            case Routes.AgentEvents:
                return Ok(Store(Read(body, WireJson.Default.AgentEventsRequest)), WireJson.Default.AgentEventsResponse);
            case var wait when wait.StartsWith("/api/v1/agent/commands/wait/", StringComparison.Ordinal):
                return Ok(await NextOrderAsync(context.RequestAborted), WireJson.Default.WaitResponse);
            case Routes.CommandReport:
                Reported?.Invoke(Read(body, WireJson.Default.ReportRequest));
                return Ok(
                    new ReportResponse("Result accepted", new ReportAccepted(true, "completed")),
                    WireJson.Default.ReportResponse);
            default:
                return ([], 404);
        }
    }

    private async Task<WaitResponse> NextOrderAsync(CancellationToken gone)
    {
        while (!gone.IsCancellationRequested)
        {
            if (Orders.TryDequeue(out var order))
            {
                return new WaitResponse("Command available", order, new WaitMeta(0, 60, null));
            }

            await Task.Delay(10, gone).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return new WaitResponse("No command available", null, new WaitMeta(0, 60, null));
    }

    private (byte[], int) Enroll(EnrollRequest request)
    {
        Enrollments.Enqueue(request);
        if (!_keyByToken.TryGetValue(request.Token, out var usedBy) || (usedBy is not null && usedBy != request.Key))
        {
            return ([], 401);
        }

        _keyByToken[request.Token] = request.Key;
        var host = _hostByTokenAndKey.GetOrAdd(request.Token + request.Key, _ => Guid.NewGuid().ToString());
        _ = AgentKey.TryParse(request.Key, out var key);
        _keyByHost[host] = key!;
        return Ok(new EnrollResponse(host, "hash-of-" + host, NextIn, 0), WireJson.Default.EnrollResponse);
    }

    private InventoryResponse Apply(InventoryRequest request)
    {
        Inventories.Enqueue(request);
        var next = request.Full ? [] : Containers.ToDictionary();
        if (!request.Full && request.Base != Hash())
        {
            return new InventoryResponse("ok", Resync: true, new InventorySummary(0, 0, 0));
        }

        foreach (var container in request.Upsert)
        {
            next[container.GetProperty("dockerId").GetString()!] = container.Clone();
        }

        foreach (var id in request.Remove)
        {
            next.Remove(id);
        }

        if (HashOf(next) != request.Hash)
        {
            return new InventoryResponse("ok", Resync: true, new InventorySummary(0, 0, 0));
        }

        Containers = new(next);
        return new InventoryResponse(
            "ok", Resync: false, new InventorySummary(request.Upsert.Count, 0, request.Remove.Count));
    }

    private AgentEventsResponse Store(AgentEventsRequest request)
    {
        var last = EventDeliveries.Where(one => one.Run == request.Run).Select(
            one => one.Seq + one.Events.Count - 1).DefaultIfEmpty(0).Max();
        EventDeliveries.Enqueue(request);
        for (var i = 0; i < request.Events.Count; i++)
        {
            if (request.Seq + i > last)
            {
                Events.Enqueue(request.Events[i]);
            }
        }

        return new AgentEventsResponse(request.Seq + request.Events.Count - 1);
    }

    private string Hash() => HashOf(Containers);

    private static string HashOf(IEnumerable<KeyValuePair<string, JsonElement>> containers) =>
        InventoryHash.Of(containers.Select(pair => KeyValuePair.Create(pair.Key, InventoryHash.Digest(pair.Value))));

    private static T Read<T>(byte[] body, JsonTypeInfo<T> type) => JsonSerializer.Deserialize(body, type)!;

    private static (byte[], int) Ok<T>(T answer, JsonTypeInfo<T> type) =>
        (JsonSerializer.SerializeToUtf8Bytes(answer, type), 200);
}
