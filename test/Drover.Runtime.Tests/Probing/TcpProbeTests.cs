using System.Net;
using System.Net.Sockets;
using Drover.Runtime.Probing;

namespace Drover.Runtime.Tests.Probing;

/// <summary>Connecting, which all probes of servers do alike.</summary>
public sealed class TcpProbeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_port_that_accepts_is_a_success()
    {
        await using var server = new SpeakingServer(says: null);

        (await new ProbeTarget.Tcp(server.Address).AskAsync()).Succeeded($"connected to 127.0.0.1:{server.Port}");
    }

    [Fact]
    public async Task A_port_that_nothing_listens_on_is_a_failure_that_says_so()
    {
        var port = ProbeBench.FreePort();

        (await new ProbeTarget.Tcp(new ProbeAddress("127.0.0.1", port)).AskAsync())
            .Failed($"cannot connect to 127.0.0.1:{port}: nothing listens there (refused)");
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task Localhost_finds_a_server_on_either_loopback_address(string address)
    {
        await using var server = new SpeakingServer(says: null, IPAddress.Parse(address));

        (await new ProbeTarget.Tcp(new ProbeAddress("localhost", server.Port)).AskAsync()).Succeeded();
    }

    [Fact]
    public async Task Localhost_without_a_server_names_both_addresses()
    {
        var port = ProbeBench.FreePort();

        (await new ProbeTarget.Tcp(new ProbeAddress("localhost", port)).AskAsync()).Failed(
            $"cannot connect to localhost:{port}: nothing listens there (refused), "
            + $"tried 127.0.0.1:{port} and [::1]:{port}");
    }

    [Fact]
    public async Task A_server_on_the_other_loopback_address_is_not_reached_by_the_address_of_one()
    {
        await using var server = new SpeakingServer(says: null, IPAddress.IPv6Loopback);

        (await new ProbeTarget.Tcp(new ProbeAddress("127.0.0.1", server.Port)).AskAsync())
            .Failed($"cannot connect to 127.0.0.1:{server.Port}: nothing listens there (refused)");
    }

    [Fact]
    public async Task An_address_that_does_not_answer_does_not_use_up_the_time_of_the_next_one()
    {
        // A listener whose queue is full lets further connections hang, as a firewall would.
        using var hanging = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        hanging.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        hanging.Listen(0);
        var port = ((IPEndPoint)hanging.LocalEndPoint!).Port;
        using var queued = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await queued.ConnectAsync(IPAddress.Loopback, port, Token);
        await using var server = new SpeakingServer(says: null, IPAddress.IPv6Loopback, port);

        var (lone, _) = await ProbeExecution.RunAsync(
            new ProbeTarget.Tcp(new ProbeAddress("127.0.0.1", port)).Make(),
            ProbeBench.Nothing,
            TimeSpan.FromMilliseconds(150),
            TimeProvider.System,
            Token);
        lone.Failed("no answer within 150ms");
        (await new ProbeTarget.Tcp(new ProbeAddress("localhost", port)).AskAsync())
            .Succeeded($"connected to [::1]:{port}");
    }

    [Fact]
    public async Task Every_run_connects_anew_so_that_a_listener_that_is_gone_is_noticed()
    {
        var server = new SpeakingServer(says: null);
        var probe = new ProbeTarget.Tcp(server.Address).Make();
        (await probe.AskAsync()).Succeeded();
        (await probe.AskAsync()).Succeeded();
        await server.DisposeAsync();

        Assert.Equal(Core.Health.ProbeOutcome.Failure, (await probe.AskAsync()).Outcome);
        Assert.Equal(2, server.Accepted);
    }

    [Theory]
    [InlineData("7234", "127.0.0.1", 7234)]
    [InlineData("localhost:7234", "localhost", 7234)]
    [InlineData("10.0.0.2:80", "10.0.0.2", 80)]
    [InlineData("[::1]:65535", "::1", 65535)]
    [InlineData("db.example.com:5432", "db.example.com", 5432)]
    public void An_address_is_a_port_of_this_machine_or_a_host_with_one(string text, string host, int port)
    {
        Assert.Null(ProbeAddress.TryParse(text, out var address));
        Assert.Equal(new ProbeAddress(host, port), address);
    }

    [Theory]
    [InlineData("")]
    [InlineData("localhost")]
    [InlineData("localhost:")]
    [InlineData("0")]
    [InlineData("65536")]
    [InlineData("-1")]
    [InlineData(":80")]
    [InlineData("::1:80")]
    [InlineData("[localhost]:80")]
    [InlineData("[]:80")]
    [InlineData("http://localhost:80")]
    [InlineData("a b:80")]
    public void What_is_no_address_is_refused_with_an_example(string text)
    {
        Assert.Equal(
            $"\"{text}\" is not an address and port; write 7234, localhost:7234 or [::1]:7234",
            ProbeAddress.TryParse(text, out _));
    }
}
