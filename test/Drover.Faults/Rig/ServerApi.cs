using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Drover.Wire;
using Drover.Wire.Client;
using Drover.Wire.Commands;
using Drover.Wire.People;

namespace Drover.Faults.Rig;

/// <summary>
/// A person at the server's socket who knows that servers die: whatever was not answered is asked again, an order with
/// the same request id, until there is an answer.
/// </summary>
internal sealed class ServerApi : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan OnePatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly HttpClient _http;
    private readonly DroverClient _client;
    private readonly CancellationToken _cancellationToken;

    public ServerApi(string socketPath, CancellationToken cancellationToken)
    {
        _cancellationToken = cancellationToken;
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancelled) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancelled);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };
        _http = new HttpClient(handler) { BaseAddress = new Uri("http://drover.socket") };
        _client = new DroverClient(_http, TimeProvider.System);
    }

    /// <summary>Gives an order until it is accepted; gives its id.</summary>
    public async Task<string> OrderAsync(OrderRequest order)
    {
        var command = await UntilAnsweredAsync(
            "an order is accepted", client => client.OrderAsync(order, _cancellationToken));
        return command.CommandId;
    }

    /// <summary>Gives an order once: its id, or the problem the server answered with.</summary>
    public async Task<(string? CommandId, ServerProblemException? Problem)> TryOrderAsync(OrderRequest order)
    {
        try
        {
            return ((await _client.OrderAsync(order, _cancellationToken)).CommandId, null);
        }
        catch (ServerProblemException problem)
        {
            return (null, problem);
        }
    }

    /// <summary>What a load balancer is told.</summary>
    public async Task<HttpStatusCode> ReadinessAsync()
    {
        using var answer = await _http.GetAsync(Routes.Ready, _cancellationToken);
        return answer.StatusCode;
    }

    /// <summary>Waits until the one host is in this state.</summary>
    public Task StateAsync(string state) => UntilAsync(
        $"the host is {state}",
        client => client.ListHostsAsync(_cancellationToken),
        hosts => hosts.Count == 1 && hosts[0].State == state);

    /// <summary>Waits until the containers that the server has of these hosts are as wanted.</summary>
    public Task ContainersAsync(Func<IReadOnlyList<HostContainerDto>, bool> isWanted, string what) => UntilAsync(
        what, client => client.ListContainersAsync(null, _cancellationToken), isWanted);

    public Task<CommandDto> WaitForAsync(string commandId) => UntilAsync(
        $"{commandId} ends",
        client => client.WaitForCommandAsync(commandId, TimeSpan.FromSeconds(5), _cancellationToken),
        command => CommandStates.IsFinal(command.Status));

    /// <summary>Waits until the host has begun with it.</summary>
    public Task BeginsAsync(string commandId) => UntilAsync(
        $"{commandId} begins",
        client => client.GetCommandAsync(commandId, _cancellationToken),
        command => command.Status == CommandStates.Executing);

    public Task<CommandDto> CommandAsync(string commandId) =>
        UntilAnsweredAsync("a command is read", client => client.GetCommandAsync(commandId, _cancellationToken));

    public Task<CreatedTokenDto> CreateEnrollmentTokenAsync() => UntilAnsweredAsync(
        "a token is made",
        client => client.CreateEnrollmentTokenAsync(new CreateEnrollmentTokenRequest("box"), _cancellationToken));

    /// <summary>Waits until the rig's host is in that state.</summary>
    public Task HostIsAsync(string state) => UntilAsync(
        $"the host is {state}",
        client => client.ListHostsAsync(_cancellationToken),
        hosts => hosts.Any(host => host.State == state));

    public Task<CertificateDto> CertificateAsync() => UntilAnsweredAsync(
        "the certificate is read", client => client.GetCertificateAsync(_cancellationToken));

    /// <summary>Announces another certificate, or moves the time of one that is announced.</summary>
    public Task<CertificateDto> RotateCertificateAsync(TimeSpan after) => UntilAnsweredAsync(
        "a certificate is announced",
        client => client.RotateCertificateAsync(
            new RotateCertificateRequest((long)after.TotalSeconds), _cancellationToken));

    /// <summary>Waits until every host said that it stored the pin of the next certificate.</summary>
    public Task HostsKnowNextCertificateAsync() => UntilAsync(
        "the hosts know the next certificate",
        client => client.GetCertificateAsync(_cancellationToken),
        certificate => certificate.Next is { HostsReady: > 0, HostsWaiting.Count: 0 });

    /// <summary>Orders the rig's host to make a new key.</summary>
    public Task<HostDto> RotateKeyAsync() =>
        UntilAnsweredAsync("a new key is ordered", client => client.RotateHostKeyAsync("box", _cancellationToken));

    public Task<IReadOnlyList<HostDto>> HostsAsync() =>
        UntilAnsweredAsync("the hosts are read", client => client.ListHostsAsync(_cancellationToken));

    /// <summary>The server knows a running container of each of these apps.</summary>
    public Task KnowsAsync(IReadOnlyList<string> apps) => UntilAsync(
        $"the server knows {string.Join(", ", apps)}",
        client => client.ListContainersAsync(null, _cancellationToken),
        containers => apps.All(app => containers.Any(one => one.AppCode == app)));

    public async Task<IReadOnlyList<CommandDto>> CommandsAsync()
    {
        var page = await UntilAnsweredAsync(
            "the commands are read",
            client => client.ListCommandsAsync(new CommandQuery(Limit: 500), _cancellationToken));
        return page.Next is null
            ? page.Items
            : throw new InvalidOperationException("a run orders fewer than 500 commands");
    }

    /// <summary>All events there are, in the server's order.</summary>
    public async Task<IReadOnlyList<EventDto>> EventsAsync()
    {
        var all = new List<EventDto>();
        var after = "0";
        while (true)
        {
            var query = new EventQuery(After: after, Limit: 1000);
            var page = await UntilAnsweredAsync(
                "the events are read", client => client.ListEventsAsync(query, _cancellationToken));
            all.AddRange(page.Items);
            if (page.Next is null)
            {
                return all;
            }

            after = page.Next;
        }
    }

    /// <summary>Waits until the server has an event of this type and subject.</summary>
    public Task HasEventAsync(string type, string subject) => UntilAsync(
        $"{type} of {subject} arrives",
        client => client.ListEventsAsync(new EventQuery(Types: [type], Limit: 1000), _cancellationToken),
        page => page.Items.Any(one => one.Subject == subject));

    /// <summary>What the server says of the hosts when it is asked once, for the one who reads a failure.</summary>
    public async Task<string> HostLineAsync()
    {
        try
        {
            var hosts = await _client.ListHostsAsync(_cancellationToken).WaitAsync(OnePatience, _cancellationToken);
            return string.Join(
                '\n',
                hosts.Select(host => $"host {host.Name} is {host.State}, last heard {host.LastSeenAt:HH:mm:ss.fff}"));
        }
        catch (Exception error) when (error is ServerUnreachableException or ServerProblemException or TimeoutException)
        {
            return $"the server does not say how its hosts are: {error.Message}";
        }
    }

    public void Dispose() => _http.Dispose();

    private Task<T> UntilAnsweredAsync<T>(string what, Func<DroverClient, Task<T>> call) =>
        UntilAsync(what, call, _ => true);

    private async Task<T> UntilAsync<T>(string what, Func<DroverClient, Task<T>> call, Func<T, bool> isEnough)
    {
        var since = Stopwatch.StartNew();
        var last = "";
        while (since.Elapsed < Patience)
        {
            try
            {
                var answer = await call(_client);
                if (isEnough(answer))
                {
                    return answer;
                }

                last = "not yet";
            }
            catch (ServerUnreachableException error)
            {
                last = error.Message;
            }
            catch (ServerProblemException error)
                when (error.Status is HttpStatusCode.NotFound or >= HttpStatusCode.InternalServerError)
            {
                // A server just started may not know the host's containers yet, or not be ready.
                last = error.Message;
            }

            await Task.Delay(Pause, _cancellationToken);
        }

        throw new TimeoutException($"waited {Patience.TotalSeconds} s in vain: {what} ({last})");
    }
}
