using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Drover.Core.Trust;
using Drover.Runtime.Tls;
using Drover.Server;
using Drover.Testing.Agents;
using Drover.Testing.Docker;
using Drover.Wire;
using Drover.Wire.Agents;
using Drover.Wire.People;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Testing.Server;

/// <summary>
/// A real server on a free loopback port with a data directory of its own, and the people who talk to it.
/// </summary>
public sealed class ServerFixture : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly TimeProvider _time;
    private readonly Func<ServerOptions, ServerOptions> _configure;
    private readonly List<HttpClient> _clients = [];
    private string? _adminToken;

    private ServerFixture(TimeProvider time, Func<ServerOptions, ServerOptions> configure)
    {
        _time = time;
        _configure = configure;
    }

    /// <summary>The running role.</summary>
    public ServerRole Role { get; private set; } = null!;

    /// <summary>The server's clock.</summary>
    public TimeProvider Time => _time;

    public string DataDirectory => _directory.Path;

    /// <summary>The one-time admin token of the data directory's first start.</summary>
    public string AdminToken => _adminToken ?? throw new InvalidOperationException("The server never started.");

    public static async Task<ServerFixture> StartAsync(
        TimeProvider? time = null, Func<ServerOptions, ServerOptions>? configure = null)
    {
        var fixture = new ServerFixture(time ?? TimeProvider.System, configure ?? (options => options));
        await fixture.StartAgainAsync();
        return fixture;
    }

    /// <summary>Options for this data directory, as the fixture starts it.</summary>
    public ServerOptions Options() =>
        _configure(new ServerOptions { DataDirectory = _directory.Path, Listen = "127.0.0.1:0" });

    /// <summary>Starts the server that was stopped.</summary>
    public async Task StartAgainAsync()
    {
        Role = await ServerRole.StartAsync(Options(), NullLoggerFactory.Instance, _time, CancellationToken.None);
        _adminToken ??= Role.FirstRun?.AdminToken;
    }

    /// <summary>The worst a defect can do to the database's writer: its connection is gone. Fails as every write does
    /// then.</summary>
    public Task BreakWriterAsync() =>
        Role.Database.WriteAsync(session => session.Close(), CancellationToken.None);

    public async Task StopAsync() => await Role.StopAsync(CancellationToken.None);

    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAgainAsync();
    }

    /// <summary>A client without credentials on the HTTP listener.</summary>
    public HttpClient Stranger() => Keep(new HttpClient(new SocketsHttpHandler
    {
        SslOptions = (ServerPin.TryParse(Role.Pin, out var pin) ? new ServerTrust(pin!) : new ServerTrust())
            .OptionsFor(Role.Address, TimeProvider.System),
    })
    {
        BaseAddress = Role.Address,
    });

    /// <summary>A client with the admin token of the first run.</summary>
    public HttpClient Admin() => WithToken(AdminToken);

    /// <summary>A client with a bearer token.</summary>
    public HttpClient WithToken(string token)
    {
        var client = Stranger();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    /// <summary>A client with a new token of a role.</summary>
    public async Task<HttpClient> WithRoleAsync(string role)
    {
        var created = await PostAsync(
            Admin(),
            Routes.Tokens,
            new CreateTokenRequest($"{role} of a test", role),
            WireJson.Default.CreateTokenRequest,
            WireJson.Default.CreatedTokenDto);
        return WithToken(created.Token);
    }

    /// <summary>A client on the unix socket, as the command line uses it.</summary>
    public HttpClient OnSocket()
    {
        var path = Role.SocketPath;
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        return Keep(new HttpClient(handler) { BaseAddress = new Uri("http://drover.sock") });
    }

    /// <summary>A one-time token that enrolls a host.</summary>
    public async Task<string> EnrollmentTokenAsync(TimeSpan? life = null)
    {
        var created = await Role.CreateEnrollmentTokenAsync(
            null, life ?? TimeSpan.FromMinutes(15), "test", CancellationToken.None);
        return created.Token;
    }

    /// <summary>A host that enrolled with a new token.</summary>
    public async Task<ScriptedAgent> EnrollAsync(string name = "alpha", string kind = AgentKinds.HostAgent)
    {
        var agent = new ScriptedAgent(this, name) { Kind = kind };
        await agent.EnrollAsync(await EnrollmentTokenAsync());
        return agent;
    }

    /// <summary>A host that enrolled, sent a heartbeat and these containers.</summary>
    public async Task<ScriptedAgent> JoinAsync(string name, params string[] containers)
    {
        var agent = await EnrollAsync(name);
        await agent.SyncAsync([.. containers.Select(container => Containers.Running(container))]);
        await agent.HeartbeatAsync();
        return agent;
    }

    /// <summary>Returns once so many polls of host agents wait at the server.</summary>
    public Task PollsWaitAsync(int count) => Eventually.TrueAsync(
        async () => (await OnSocket().GetStringAsync(Routes.Metrics))
            .Contains(
                string.Create(CultureInfo.InvariantCulture, $"drover_server_waiting_polls {count}\n"),
                StringComparison.Ordinal),
        string.Create(CultureInfo.InvariantCulture, $"{count} polls wait"),
        CancellationToken.None);

    public static async Task<T> GetAsync<T>(HttpClient client, string path, JsonTypeInfo<T> type)
    {
        using var response = await client.GetAsync(path);
        return await ReadAsync(response, type);
    }

    public static async Task<TAnswer> PostAsync<TBody, TAnswer>(
        HttpClient client, string path, TBody body, JsonTypeInfo<TBody> type, JsonTypeInfo<TAnswer> answer)
    {
        using var response = await client.PostAsync(path, JsonContent(JsonSerializer.Serialize(body, type)));
        return await ReadAsync(response, answer);
    }

    public static StringContent JsonContent(string json) => new(json, Encoding.UTF8, "application/json");

    /// <summary>The problem an answer carries.</summary>
    public static async Task<ProblemDto> ProblemAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        return response.Content.Headers.ContentType?.MediaType == "application/problem+json"
            ? JsonSerializer.Deserialize(text, WireJson.Default.ProblemDto)!
            : throw new InvalidOperationException($"{(int)response.StatusCode} without a problem: {text}");
    }

    public static async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type)
    {
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode
            ? JsonSerializer.Deserialize(text, type)!
            : throw new InvalidOperationException($"{(int)response.StatusCode}: {text}");
    }

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(client => client.Dispose());
        await Role.DisposeAsync();
        _directory.Dispose();
    }

    private HttpClient Keep(HttpClient client)
    {
        _clients.Add(client);
        return client;
    }
}
