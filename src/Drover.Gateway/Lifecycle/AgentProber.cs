using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Drover.Core.Agents;
using Drover.Gateway.Documents;
using Drover.Runtime.Configuration;
using Drover.Runtime.Scheduling;

namespace Drover.Gateway.Lifecycle;

/// <summary>
/// Asks over a connection of its own, so that one that is kept does not hide that nobody listens any more. While
/// somebody waits a connection has a tenth of a second: the first packet to an address that is not there yet is lost,
/// and the kernel repeats it only after a second.
/// </summary>
internal sealed class AgentProber(TimeProvider time) : IAgentProber
{
    private const string UserAgent = "drover-gateway-health";

    private static readonly TimeSpan EagerConnect = TimeSpan.FromMilliseconds(100);

    public async Task<ProbeAnswer> AskAsync(
        AgentTask task, AgentDocument document, bool isEager, CancellationToken cancellationToken)
    {
        var health = document.Health;
        using var deadline = new Deadline(time, health.Timeout, cancellationToken);
        using var connecting = new Deadline(
            time, isEager && EagerConnect < health.Timeout ? EagerConnect : health.Timeout, cancellationToken);
        try
        {
            using var socket = await ConnectAsync(AddressOf(task, document), connecting.Token);
            return health.Path is { } path
                ? await GetAsync(socket, task, path, deadline.Token)
                : new ProbeAnswer(true, "it takes connections");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new ProbeAnswer(
                false,
                deadline.HasPassed
                    ? $"no answer within {DurationText.Format(health.Timeout)}"
                    : "it does not take a connection");
        }
        catch (SocketException error)
        {
            return new ProbeAnswer(false, SentenceOf(error.SocketErrorCode));
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            return new ProbeAnswer(false, "it broke off before an answer");
        }
    }

    private static IPEndPoint AddressOf(AgentTask task, AgentDocument document)
    {
        var port = document.Health.Port ?? ((AgentTarget.Service)document.Target).Port;
        return new IPEndPoint(IPAddress.Parse(task.Address), port);
    }

    private static async Task<Socket> ConnectAsync(IPEndPoint address, CancellationToken cancellationToken)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<ProbeAnswer> GetAsync(
        Socket socket, AgentTask task, string path, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ActivityHeadersPropagator = null,
            ConnectCallback = (_, _) => ValueTask.FromResult<Stream>(new NetworkStream(socket, ownsSocket: false)),
        };
        using var client = new HttpMessageInvoker(handler);
        var host = task.Address.Contains(':', StringComparison.Ordinal) ? $"[{task.Address}]" : task.Address;
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://{host}{path}"));
        request.Headers.TryAddWithoutValidation("User-Agent", UserAgent);
        request.Headers.ConnectionClose = true;
        using var response = await client.SendAsync(request, cancellationToken);
        var status = (int)response.StatusCode;
        return new ProbeAnswer(
            status is >= 200 and < 400,
            string.Create(CultureInfo.InvariantCulture, $"its health path answered {status}"));
    }

    private static string SentenceOf(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => "nothing listens on its port",
        SocketError.HostUnreachable or SocketError.NetworkUnreachable => "there is no way to its address",
        SocketError.TimedOut => "it does not take a connection",
        _ => "the connection broke",
    };
}
