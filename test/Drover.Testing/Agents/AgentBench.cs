using System.Text.Json;
using Drover.HostAgent;
using Drover.Testing.Docker;
using Drover.Wire.Commands;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Testing.Agents;

/// <summary>A host agent with everything around it: its directory, a scripted server and a scripted engine.</summary>
public sealed class AgentBench : IAsyncDisposable
{
    private readonly List<HostAgentRole> _agents = [];

    private AgentBench(FakeControlServer server, FakeDockerEngine engine)
    {
        Server = server;
        Engine = engine;
    }

    public FakeControlServer Server { get; }

    public FakeDockerEngine Engine { get; }

    public TemporaryDirectory Data { get; } = new();

    public static async Task<AgentBench> SetUpAsync(Tls.TestCertificate? certificate = null) =>
        new(await FakeControlServer.StartNewAsync(certificate), await FakeDockerEngine.StartNewAsync());

    /// <summary>Options of an agent that enrolls here with a new token.</summary>
    public HostAgentOptions Options() => new()
    {
        DataDirectory = Data.Path,
        Server = Server.Address,
        EnrollToken = Server.IssueToken(),
        DockerHost = Engine.Address,
        Name = "alice",
        AgentVersion = "1.2.3",
    };

    /// <summary>Starts an agent that is stopped with the bench.</summary>
    public async Task<HostAgentRole> StartAsync(HostAgentOptions? options = null, TimeProvider? time = null)
    {
        var agent = await HostAgentRole.StartAsync(
            options ?? Options(), NullLoggerFactory.Instance, time ?? TimeProvider.System, CancellationToken.None);
        _agents.Add(agent);
        return agent;
    }

    /// <summary>Ends an agent as a power cut would: no goodbye.</summary>
    public async Task KillAsync(HostAgentRole agent)
    {
        _agents.Remove(agent);
        await agent.DisposeAsync();
    }

    /// <summary>Gives the server a command to deliver.</summary>
    public void Order(string commandId, string type, string app) => Server.Orders.Enqueue(new CommandDto(
        commandId, commandId, "hash", type, CommandStates.Leased, "normal",
        JsonDocument.Parse($$"""{"app_code":"{{app}}"}""").RootElement, null, null, "alice",
        DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, 300, null));

    /// <summary>Waits in real time, with a deadline, for what several loops bring about together.</summary>
    public static Task UntilAsync(Func<bool> condition, string what) =>
        Eventually.TrueAsync(() => Task.FromResult(condition()), what, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        foreach (var agent in _agents)
        {
            await agent.DisposeAsync();
        }

        await Server.DisposeAsync();
        await Engine.DisposeAsync();
        Data.Dispose();
    }
}
