using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Drover.Wire;
using Drover.Wire.Commands;
using Drover.Wire.People;

namespace Drover.Bench;

/// <summary>The server's API over its unix socket, as the command line uses it.</summary>
internal sealed class ServerApi : IDisposable
{
    private readonly HttpClient _client;

    public ServerApi(string dataDirectory)
    {
        var socketPath = Path.Combine(dataDirectory, "server.sock");
        _client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, token) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), token);
                return new NetworkStream(socket, ownsSocket: true);
            },
        })
        {
            BaseAddress = new Uri("http://localhost"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>Waits until the condition holds, asking again and again; fails after the patience.</summary>
    public static async Task UntilAsync(
        Func<Task<bool>> conditionAsync, TimeSpan patience, string what, CancellationToken cancellationToken)
    {
        var deadline = TimeProvider.System.GetUtcNow() + patience;
        while (true)
        {
            try
            {
                if (await conditionAsync())
                {
                    return;
                }
            }
            catch (Exception error) when (error is HttpRequestException or IOException or JsonException)
            {
                // Not up yet.
            }

            if (TimeProvider.System.GetUtcNow() > deadline)
            {
                throw new TimeoutException($"cannot measure: {what} did not happen within {patience.TotalSeconds} s");
            }

            await Task.Delay(20, cancellationToken);
        }
    }

    public Task<Page<HostContainerDto>?> ContainersAsync(CancellationToken cancellationToken) =>
        _client.GetFromJsonAsync(
            $"{Routes.Containers}?limit=1000", WireJson.Default.PageHostContainerDto, cancellationToken);

    public Task<string> MetricsAsync() => _client.GetStringAsync(Routes.Metrics);

    public async Task<CommandDto> OrderAsync(OrderRequest order, CancellationToken cancellationToken)
    {
        using var answer =
            await _client.PostAsJsonAsync(Routes.Commands, order, WireJson.Default.OrderRequest, cancellationToken);
        return await ReadAsync(answer, WireJson.Default.CommandDto, cancellationToken);
    }

    public async Task<CommandDto> OutcomeAsync(string commandId, CancellationToken cancellationToken)
    {
        using var answer = await _client.GetAsync($"{Routes.Commands}/{commandId}?wait=30", cancellationToken);
        return await ReadAsync(answer, WireJson.Default.CommandDto, cancellationToken);
    }

    public async Task<CreatedTokenDto> EnrollmentTokenAsync(CancellationToken cancellationToken)
    {
        using var answer = await _client.PostAsJsonAsync(
            Routes.EnrollmentTokens,
            new CreateEnrollmentTokenRequest(),
            WireJson.Default.CreateEnrollmentTokenRequest,
            cancellationToken);
        return await ReadAsync(answer, WireJson.Default.CreatedTokenDto, cancellationToken);
    }

    /// <summary>Events from now on, with the moment each arrived.</summary>
    public async IAsyncEnumerable<(EventDto Event, DateTimeOffset Arrived)> FollowAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var answer =
            await _client.GetAsync(Routes.EventStream, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        answer.EnsureSuccessStatusCode();
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(cancellationToken));
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.StartsWith("data:", StringComparison.Ordinal))
            {
                yield return (
                    JsonSerializer.Deserialize(line[5..], WireJson.Default.EventDto)!, TimeProvider.System.GetUtcNow());
            }
        }
    }

    public void Dispose() => _client.Dispose();

    private static async Task<T> ReadAsync<T>(
        HttpResponseMessage answer, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        if (!answer.IsSuccessStatusCode)
        {
            throw new HttpRequestException(
                $"{(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(cancellationToken)}");
        }

        return (await answer.Content.ReadFromJsonAsync(type, cancellationToken))!;
    }
}
