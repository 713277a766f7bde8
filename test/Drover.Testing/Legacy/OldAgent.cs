using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Drover.Testing.Legacy;

/// <summary>What a server answered an old agent.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">The body as text.</param>
public sealed record OldAnswer(HttpStatusCode Status, string Body)
{
    /// <summary>The body as JSON.</summary>
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;
}

/// <summary>
/// An agent of the older protocol, written from its description alone: a raw HTTP client and an HMAC of its own, and
/// nothing of the code under test. Every part of a request can be bent.
/// </summary>
/// <param name="server">The server's address.</param>
/// <param name="agentId">As registered.</param>
/// <param name="token">As registered: HMAC key and bearer token.</param>
/// <param name="deploymentHash">As registered.</param>
/// <param name="time">The agent's clock.</param>
public sealed class OldAgent(Uri server, string agentId, string token, string deploymentHash, TimeProvider? time = null)
    : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = server };
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    public string AgentId { get; } = agentId;

    public string Token { get; set; } = token;

    public string DeploymentHash { get; } = deploymentHash;

    /// <summary>How far its clock is off.</summary>
    public TimeSpan ClockOffset { get; set; }

    /// <summary>What installs an agent asks, with the token the operator was given.</summary>
    public static async Task<OldAnswer> RegisterAsync(Uri server, string? bearer, string body)
    {
        using var http = new HttpClient { BaseAddress = server };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/agent/register")
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        if (bearer is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + bearer);
        }

        using var response = await http.SendAsync(request);
        return new OldAnswer(response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>The body of a registration.</summary>
    public static string Registration(string deploymentHash) => new JsonObject
    {
        ["deployment_hash"] = deploymentHash,
        ["agent_version"] = "0.1.3",
        ["capabilities"] = new JsonArray("monitoring", "docker", "logs", "restart"),
        ["system_info"] = new JsonObject { ["hostname"] = "old-box", ["os"] = "linux" },
        ["public_key"] = null,
    }.ToJsonString();

    /// <summary>A registered agent.</summary>
    public static async Task<OldAgent> JoinAsync(
        Uri server, string bearer, string deploymentHash = "dep-hash-123", TimeProvider? time = null)
    {
        var answer = await RegisterAsync(server, bearer, Registration(deploymentHash));
        var item = answer.Status == HttpStatusCode.Created
            ? answer.Json.GetProperty("data").GetProperty("item")
            : throw new InvalidOperationException($"{answer.Status}: {answer.Body}");
        return new OldAgent(
            server,
            item.GetProperty("agent_id").GetString()!,
            item.GetProperty("agent_token").GetString()!,
            deploymentHash,
            time);
    }

    /// <summary>Its signature of a body: standard base64 of an HMAC-SHA256 over the bytes alone.</summary>
    public static string Signature(string token, byte[] body)
    {
        using var mac = new HMACSHA256(Encoding.UTF8.GetBytes(token));
        return Convert.ToBase64String(mac.ComputeHash(body));
    }

    public Task<OldAnswer> WaitAsync(int timeout = 1, string? hash = null) => SendAsync(Request(
        HttpMethod.Get,
        string.Create(
            CultureInfo.InvariantCulture, $"/api/v1/agent/commands/wait/{hash ?? DeploymentHash}?timeout={timeout}"),
        null));

    /// <summary>Waits until a command comes and returns it.</summary>
    public async Task<JsonElement> CommandAsync()
    {
        while (true)
        {
            var answer = await WaitAsync(5);
            var item = answer.Status == HttpStatusCode.OK
                ? answer.Json.GetProperty("item")
                : throw new InvalidOperationException($"{answer.Status}: {answer.Body}");
            if (item.ValueKind is JsonValueKind.Object)
            {
                return item;
            }
        }
    }

    public Task<OldAnswer> ReportAsync(string body) =>
        SendAsync(Request(HttpMethod.Post, "/api/v1/agent/commands/report", body));

    public Task<OldAnswer> AppStatusAsync(string body) =>
        SendAsync(Request(HttpMethod.Post, "/api/v1/apps/status", body));

    /// <summary>A report as the old agent writes it: keys in alphabetical order, <c>error</c> always there.</summary>
    public string Report(
        string commandId, string status, string? result, string? errors = null, string? error = null)
    {
        var report = new JsonObject
        {
            ["command_id"] = commandId,
            ["completed_at"] = _time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            ["deployment_hash"] = DeploymentHash,
            ["error"] = error is null ? null : JsonNode.Parse(error),
        };
        if (errors is not null)
        {
            report["errors"] = JsonNode.Parse(errors);
        }

        if (result is not null)
        {
            report["result"] = JsonNode.Parse(result);
        }

        report["status"] = status;
        return report.ToJsonString();
    }

    /// <summary>A signed request, for a test to bend or to send twice.</summary>
    public HttpRequestMessage Request(HttpMethod method, string target, string? body, string? requestId = null)
    {
        var bytes = body is null ? [] : Encoding.UTF8.GetBytes(body);
        var request = new HttpRequestMessage(method, target)
        {
            Content = body is null ? null : new ByteArrayContent(bytes),
        };
        if (request.Content is not null)
        {
            request.Content.Headers.ContentType = new("application/json");
        }

        var stamp = (_time.GetUtcNow() + ClockOffset).ToUnixTimeSeconds();
        request.Headers.Add("X-Agent-Id", AgentId);
        request.Headers.Add("X-Timestamp", stamp.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("X-Request-Id", requestId ?? Guid.NewGuid().ToString());
        request.Headers.Add("X-Agent-Signature", Signature(Token, bytes));
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + Token);
        return request;
    }

    public async Task<OldAnswer> SendAsync(HttpRequestMessage request)
    {
        using (request)
        {
            using var response = await _http.SendAsync(request);
            return new OldAnswer(response.StatusCode, await response.Content.ReadAsStringAsync());
        }
    }

    public void Dispose() => _http.Dispose();
}
