using System.Net;
using System.Text;
using Drover.Server.Features.Limits;
using Drover.Testing.Server;
using Drover.Wire;

namespace Drover.Server.Tests.Limits;

public sealed class SizeTests
{
    [Fact]
    public async Task A_header_of_100_KB_is_a_431_in_a_sentence_and_one_of_a_megabyte_a_bare_one()
    {
        await using var server = await ServerFixture.StartAsync();
        var client = server.Admin();

        var refused = await SendAsync(client, HttpMethod.Get, Routes.Hosts, request =>
            request.Headers.Add("X-Long", new string('x', 100_000)))
            .ProblemAsync(HttpStatusCode.RequestHeaderFieldsTooLarge, Problems.TooLarge);
        Assert.Contains("16384 bytes", refused.Detail, StringComparison.Ordinal);

        await using var raw = await RawConnection.OpenAsync(server.Role.Address);
        await raw.SendAsync($"GET {Routes.Hosts} HTTP/1.1\r\nHost: x\r\nX-Long: ");
        await SendUntilClosedAsync(raw, new string('x', 1_000_000));
        Assert.StartsWith("HTTP/1.1 431 ", await raw.AnswerAsync(), StringComparison.Ordinal);
        Assert.Empty(await client.HostsAsync());
    }

    [Fact]
    public async Task More_header_lines_than_there_are_headers_are_a_431_in_a_sentence()
    {
        await using var server = await ServerFixture.StartAsync();
        var refused = await SendAsync(server.Admin(), HttpMethod.Get, Routes.Hosts, request =>
        {
            for (var header = 0; header < HeaderLimits.MostHeaders; header++)
            {
                request.Headers.Add($"X-Header-{header}", "x");
            }
        }).ProblemAsync(HttpStatusCode.RequestHeaderFieldsTooLarge, Problems.TooLarge);
        Assert.Contains("64 header lines", refused.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_of_10_000_characters_is_a_414_in_a_sentence_and_one_of_100_000_a_bare_one()
    {
        await using var server = await ServerFixture.StartAsync();
        var name = new string('x', 10_000);
        foreach (var target in new[] { $"{Routes.Hosts}/{name}", $"{Routes.Commands}?app={name}" })
        {
            await server.Admin().GetAsync(target, TestContext.Current.CancellationToken)
                .ProblemAsync(HttpStatusCode.RequestUriTooLong, Problems.TooLarge);
        }

        await using var raw = await RawConnection.OpenAsync(server.Role.Address);
        await SendUntilClosedAsync(raw, $"GET /{new string('x', 100_000)} HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 414 ", await raw.AnswerAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_10_MB_body_is_a_413_that_names_the_limit_declared_or_not_and_wherever_it_is_sent()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.EnrollAsync();
        var body = new byte[10_000_000];
        foreach (var isDeclared in new[] { true, false })
        {
            foreach (var (path, client, limit) in new[]
            {
                (Routes.Tokens, server.Admin(), "65536"),
                (Routes.Commands, server.Admin(), "65536"),
                (Routes.Enroll, server.Stranger(), "16384"),
                (Routes.LegacyRegister, server.Stranger(), "16384"),
            })
            {
                using var content = isDeclared ? new ByteArrayContent(body) : (HttpContent)new Undeclared(body);
                using var response = await client.PostAsync(path, content, TestContext.Current.CancellationToken);
                Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
                Assert.Contains(
                    limit,
                    await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
                    StringComparison.Ordinal);
            }

            using var signed = agent.Sign(HttpMethod.Post, Routes.Heartbeat, body);
            signed.Content = isDeclared ? new ByteArrayContent(body) : new Undeclared(body);
            var refused = await server.Stranger().SendAsync(signed, TestContext.Current.CancellationToken)
                .ProblemAsync(HttpStatusCode.RequestEntityTooLarge, Problems.TooLarge);
            Assert.Contains("4096", refused.Detail, StringComparison.Ordinal);
        }

        Assert.Equal("ok", (await agent.HeartbeatAsync()).Status);
    }

    [Theory]
    [InlineData("GET /api/v1/hosts/%FF%FE HTTP/1.1\r\nHost: x\r\n{auth}\r\n")]
    [InlineData("GET /api/v1/hosts/\u00ff\u00fe HTTP/1.1\r\nHost: x\r\n{auth}\r\n")]
    [InlineData("GET /api/v1/hosts/%00 HTTP/1.1\r\nHost: x\r\n{auth}\r\n")]
    [InlineData("GET /api/v1/hosts/%C0%AE%C0%AE/%2e%2e HTTP/1.1\r\nHost: x\r\n{auth}\r\n")]
    [InlineData("GET /api/v1/commands?app=%FF%FE&host=%ED%A0%80 HTTP/1.1\r\nHost: x\r\n{auth}\r\n")]
    [InlineData("GET /api/v1/hosts HTTP/1.1\r\nHost: x\r\nX-Name: \u00ff\u00fe\r\n{auth}\r\n")]
    [InlineData("GET /api/v1/hosts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer dra_\u00ff\u00fe\r\n\r\n")]
    [InlineData(
        "GET /api/v1/hosts HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
        + "Transfer-Encoding: chunked\r\n{auth}\r\n0\r\n\r\n")]
    [InlineData("GET /api/v1/hosts HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n{auth}\r\n")]
    [InlineData("GET /api/v1/hosts HTTP/1.1\r\n{auth}\r\n")]
    [InlineData("GET /api/v1/hosts HTTP/9.9\r\nHost: x\r\n{auth}\r\n")]
    [InlineData("\u0016\u0003\u0001\u0002\u0000\u0001\r\n\r\n")]
    public async Task Bytes_that_are_no_text_and_requests_that_are_no_HTTP_are_refused_or_found_nowhere(string request)
    {
        await using var server = await ServerFixture.StartAsync();
        await using var raw = await RawConnection.OpenAsync(server.Role.Address);
        await raw.SendAsync(request
            .Replace("{auth}", $"Authorization: Bearer {server.AdminToken}\r\n", StringComparison.Ordinal));

        var status = (await raw.AnswerAsync()).Split(' ').ElementAtOrDefault(1) ?? "";

        Assert.True(status is "" or "200" || status.StartsWith('4') || status == "505", status);
        Assert.Empty(await server.Admin().HostsAsync());
    }

    public static TheoryData<string, string> BadBodies()
    {
        var data = new TheoryData<string, string>();
        foreach (var path in new[]
        {
            Routes.Tokens, Routes.EnrollmentTokens, Routes.Commands, Routes.Enroll, Routes.LegacyRegister,
        })
        {
            data.Add(path, "not UTF-8");
            data.Add(path, "deep");
            data.Add(path, "cut");
            data.Add(path, "an array");
            data.Add(path, "null");
            data.Add(path, "nothing");
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(BadBodies))]
    public async Task A_body_that_is_not_what_it_should_be_is_a_400_whoever_sends_it(string path, string kind)
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.EnrollAsync();
        var body = BodyOf(kind);

        using var content = new ByteArrayContent(body);
        using var response = await server.Admin().PostAsync(path, content, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);

        foreach (var route in new[]
        {
            Routes.Heartbeat, Routes.Inventory, Routes.AgentEvents, Routes.CommandReport, Routes.CommandRenew,
            Routes.AppStatus,
        })
        {
            using var signed = await agent.SendAsync(HttpMethod.Post, route, body);
            Assert.True(
                signed.StatusCode is HttpStatusCode.BadRequest
                    || (route == Routes.Inventory && kind == "an array" && signed.IsSuccessStatusCode),
                $"{route}: {signed.StatusCode}");
        }
    }

    private static byte[] BodyOf(string kind) => kind switch
    {
        "not UTF-8" => [.. "{\"name\":\""u8, 0xff, 0xfe, 0xc0, 0xaf, .. "\"}"u8],
        "deep" => Encoding.UTF8.GetBytes(
            $"{{\"name\":{new string('[', 1_500)}{new string(']', 1_500)}}}"),
        "cut" => "{\"name\":\"al"u8.ToArray(),
        "an array" => "[]"u8.ToArray(),
        "null" => "null"u8.ToArray(),
        _ => [],
    };

    private static async Task SendUntilClosedAsync(RawConnection raw, string text)
    {
        try
        {
            await raw.SendAsync(text);
        }
        catch (IOException)
        {
            // The server has heard enough.
        }
    }

    private static async Task<HttpResponseMessage> SendAsync(
        HttpClient client, HttpMethod method, string path, Action<HttpRequestMessage> prepare)
    {
        using var request = new HttpRequestMessage(method, path);
        prepare(request);
        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>A body whose length nobody says beforehand.</summary>
    private sealed class Undeclared(byte[] body) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            stream.WriteAsync(body).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
