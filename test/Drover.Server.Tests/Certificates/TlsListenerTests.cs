using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Drover.Core.Trust;
using Drover.Runtime.Tls;
using Drover.Testing.Agents;
using Drover.Testing.Server;
using Drover.Testing.Time;
using Drover.Testing.Tls;
using Drover.Wire;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Server.Tests.Certificates;

public sealed class TlsListenerTests
{
    [Fact]
    public async Task Off_loopback_the_server_speaks_tls_with_a_certificate_made_once_and_kept_for_its_owner_alone()
    {
        await using var server = await ServerFixture.StartAsync(configure: OffLoopback);
        var pin = server.Role.Pin;
        var path = Path.Combine(server.DataDirectory, "server-tls.json");

        Assert.StartsWith("https://0.0.0.0:", server.Role.Listens, StringComparison.Ordinal);
        Assert.Equal("https", server.Role.Address.Scheme);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        await server.EnrollAsync();

        await server.RestartAsync();
        Assert.Equal(pin, server.Role.Pin);
        await server.EnrollAsync("beta");
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Tls_1_2_and_1_3_are_spoken_and_plain_http_is_not_answered(SslProtocols protocol)
    {
        await using var server = await ServerFixture.StartAsync(configure: OffLoopback);
        using var socket = new TcpClient();
        await socket.ConnectAsync("127.0.0.1", server.Role.Address.Port, TestContext.Current.CancellationToken);
        await using var tls = new SslStream(socket.GetStream());
        var options = TrustOf(server).OptionsFor(server.Role.Address, TimeProvider.System);
        options.EnabledSslProtocols = protocol;
        await tls.AuthenticateAsClientAsync(options, TestContext.Current.CancellationToken);
        Assert.Equal(protocol, tls.SslProtocol);

        using var plain = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.Role.Address.Port}") };
        await Assert.ThrowsAsync<HttpRequestException>(
            () => plain.GetAsync(Routes.Live, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task On_loopback_it_speaks_plain_http_until_tls_is_asked_for()
    {
        await using var plain = await ServerFixture.StartAsync();
        Assert.Equal(("http", null), (plain.Role.Address.Scheme, plain.Role.Pin));

        await using var secured = await ServerFixture.StartAsync(configure: options => options with { Tls = true });
        Assert.Equal("https", secured.Role.Address.Scheme);
        await secured.EnrollAsync();
    }

    [Fact]
    public async Task Plain_http_off_loopback_is_refused_at_the_start()
    {
        using var directory = new TemporaryDirectory();
        var failure = await FailureAsync(
            new ServerOptions { DataDirectory = directory.Path, Listen = "0.0.0.0:0", Tls = false });

        Assert.Contains("plain HTTP off loopback would show keys", failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_without_the_pin_and_one_with_another_pin_are_told_what_they_met()
    {
        await using var server = await ServerFixture.StartAsync(configure: OffLoopback);

        var unknown = await DistrustAsync(server, new ServerTrust());
        Assert.Contains("no authority this machine trusts signed its certificate", unknown.Message);
        Assert.Equal(server.Role.Pin, unknown.Shown?.ToString());

        using var other = TestCertificate.Make();
        var wrong = await DistrustAsync(server, new ServerTrust(other.Pin));
        Assert.Contains($"pinned {other.Pin}, shown {server.Role.Pin}", wrong.Message);
    }

    [Fact]
    public async Task Files_that_cannot_be_used_are_told_in_one_sentence_each()
    {
        using var directory = new TemporaryDirectory();
        using var good = TestCertificate.Make();
        using var other = TestCertificate.Make();
        using var expired = TestCertificate.Make(end: DateTimeOffset.UtcNow.AddHours(-1));
        var (certificate, key) = (directory.File("tls.crt"), directory.File("tls.key"));
        var options = new ServerOptions
        {
            DataDirectory = directory.File("data"),
            Listen = "127.0.0.1:0",
            TlsCertificatePath = certificate,
            TlsKeyPath = key,
        };

        var lead = $"cannot use server.tls.certificate \"{certificate}\": ";
        Assert.Contains($"{lead}there is no such file", await FailureAsync(options));
        expired.WriteTo(certificate, key);
        Assert.Contains($"{lead}it expired on ", await FailureAsync(options));
        good.WriteTo(certificate, key);
        await File.WriteAllTextAsync(key, other.KeyPem, TestContext.Current.CancellationToken);
        Assert.Contains("they do not belong together", await FailureAsync(options));
        await File.WriteAllTextAsync(key, "nonsense", TestContext.Current.CancellationToken);
        Assert.Contains("there is no PEM private key in it", await FailureAsync(options));
        await File.WriteAllTextAsync(
            key, "-----BEGIN ENCRYPTED PRIVATE KEY-----", TestContext.Current.CancellationToken);
        Assert.Contains("the key is encrypted", await FailureAsync(options));
        await File.WriteAllTextAsync(certificate, "nonsense", TestContext.Current.CancellationToken);
        Assert.Contains("there is no PEM certificate in it", await FailureAsync(options));
        good.WriteTo(certificate, key);
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.Contains($"chmod o-r '{key}'", await FailureAsync(options));
        Assert.Contains("needs server.tls.key", await FailureAsync(options with { TlsKeyPath = null }));
    }

    [Fact]
    public async Task The_servers_own_certificate_file_that_is_damaged_open_to_others_or_newer_is_told()
    {
        await using var server = await ServerFixture.StartAsync(configure: OffLoopback);
        await server.StopAsync();
        var path = Path.Combine(server.DataDirectory, "server-tls.json");
        var whole = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);

        foreach (var (text, sentence) in new[]
        {
            (whole[..(whole.Length / 2)], "it is damaged; restore it"),
            (whole.Replace("BEGIN PRIVATE", "BEGIN BROKEN", StringComparison.Ordinal), "it is damaged; restore it"),
            ("""{"version":2,"current":"x"}""", "a newer Drover wrote it"),
        })
        {
            await File.WriteAllTextAsync(path, text, TestContext.Current.CancellationToken);
            Assert.Contains(sentence, await FailureAsync(server.Options()), StringComparison.Ordinal);
        }

        await File.WriteAllTextAsync(path, whole, TestContext.Current.CancellationToken);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Assert.Contains("chmod 600", await FailureAsync(server.Options()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_ended_while_the_machine_was_off_is_renewed_for_the_same_key()
    {
        var clock = new FakeClock();
        await using var server = await ServerFixture.StartAsync(clock, OffLoopback);
        var pin = server.Role.Pin;
        await server.StopAsync();

        clock.JumpWallClock(TimeSpan.FromDays(11 * 365));
        await server.StartAgainAsync();

        Assert.Equal(pin, server.Role.Pin);
        await server.EnrollAsync();
    }

    private static ServerTrust TrustOf(ServerFixture server) =>
        ServerPin.TryParse(server.Role.Pin, out var pin) ? new ServerTrust(pin!) : new ServerTrust();

    internal static ServerOptions OffLoopback(ServerOptions options) => options with { Listen = "0.0.0.0:0" };

    private static async Task<ServerCertificateException> DistrustAsync(ServerFixture server, ServerTrust trust)
    {
        using var handler = new SocketsHttpHandler
        {
            SslOptions = trust.OptionsFor(server.Role.Address, TimeProvider.System),
        };
        using var client = new HttpClient(handler) { BaseAddress = server.Role.Address };
        var failure = await Assert.ThrowsAsync<HttpRequestException>(
            () => client.GetAsync(Routes.Live, TestContext.Current.CancellationToken));
        return ServerCertificateException.Behind(failure)
            ?? throw new InvalidOperationException($"failed for another reason: {failure}");
    }

    private static async Task<string> FailureAsync(ServerOptions options) =>
        (await Assert.ThrowsAsync<ServerStartException>(() => ServerRole.StartAsync(
            options, NullLoggerFactory.Instance, TimeProvider.System, CancellationToken.None))).Message;
}
