using System.Net;
using System.Net.Sockets;
using Drover.Runtime.Docker;
using Drover.Testing.Docker;

namespace Drover.Runtime.Tests.Docker;

/// <summary>A real engine reached by TCP and by TLS.</summary>
public sealed class NetworkEndpointTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_engine_is_reached_by_TCP()
    {
        var port = FreePort();
        await using var engine = await DockerEngine.StartAsync("--host", $"tcp://127.0.0.1:{port}", "--tls=false");
        using var client = new DockerClient(DockerEndpoint.Parse($"tcp://127.0.0.1:{port}"), TimeProvider.System);

        await AssertWorksAsync(engine, client);
    }

    [Fact]
    public async Task An_engine_is_reached_by_TLS_and_only_with_certificates_both_sides_trust()
    {
        var port = FreePort();
        using var certificates = new TestCertificates();
        using var strangers = new TestCertificates();
        string[] tls =
        [
            "--host", $"tcp://127.0.0.1:{port}",
            "--tlsverify",
            "--tlscacert", Path.Combine(certificates.Engine, DockerTls.AuthorityFile),
            "--tlscert", Path.Combine(certificates.Engine, DockerTls.CertificateFile),
            "--tlskey", Path.Combine(certificates.Engine, DockerTls.KeyFile),
        ];
        await using var engine = await DockerEngine.StartAsync(tls);
        using var client = Connect(
            DockerEndpoint.FromDockerVariables($"tcp://127.0.0.1:{port}", "1", certificates.Client));

        await AssertWorksAsync(engine, client);

        // A stranger's authority: we do not trust the engine. A stranger's pair: the engine does not trust us.
        var address = $"https://127.0.0.1:{port}";
        await AssertDeniedAsync(DockerEndpoint.Parse(address, DockerTls.FromDirectory(strangers.Client)));
        await AssertDeniedAsync(DockerEndpoint.Parse(address));
        var stranger = DockerTls.FromFiles(
            Path.Combine(certificates.Client, DockerTls.AuthorityFile),
            Path.Combine(strangers.Client, DockerTls.CertificateFile),
            Path.Combine(strangers.Client, DockerTls.KeyFile));
        using var refused = Connect(DockerEndpoint.Parse(address, stranger));
        var lost = await Assert.ThrowsAsync<DockerUnavailableException>(() => refused.System.PingAsync(Token));
        Assert.NotEqual(DockerFailure.TimedOut, lost.Failure);
    }

    private static async Task AssertWorksAsync(DockerEngine engine, DockerClient client)
    {
        var id = await engine.RunAsync("reached", DockerEngine.Shell("echo hello; sleep 3600"));
        Assert.Equal(id, Assert.Single(await client.Containers.ListAsync(Token)).Id);
        await foreach (var line in client.Containers.LogsAsync(id, new() { Follow = true }, cancellationToken: Token))
        {
            Assert.Equal("hello", line.Text);
            break;
        }
    }

    private static async Task AssertDeniedAsync(DockerEndpoint endpoint)
    {
        using var client = Connect(endpoint);
        var denied = await Assert.ThrowsAsync<DockerUnavailableException>(() => client.System.PingAsync(Token));
        Assert.Equal(DockerFailure.Denied, denied.Failure);
        Assert.Contains("check ca.pem, cert.pem and key.pem", denied.Message, StringComparison.Ordinal);
    }

    private static DockerClient Connect(DockerEndpoint endpoint) => new(endpoint, TimeProvider.System);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
