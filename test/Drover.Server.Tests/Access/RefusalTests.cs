using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Drover.Core.Trust;
using Drover.Server.Tests.Limits;
using Drover.Testing.Server;
using Drover.Testing.Time;
using Drover.Wire;
using Drover.Wire.Agents;
using Drover.Wire.People;

namespace Drover.Server.Tests.Access;

/// <summary>
/// Bad days of credentials: whatever is wrong, a stranger learns one thing, that it is. Answers are compared byte by
/// byte as they came from the wire, the <c>Date</c> line aside.
/// </summary>
public sealed partial class RefusalTests
{
    private readonly FakeClock _clock = new();

    [Fact]
    public async Task An_expired_a_used_a_revoked_an_unknown_and_a_malformed_token_get_one_answer_byte_for_byte()
    {
        await using var server = await ServerFixture.StartAsync(_clock);
        var used = await server.EnrollmentTokenAsync();
        await new ScriptedAgent(server, "first").EnrollAsync(used);
        var expired = await server.EnrollmentTokenAsync(TimeSpan.FromSeconds(60));
        var revoked = await RevokedAsync(server);
        _clock.Advance(TimeSpan.FromSeconds(61));
        var api = server.AdminToken;

        var answers = new Dictionary<string, string>();
        foreach (var (cause, token) in new[]
        {
            ("expired", expired),
            ("used", used),
            ("revoked", revoked),
            ("unknown", Unknown()),
            ("too short", "dre_short"),
            ("of another kind", SecretToken.Create(SecretToken.LegacyPrefix).Reveal()),
            ("an API token", api),
            ("not even text", "\u0001\ud7ff\u00ff"),
            ("10,000 characters", new string('x', 10_000)),
        })
        {
            answers[cause] = await EnrollAsync(server, token);
        }

        Assert.StartsWith("HTTP/1.1 401 ", answers["expired"], StringComparison.Ordinal);
        Assert.All(answers, answer => Assert.Equal(answers["expired"], answer.Value));
    }

    [Fact]
    public async Task Each_bad_token_costs_the_same_one_transaction_so_that_time_tells_no_cause()
    {
        await using var server = await ServerFixture.StartAsync(
            _clock, options => options with { Limits = new ServerLimits { WrongTokens = 1_000 } });
        var expired = await server.EnrollmentTokenAsync(TimeSpan.FromSeconds(60));
        _clock.Advance(TimeSpan.FromSeconds(61));

        // The first refusals of a minute are written down one by one, which would be counted below.
        for (var knock = 0; knock < 15; knock++)
        {
            await EnrollAsync(server, $"dre_{new string('x', 40)}{knock:000}");
        }

        foreach (var token in new[] { expired, Unknown(), "malformed", "dra_" + new string('x', 43), expired })
        {
            var before = await CommitsAsync(server);
            await EnrollAsync(server, token);
            Assert.Equal((token, before + 1), (token, await CommitsAsync(server)));
        }
    }

