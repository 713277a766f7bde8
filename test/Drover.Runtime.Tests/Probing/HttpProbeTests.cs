using Drover.Runtime.Probing;
using Drover.Testing.Tls;
using Microsoft.AspNetCore.Http;

namespace Drover.Runtime.Tests.Probing;

/// <summary>The http probe against real servers, with the kubelet's rules.</summary>
public sealed class HttpProbeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(200)]
    [InlineData(204)]
    [InlineData(304)]
    [InlineData(399)]
    public async Task A_status_from_200_to_399_is_a_success(int status)
    {
        await using var server = await Answering(status);

        (await Page(server, "/healthz").AskAsync()).Succeeded($"HTTP {status} from {Url(server)}/healthz");
    }

    [Theory]
    [InlineData(400)]
    [InlineData(404)]
    [InlineData(503)]
    public async Task Any_other_status_is_a_failure_that_names_it_and_not_what_the_page_says(int status)
    {
        await using var server = await Answering(status, "a stack trace with a password");

        (await Page(server, "/healthz?token=geheim").AskAsync())
            .Failed($"HTTP {status} from {Url(server)}/healthz; 200 to 399 is healthy");
    }

    [Fact]
    public async Task A_redirect_to_the_same_host_is_followed()
    {
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.StatusCode = context.Request.Path == "/login" ? 503 : 302;
            context.Response.Headers.Location = "/login";
            return Task.CompletedTask;
        });

        (await Page(server, "/").AskAsync()).Failed($"HTTP 503 from {Url(server)}/login; 200 to 399 is healthy");
    }

    [Fact]
    public async Task A_redirect_to_another_host_is_a_success_with_a_warning_and_nobody_asks_there()
    {
        await using var other = await Answering(503);
        await using var server = await Redirecting(_ => $"http://localhost:{other.Port}/");

        (await Page(server, "/").AskAsync()).Succeeded(
            $"HTTP 302 from {Url(server)}/: warning: redirected to another host (\"localhost\"), which was not asked");
        Assert.Empty(other.Connections);
    }

    [Fact]
    public async Task Redirects_in_a_circle_are_a_failure_after_ten()
    {
        await using var server = await Redirecting(context => $"{context.Request.Path}x");

        (await Page(server, "/").AskAsync()).Failed($"{Url(server)}/ redirected more than 10 times");
        Assert.Equal(11, server.Connections.Values.Sum());
    }

    [Fact]
    public async Task The_configured_headers_are_sent_the_host_among_them()
    {
        var seen = new TaskCompletionSource<string>();
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            var headers = context.Request.Headers;
            seen.TrySetResult($"{headers.Host} {headers["X-Probe"]} {headers.UserAgent} {headers.Accept}");
            return Task.CompletedTask;
        });
        var target = Page(server, "/") with
        {
            Headers = new Dictionary<string, string> { ["Host"] = "web.example.com", ["X-Probe"] = "1" },
        };

        (await target.AskAsync()).Succeeded();
        Assert.Equal("web.example.com 1 drover-probe */*", await seen.Task);
    }

    [Fact]
    public async Task An_answer_without_end_is_not_read_beyond_its_first_ten_kilobytes()
    {
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            var block = new byte[64 * 1024];
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(block, context.RequestAborted);
            }
        });

        (await Page(server, "/").AskAsync()).Succeeded();
    }

    [Fact]
    public async Task Every_run_connects_anew()
    {
        await using var server = await Answering(200);
        var probe = Page(server, "/").Make();
        (await probe.AskAsync()).Succeeded();
        (await probe.AskAsync()).Succeeded();

        Assert.Equal([1, 1], server.Connections.Values);
    }

    [Fact]
    public async Task With_https_a_certificate_of_the_servers_own_will_do()
    {
        using var certificate = TestCertificate.Make();
        await using var server = await LoopbackServer.StartAsync(
            _ => Task.CompletedTask, certificate: certificate.Certificate);

        (await (Page(server, "/") with { IsTls = true }).AskAsync())
            .Succeeded($"HTTP 200 from https://127.0.0.1:{server.Port}/");
    }

    [Fact]
    public async Task Https_asked_of_a_plain_server_is_told_as_such()
    {
        await using var server = await Answering(200);

        (await (Page(server, "/") with { IsTls = true }).AskAsync()).Failed(
            $"what listens at 127.0.0.1:{server.Port} does not complete a TLS handshake; is it plain HTTP?");
    }

    [Fact]
    public async Task A_server_of_another_protocol_is_told_as_such()
    {
        await using var server = new SpeakingServer("SSH-2.0-OpenSSH_9.2p1\r\n");

        (await Page(server.Address).AskAsync())
            .Failed($"what listens at 127.0.0.1:{server.Port} does not speak HTTP");
    }

    [Fact]
    public async Task A_server_that_hangs_up_is_told_as_such()
    {
        await using var server = new SpeakingServer("");

        (await Page(server.Address).AskAsync())
            .Failed($"127.0.0.1:{server.Port} took the connection and closed it without a whole HTTP answer");
    }

    [Fact]
    public async Task A_port_that_nothing_listens_on_is_told_as_such()
    {
        var address = new ProbeAddress("127.0.0.1", ProbeBench.FreePort());

        (await Page(address).AskAsync()).Failed($"cannot connect to {address}: nothing listens there (refused)");
    }

    [Fact]
    public async Task A_server_that_hangs_is_a_failure_at_the_timeout_and_hardly_later()
    {
        await using var server = new SpeakingServer(says: null);
        var timeout = TimeSpan.FromMilliseconds(300);

        var (report, latency) = await ProbeExecution.RunAsync(
            Page(server.Address).Make(), ProbeBench.Nothing, timeout, TimeProvider.System, Token);

        report.Failed("no answer within 300ms");
        Assert.InRange(latency, timeout - TimeSpan.FromMilliseconds(20), timeout + TimeSpan.FromSeconds(2));
    }

    [Theory]
    [InlineData("http://127.0.0.1:8080/healthz?full=1", "127.0.0.1", 8080, "/healthz?full=1", false)]
    [InlineData("https://[::1]", "::1", 443, "/", true)]
    [InlineData("http://localhost", "localhost", 80, "/", false)]
    public void A_page_may_be_written_as_a_url(string url, string host, int port, string path, bool isTls)
    {
        Assert.Null(ProbeTarget.Http.TryParse(url, out var target));
        Assert.Equal((new ProbeAddress(host, port), path, isTls), (target.Address, target.Path, target.IsTls));
    }

    [Theory]
    [InlineData("8080")]
    [InlineData("ftp://localhost/")]
    [InlineData("http://alice:secret@localhost/")]
    [InlineData("/healthz")]
    public void What_is_no_url_of_a_page_is_refused(string url) =>
        Assert.NotNull(ProbeTarget.Http.TryParse(url, out _));

    private static ProbeTarget.Http Page(LoopbackServer server, string path) =>
        Page(server.Address) with { Path = path };

    private static ProbeTarget.Http Page(ProbeAddress address) => new(address);

    private static string Url(LoopbackServer server) => $"http://127.0.0.1:{server.Port}";

    private static Task<LoopbackServer> Answering(int status, string body = "") => LoopbackServer.StartAsync(
        async context =>
        {
            context.Response.StatusCode = status;
            if (body.Length > 0)
            {
                await context.Response.WriteAsync(body);
            }
        });

    private static Task<LoopbackServer> Redirecting(Func<HttpContext, string> to) => LoopbackServer.StartAsync(
        context =>
        {
            context.Response.StatusCode = 302;
            context.Response.Headers.Location = to(context);
            return Task.CompletedTask;
        });
}
