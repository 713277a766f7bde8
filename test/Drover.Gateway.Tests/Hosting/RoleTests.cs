using System.Net;
using System.Net.Security;
using Drover.Core.Trust;
using Drover.Gateway.Documents;
using Drover.Gateway.Tests.Rig;
using Drover.Runtime.Configuration;
using Drover.Testing.Agents;
using Drover.Testing.Time;
using Drover.Testing.Tls;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Gateway.Tests.Hosting;

/// <summary>The role as a whole: its start, its listeners, reload and end.</summary>
public sealed class RoleTests
{
    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_reload_takes_up_agents_and_cuts_no_request_under_way()
    {
        using var next = new SemaphoreSlim(0);
        await using var first = await PlayedAgent.StartAsync(async context =>
        {
            await context.Response.WriteAsync("begin ", context.RequestAborted);
            await next.WaitAsync(context.RequestAborted);
            await context.Response.WriteAsync("end", context.RequestAborted);
        });
        await using var second = await PlayedAgent.StartAsync(context => context.Response.WriteAsync("second"));
        var document = new GatewayDocument { Agents = [GatewayRig.Agent(first.Origin)] };
        await using var rig = await GatewayRig.StartAsync(document, () => document);
        using var underWay = await rig.GetAsync("/");

        document = new GatewayDocument
        {
            Agents = [GatewayRig.Agent(second.Origin, "scout", "scout.test", "new.test")],
        };
        var moved = rig.Role.Reload();
        Assert.Equal("second", await rig.TextAsync("/"));
        Assert.Equal("second", await rig.TextAsync("/", "new.test"));

        document = new GatewayDocument { Agents = [GatewayRig.Agent(second.Origin, "guide")] };
        var replaced = rig.Role.Reload();
        using var gone = await rig.GetAsync("/");
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        next.Release();

        Assert.Equal("begin end", await underWay.Content.ReadAsStringAsync(Ending));
        Assert.Empty(moved.Added.Concat(moved.Removed));
        Assert.Equal(["guide"], replaced.Added);
        Assert.Equal(["scout"], replaced.Removed);
    }

    [Fact]
    public async Task A_reload_of_a_file_that_cannot_be_used_changes_nothing()
    {
        await using var agent = await PlayedAgent.StartAsync(context => context.Response.WriteAsync("here"));
        await using var rig = await GatewayRig.StartAsync(
            new GatewayDocument { Agents = [GatewayRig.Agent(agent.Origin)] },
            () => throw new ConfigurationException("cannot use the configuration"));

        Assert.Throws<ConfigurationException>(() => rig.Role.Reload());

        Assert.Equal("here", await rig.TextAsync("/"));
    }

    [Fact]
    public async Task A_reload_names_the_keys_that_only_a_restart_changes()
    {
        var document = new GatewayDocument();
        await using var rig = await GatewayRig.StartAsync(document, () => document with
        {
            Listen = "127.0.0.1:0",
            Admin = document.Admin with { Listen = "127.0.0.1:0" },
            Limits = new ListenerLimits { Connections = 1 },
            DrainTimeout = TimeSpan.FromSeconds(1),
        });

        Assert.Equal(["gateway.limits"], rig.Role.Reload().NeedRestart);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Tls_speaks_both_versions_and_shows_a_new_certificate_after_a_reload(int version)
    {
        using var files = new TemporaryDirectory();
        using var old = TestCertificate.Make();
        using var renewed = TestCertificate.Make();
        old.WriteTo(files.File("c.pem"), files.File("k.pem"));
        await using var agent = await PlayedAgent.EchoAsync();
        await using var rig = await GatewayRig.StartAsync(new GatewayDocument
        {
            Agents = [GatewayRig.Agent(agent.Origin)],
            Tls = new TlsDocument("127.0.0.1:0", files.File("c.pem"), files.File("k.pem")),
        });

        var (before, text) = await AskAsync(rig, version);
        renewed.WriteTo(files.File("c.pem"), files.File("k.pem"));
        rig.Role.Reload();
        var (after, _) = await AskAsync(rig, version);

        Assert.Equal((old.Pin.ToString(), renewed.Pin.ToString()), (before, after));
        Assert.Contains("\nx-forwarded-proto: https\n", text);

        File.WriteAllText(files.File("c.pem"), "nothing");
        Assert.Throws<GatewayStartException>(() => rig.Role.Reload());
        Assert.Equal(after, (await AskAsync(rig, version)).Pin);
    }

    [Fact]
    public async Task A_renewed_certificate_is_shown_without_a_reload_and_half_of_a_pair_never()
    {
        using var files = new TemporaryDirectory();
        using var old = TestCertificate.Make();
        using var renewed = TestCertificate.Make();
        Directory.CreateDirectory(files.File("1"));
        Directory.CreateDirectory(files.File("2"));
        old.WriteTo(files.File("1/c.pem"), files.File("1/k.pem"));
        renewed.WriteTo(files.File("2/c.pem"), files.File("2/k.pem"));

        // The clock of a file system is too coarse for two renewals within a test.
        File.SetLastWriteTimeUtc(files.File("1/k.pem"), TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-1));
        File.CreateSymbolicLink(files.File("live"), files.File("1"));
        var clock = new FakeClock(TimeProvider.System.GetUtcNow());
        await using var agent = await PlayedAgent.EchoAsync();
        await using var rig = await GatewayRig.StartAsync(
            new GatewayDocument
            {
                Agents = [GatewayRig.Agent(agent.Origin)],
                Tls = new TlsDocument("127.0.0.1:0", files.File("live/c.pem"), files.File("live/k.pem")),
            },
            time: clock);
        Assert.Equal(old.Pin.ToString(), (await AskAsync(rig, 1)).Pin);

        // Half of it is there: the certificate without its key.
        File.Copy(files.File("2/c.pem"), files.File("1/c.pem"), overwrite: true);
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(old.Pin.ToString(), (await AskAsync(rig, 1)).Pin);

        // As renewing programs do it: a link is moved, and the files' own names stay.
        File.Delete(files.File("live"));
        File.CreateSymbolicLink(files.File("live"), files.File("2"));
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(renewed.Pin.ToString(), (await AskAsync(rig, 1)).Pin);
    }