    [Fact]
    public async Task A_wrong_key_a_wrong_signature_an_unknown_host_a_changed_body_and_a_changed_path_get_one_answer()
    {
        await using var server = await ServerFixture.StartAsync(_clock);
        var agent = await server.EnrollAsync();
        var body = Heartbeat(agent);
        var wrongKey = agent.Copy(agent.Run);
        wrongKey.Key = AgentKey.Create();
        var good = agent.Sign(HttpMethod.Post, Routes.Heartbeat, body);
        var signature = Header(good, SignatureHeaders.Signature);
        Task<string> ChangedAsync(string header, string? value) => SendAsync(server, With(good, header, value), body);

        var answers = new Dictionary<string, string>
        {
            ["no headers"] = await PostAsync(server, Routes.Heartbeat, body, []),
            ["wrong key"] = await SendAsync(server, wrongKey.Sign(HttpMethod.Post, Routes.Heartbeat, body), body),
            ["body changed"] = await SendAsync(server, good, [.. body.AsSpan()[..^1], (byte)' ', (byte)'}']),
            ["path changed"] = await SendAsync(server, good, body, Routes.CommandRenew),
            ["query added"] = await SendAsync(server, good, body, Routes.Heartbeat + "?x=1"),
            ["path spelt differently"] = await SendAsync(server, good, body, "/api/agent/%68eartbeat"),
            ["unknown host"] = await ChangedAsync(SignatureHeaders.AgentId, Guid.NewGuid().ToString()),
            ["host id no id"] = await ChangedAsync(SignatureHeaders.AgentId, "alpha"),
            ["another request id"] = await ChangedAsync(SignatureHeaders.RequestId, "another"),
            ["no request id"] = await ChangedAsync(SignatureHeaders.RequestId, null),
            ["long request id"] = await ChangedAsync(SignatureHeaders.RequestId, new string('x', 10_000)),
            ["another stamp"] = await ChangedAsync(SignatureHeaders.Timestamp, "1"),
            ["no stamp"] = await ChangedAsync(SignatureHeaders.Timestamp, "soon"),
            ["no signature"] = await ChangedAsync(SignatureHeaders.Signature, null),
            ["cut signature"] = await ChangedAsync(SignatureHeaders.Signature, signature[..^4]),
            ["first version"] = await ChangedAsync(SignatureHeaders.Signature, signature[3..]),
            ["long signature"] = await ChangedAsync(SignatureHeaders.Signature, "v2=" + new string('A', 10_000)),
        };

        Assert.StartsWith("HTTP/1.1 401 ", answers["no headers"], StringComparison.Ordinal);
        Assert.All(answers, answer => Assert.Equal((answer.Key, answers["no headers"]), (answer.Key, answer.Value)));
        Assert.StartsWith("HTTP/1.1 200 ", await SendAsync(server, good, body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_a_wrong_a_revoked_and_an_expired_API_token_get_the_answer_of_a_bad_signature()
    {
        await using var server = await ServerFixture.StartAsync(_clock);
        var revoked = await CreateAsync(server, null);
        var expiring = await CreateAsync(server, 60);
        var path = $"{Routes.Tokens}/{revoked.TokenId}";
        using (await server.Admin().DeleteAsync(path, TestContext.Current.CancellationToken))
        {
        }

        _clock.Advance(TimeSpan.FromSeconds(60));
        var answers = new HashSet<string>
        {
            await AskAsync(server, null),
            await AskAsync(server, "Bearer"),
            await AskAsync(server, "Basic YWxpY2U6c2VjcmV0"),
            await AskAsync(server, $"Bearer {SecretToken.Create(SecretToken.ApiPrefix).Reveal()}"),
            await AskAsync(server, $"Bearer {revoked.Token}"),
            await AskAsync(server, $"Bearer {expiring.Token}"),
            await AskAsync(server, $"Bearer {await server.EnrollmentTokenAsync()}"),
            await PostAsync(server, Routes.Heartbeat, "{}"u8.ToArray(), []),
        };

        Assert.StartsWith("HTTP/1.1 401 ", Assert.Single(answers), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replayed_request_is_refused_before_a_restart_of_the_server_and_after_it()
    {
        await using var server = await ServerFixture.StartAsync(_clock);
        var agent = await server.JoinAsync("alpha", "web");
        var body = "{\"command_ids\":[]}"u8.ToArray();
        var renewal = agent.Sign(HttpMethod.Post, Routes.CommandRenew, body);
        Assert.StartsWith("HTTP/1.1 200 ", await SendAsync(server, renewal, body), StringComparison.Ordinal);

        var replayed = await SendAsync(server, renewal, body);

        Assert.Equal(await PostAsync(server, Routes.Heartbeat, body, []), replayed);
        _clock.Advance(TimeSpan.FromSeconds(5));
        await server.RestartAsync();
        _clock.Advance(TimeSpan.FromSeconds(5));
        var afterwards = await SendAsync(server, renewal, body);
        Assert.StartsWith("HTTP/1.1 409 ", afterwards, StringComparison.Ordinal);
        Assert.Contains(Problems.ReSign, afterwards, StringComparison.Ordinal);
        Assert.Empty((await agent.RenewAsync([])).Lost);
    }

    [Fact]
    public async Task A_replayed_heartbeat_of_before_a_restart_changes_nothing_whatever_it_is_answered()
    {
        await using var server = await ServerFixture.StartAsync(_clock);
        var agent = await server.JoinAsync("alpha", "web");
        var goodbye = JsonSerializer.SerializeToUtf8Bytes(
            new HeartbeatRequest(agent.Run, ++agent.HeartbeatSeq, agent.Hash, DockerStates.Up, 0, true),
            WireJson.Default.HeartbeatRequest);
        var captured = agent.Sign(HttpMethod.Post, Routes.Heartbeat, goodbye);
        Assert.StartsWith("HTTP/1.1 200 ", await SendAsync(server, captured, goodbye), StringComparison.Ordinal);
        await agent.HeartbeatAsync();
        await server.RestartAsync();
        _clock.Advance(TimeSpan.FromSeconds(2));
        await agent.HeartbeatAsync();

        Assert.DoesNotContain("HTTP/1.1 200 ", await SendAsync(server, captured, goodbye), StringComparison.Ordinal);
        Assert.Equal("live", (await server.Admin().HostAsync("alpha")).State);
    }

    private static string Unknown() => SecretToken.Create(SecretToken.EnrollmentPrefix).Reveal();

    private static async Task<int> CommitsAsync(ServerFixture server)
    {
        const string Name = "drover_server_database_commits ";
        var metrics = await server.OnSocket().GetStringAsync(Routes.Metrics, TestContext.Current.CancellationToken);
        var line = metrics.Split('\n').Single(line => line.StartsWith(Name, StringComparison.Ordinal));
        return int.Parse(line[Name.Length..], CultureInfo.InvariantCulture);
    }

    private static byte[] Heartbeat(ScriptedAgent agent) => JsonSerializer.SerializeToUtf8Bytes(
        new HeartbeatRequest(agent.Run, ++agent.HeartbeatSeq, null, DockerStates.Up, 0),
        WireJson.Default.HeartbeatRequest);

    private static Task<string> EnrollAsync(ServerFixture server, string token)
    {
        var request = new EnrollRequest(
            token, "x", "x", "Debian", "x86_64", "20.10", AgentKey.Create().Reveal(), AgentKinds.HostAgent, "0.1.0");
        return PostAsync(
            server, Routes.Enroll, JsonSerializer.SerializeToUtf8Bytes(request, WireJson.Default.EnrollRequest), []);
    }

    private static Task<string> AskAsync(ServerFixture server, string? authorization) => ExchangeAsync(
        server, "GET", Routes.Hosts, [], authorization is null ? [] : [("Authorization", authorization)]);

    private static Task<string> SendAsync(
        ServerFixture server, HttpRequestMessage signed, byte[] body, string? target = null) => PostAsync(
        server,
        target ?? signed.RequestUri!.OriginalString,
        body,
        [.. signed.Headers.Select(header => (header.Key, header.Value.Single()))]);

    private static Task<string> PostAsync(
        ServerFixture server, string target, byte[] body, IReadOnlyList<(string Name, string Value)> headers) =>
        ExchangeAsync(server, "POST", target, body, headers);

    private static async Task<string> ExchangeAsync(
        ServerFixture server,
        string method,
        string target,
        byte[] body,
        IReadOnlyList<(string Name, string Value)> headers)
    {
        var head = new StringBuilder($"{method} {target} HTTP/1.1\r\nHost: x\r\n");
        foreach (var (name, value) in headers)
        {
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }

        head.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n\r\n");
        await using var connection = await RawConnection.OpenAsync(server.Role.Address);
        await connection.SendAsync([.. Encoding.Latin1.GetBytes(head.ToString()), .. body]);
        return DateLine().Replace(await connection.AnswerAsync(), "");
    }

    private static HttpRequestMessage With(HttpRequestMessage request, string header, string? value)
    {
        var changed = new HttpRequestMessage(request.Method, request.RequestUri);
        foreach (var (name, values) in request.Headers)
        {
            if (!name.Equals(header, StringComparison.OrdinalIgnoreCase))
            {
                changed.Headers.Add(name, values);
            }
        }

        if (value is not null)
        {
            changed.Headers.Add(header, value);
        }

        return changed;
    }

    private static string Header(HttpRequestMessage request, string name) => request.Headers.GetValues(name).Single();

    private static async Task<string> RevokedAsync(ServerFixture server)
    {
        var created = await server.Role.CreateEnrollmentTokenAsync(
            null, TimeSpan.FromMinutes(15), "test", TestContext.Current.CancellationToken);
        using var response = await server.Admin().DeleteAsync(
            $"{Routes.EnrollmentTokens}/{created.TokenId}", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        return created.Token;
    }

    private static Task<CreatedTokenDto> CreateAsync(ServerFixture server, int? life) => ServerFixture.PostAsync(
        server.Admin(),
        Routes.Tokens,
        new CreateTokenRequest("ci", "viewer", life),
        WireJson.Default.CreateTokenRequest,
        WireJson.Default.CreatedTokenDto);

    [GeneratedRegex("Date: [^\r]*\r\n")]
    private static partial Regex DateLine();
}
