using Drover.Core.Health;
using Drover.Runtime.Probing;
using Drover.Runtime.Probing.Rpc;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Drover.Runtime.Tests.Probing;

/// <summary>The grpc probe against servers that answer well, badly and not at all.</summary>
public sealed class GrpcProbeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Serving_is_a_success()
    {
        await using var server = await Saying(ServingStatus.Serving);

        (await Server(server).AskAsync()).Succeeded($"the server at {server.Address} is SERVING");
    }

    [Fact]
    public async Task The_standard_health_service_is_asked_for_the_named_service_with_the_bytes_of_the_standard()
    {
        var asked = new TaskCompletionSource<(string, byte[])>();
        await using var server = await LoopbackServer.StartGrpcAsync((path, request) =>
        {
            asked.TrySetResult((path, request));
            return GrpcScript.Message([0x08, 0x01]);
        });

        (await Service(server, "web").AskAsync()).Succeeded("service \"web\" is SERVING");
        var (path, request) = await asked.Task;
        Assert.Equal("/grpc.health.v1.Health/Check", path);
        Assert.Equal([0x0A, 0x03, (byte)'w', (byte)'e', (byte)'b'], request);
    }

    [Theory]
    [InlineData(2, "is NOT_SERVING")]
    [InlineData(0, "is UNKNOWN: it has not said yet how it is")]
    [InlineData(3, "is SERVICE_UNKNOWN")]
    [InlineData(9, "has the status 9, which is not SERVING")]
    public async Task An_open_port_whose_server_is_not_serving_is_a_failure(int status, string says)
    {
        await using var server = await Saying((ServingStatus)status);

        (await Server(server).AskAsync()).Failed($"the server at {server.Address} {says}");
    }

    [Fact]
    public async Task A_service_that_the_server_does_not_know_is_named()
    {
        await using var server = await Refusing(5, "unknown service");

        (await Service(server, "webb").AskAsync())
            .Failed($"the server at {server.Address} does not know a service \"webb\" (NOT_FOUND)");
    }

    [Fact]
    public async Task A_grpc_server_without_a_health_service_is_told_what_to_do()
    {
        await using var server = await Refusing(12, "");

        (await Server(server).AskAsync()).Failed(
            $"the gRPC server at {server.Address} has no health service (UNIMPLEMENTED); "
            + "add grpc.health.v1 to it, or probe it with tcp");
    }

    [Fact]
    public async Task Any_other_refusal_is_told_in_the_servers_words_made_fit_to_print()
    {
        await using var server = await Refusing(14, "shutting\n\u001b[31mdown");

        (await Server(server).AskAsync())
            .Failed($"the health check at {server.Address} was refused: UNAVAILABLE: shutting | [31mdown");
    }

    [Fact]
    public async Task A_web_server_with_http_2_is_no_grpc_server()
    {
        await using var server = await LoopbackServer.StartAsync(
            context =>
            {
                context.Response.StatusCode = 404;
                context.Response.ContentType = "text/html";
                return context.Response.WriteAsync("not here");
            },
            HttpProtocols.Http2);

        (await Server(server).AskAsync()).Failed(
            $"what listens at {server.Address} speaks HTTP/2 but is no gRPC server (HTTP 404, text/html)");
    }

    [Fact]
    public async Task A_web_server_without_http_2_is_no_grpc_server()
    {
        await using var kestrel = await LoopbackServer.StartAsync(_ => Task.CompletedTask);
        await using var other = new SpeakingServer("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");

        (await Server(kestrel).AskAsync())
            .Failed(NoHttp2(kestrel.Address));
        (await new ProbeTarget.Grpc(other.Address).AskAsync())
            .Failed(NoHttp2(other.Address));
    }

    [Fact]
    public async Task A_server_that_hangs_up_is_told_as_such()
    {
        await using var server = new SpeakingServer("");

        (await new ProbeTarget.Grpc(server.Address).AskAsync()).Failed(NoHttp2(server.Address));
    }

    [Fact]
    public async Task A_port_that_nothing_listens_on_is_told_as_such()
    {
        var address = new ProbeAddress("127.0.0.1", ProbeBench.FreePort());

        (await new ProbeTarget.Grpc(address).AskAsync())
            .Failed($"cannot connect to {address}: nothing listens there (refused)");
    }

    [Fact]
    public async Task A_server_that_hangs_is_a_failure_at_the_timeout_and_hardly_later()
    {
        await using var server = new SpeakingServer(says: null);
        var timeout = TimeSpan.FromMilliseconds(300);

        var (report, latency) = await ProbeExecution.RunAsync(
            new ProbeTarget.Grpc(server.Address).Make(), ProbeBench.Nothing, timeout, TimeProvider.System, Token);

        report.Failed("no answer within 300ms");
        Assert.InRange(latency, timeout - TimeSpan.FromMilliseconds(20), timeout + TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task Answers_that_are_cut_packed_endless_or_without_a_status_are_failures_each_with_its_own_sentence()
    {
        var scripts = new Dictionary<GrpcScript, string>
        {
            [new GrpcScript([0, 0, 0, 0, 9, 8])] = "sent a gRPC answer that is cut or has more than one message",
            [new GrpcScript([])] = "sent a gRPC answer that is cut or has more than one message",
            [new GrpcScript([0, 0, 0, 0, 2, 8, 1, 0, 0, 0, 0, 0])] =
                "sent a gRPC answer that is cut or has more than one message",
            [new GrpcScript([1, 0, 0, 0, 2, 8, 1])] = "sent a compressed gRPC answer, which was not asked for",
            [new GrpcScript(new byte[10_000])] = "sent an answer of more than 4096 bytes",
            [new GrpcScript([0, 0, 0, 0, 2, 8, 1], Status: null)] = "ended its answer without a gRPC status",
            [new GrpcScript([0, 0, 0, 0, 2, 8, 1], Status: "fine")] = "sent a gRPC status that is no number",
        };
        GrpcScript? next = null;
        await using var server = await LoopbackServer.StartGrpcAsync((_, _) => next!);

        foreach (var (script, sentence) in scripts)
        {
            next = script;
            (await Server(server).AskAsync()).Failed($"{server.Address} {sentence}");
        }

        next = GrpcScript.Message([0x08]);
        (await Server(server).AskAsync())
            .Failed($"the health check at {server.Address} answered something that is no health status");
    }

    [Fact]
    public async Task Every_run_connects_anew_so_that_a_listener_that_is_gone_is_noticed()
    {
        var server = await Saying(ServingStatus.Serving);
        var probe = Server(server).Make();
        (await probe.AskAsync()).Succeeded();
        (await probe.AskAsync()).Succeeded();
        Assert.Equal([1, 1], server.Connections.Values);
        await server.DisposeAsync();

        Assert.Equal(ProbeOutcome.Failure, (await probe.AskAsync()).Outcome);
    }

    private static string NoHttp2(ProbeAddress address) =>
        $"{address} took the connection and gave no HTTP/2 answer: it is no gRPC server, or hung up";

    private static ProbeTarget.Grpc Server(LoopbackServer server) => new(server.Address);

    private static ProbeTarget.Grpc Service(LoopbackServer server, string service) => new(server.Address, service);

    private static Task<LoopbackServer> Saying(ServingStatus status) => LoopbackServer.StartGrpcAsync(
        (_, _) => GrpcScript.Message(new ProtobufWriter().Number(1, (ulong)status).ToArray()));

    private static Task<LoopbackServer> Refusing(int status, string words) =>
        LoopbackServer.StartGrpcAsync((_, _) => GrpcScript.Refusal(status, words));
}