    [Fact]
    public async Task The_end_lets_open_requests_end_and_takes_no_more()
    {
        using var next = new SemaphoreSlim(0);
        await using var agent = await PlayedAgent.StartAsync(async context =>
        {
            await context.Response.WriteAsync("begin ", context.RequestAborted);
            await next.WaitAsync(context.RequestAborted);
            await context.Response.WriteAsync("end", context.RequestAborted);
        });
        await using var rig = await GatewayRig.StartAsync(GatewayRig.Agent(agent.Origin));
        using var underWay = await rig.GetAsync("/");

        var stopping = rig.Role.StopAsync(CancellationToken.None);
        Assert.False(stopping.IsCompleted);
        next.Release();

        Assert.Equal("begin end", await underWay.Content.ReadAsStringAsync(Ending));
        await stopping.WaitAsync(TimeSpan.FromSeconds(20), Ending);
        await Assert.ThrowsAsync<HttpRequestException>(() => rig.GetAsync("/"));
    }

    [Fact]
    public async Task The_end_does_not_wait_longer_than_the_drain_timeout()
    {
        await using var agent = await PlayedAgent.StartAsync(
            context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        await using var rig = await GatewayRig.StartAsync(new GatewayDocument
        {
            Agents = [GatewayRig.Agent(agent.Origin)],
            DrainTimeout = TimeSpan.FromMilliseconds(300),
        });
        var cut = rig.GetAsync("/");
        using var other = await rig.RawAsync();
        await other.SendAsync("GET / HTTP/1.1\r\nHost: nobody.test\r\nConnection: close\r\n\r\n");
        await other.ReadToEndAsync();

        await rig.Role.StopAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(20), Ending);

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => cut);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_told_in_a_sentence()
    {
        await using var rig = await GatewayRig.StartAsync();
        using var directory = new TemporaryDirectory();
        var document = new GatewayDocument { Listen = rig.Address.Authority };

        var error = await Assert.ThrowsAsync<GatewayStartException>(() => GatewayRole.StartAsync(
            new GatewayOptions { DataDirectory = directory.Path, Document = document, Reread = () => document },
            NullLoggerFactory.Instance,
            TimeProvider.System,
            Ending));

        Assert.Equal(
            $"cannot listen on \"{rig.Address.Authority}\": another program has the port; stop it or set "
                + "gateway.listen to another one",
            error.Message);
    }

    [Fact]
    public async Task Http2_and_http1_without_tls_are_spoken_on_one_port()
    {
        await using var agent = await PlayedAgent.EchoAsync();
        await using var rig = await GatewayRig.StartAsync(GatewayRig.Agent(agent.Origin));
        using var client = rig.Http2();
        using var request = rig.Request2(HttpMethod.Get, "/two");

        using var answer = await client.SendAsync(request, Ending);

        Assert.Equal(HttpVersion.Version20, answer.Version);
        Assert.Contains("GET /two HTTP/1.1", await answer.Content.ReadAsStringAsync(Ending));
        Assert.Contains("GET /one HTTP/1.1", await rig.TextAsync("/one"));
        Assert.Single(rig.Role.Listens);
    }

    private static async Task<(string Pin, string Text)> AskAsync(GatewayRig rig, int version)
    {
        var pin = "";
        using var client = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, shown, _, _) =>
                {
                    using var certificate =
                        new System.Security.Cryptography.X509Certificates.X509Certificate2(shown!);
                    pin = ServerPin.Of(certificate.PublicKey.ExportSubjectPublicKeyInfo()).ToString();
                    return pin.Length > 0;
                },
            },
        });
        using var request = new HttpRequestMessage(HttpMethod.Get, rig.Role.Listens[^1])
        {
            Headers = { Host = "scout.test" },
            Version = new Version(version, version == 1 ? 1 : 0),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using var answer = await client.SendAsync(request, Ending);
        Assert.Equal(version, answer.Version.Major);
        return (pin, await answer.Content.ReadAsStringAsync(Ending));
    }
}
