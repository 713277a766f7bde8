using System.Text.Json;
using Drover.Testing.Docker;
using Drover.Testing.Legacy;

namespace Drover.EndToEnd.Legacy;

/// <summary>The published <c>drover host-agent</c> between a scripted Stacker and a fake engine.</summary>
internal sealed class StackerBench : IAsyncDisposable
{
    private readonly Machine _machine = new();

    private StackerBench(ScriptedStacker server, FakeDockerEngine engine)
    {
        Server = server;
        Engine = engine;
        WriteToken(server.Token);
        Configure();
    }

    public ScriptedStacker Server { get; }

    public FakeDockerEngine Engine { get; }

    public DroverProcess? Agent { get; private set; }

    public string TokenFile => Path.Combine(_machine.Folder, "stacker.token");

    public static async Task<StackerBench> SetUpAsync() =>
        new(await ScriptedStacker.StartNewAsync(), await FakeDockerEngine.StartNewAsync());

    /// <summary>A running agent that has polled.</summary>
    public static async Task<StackerBench> StartAsync(string more = "", params string[] containers)
    {
        var bench = await SetUpAsync();
        foreach (var name in containers)
        {
            bench.Engine.AddContainer(name);
        }

        bench.Configure(more);
        await bench.StartAgentAsync();
        return bench;
    }

    /// <summary>Writes drover.yaml of an agent that registers.</summary>
    public void ConfigureToRegister() => _machine.WithConfiguration(
        $"""
        host_agent:
          server: {Server.Address}
          legacy:
            enabled: true
            register: true
            deployment_hash: {Server.DeploymentHash}
            token_file: {TokenFile}
        """);

    /// <summary>Writes drover.yaml.</summary>
    /// <param name="more">Lines of the section host_agent.</param>
    /// <param name="agentId">Null: the right one.</param>
    public void Configure(string more = "", string? agentId = null) => _machine.WithConfiguration(
        $"""
        host_agent:
          server: {Server.Address}
          legacy:
            enabled: true
            agent_id: {agentId ?? Server.AgentId}
            deployment_hash: {Server.DeploymentHash}
            token_file: {TokenFile}
        {more}
        """);

    public void WriteToken(string token, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        File.WriteAllText(TokenFile, token + "\n");
        File.SetUnixFileMode(TokenFile, mode);
    }

    public async Task StartAgentAsync()
    {
        var polls = Server.To(StackerRequest.Wait).Count;
        Agent = _machine.Start([("DOCKER_HOST", Engine.Address)], "host-agent");
        await UntilAsync(() => Server.To(StackerRequest.Wait).Count > polls, "the agent polls");
    }

    /// <summary>Runs the agent's verb to its end.</summary>
    public Task<Ended> RefusedAsync(params string[] more) =>
        _machine.RunAsync([("DOCKER_HOST", Engine.Address)], ["host-agent", .. more]);

    /// <summary>Ends the agent as a power cut does.</summary>
    public async Task KillAgentAsync()
    {
        Agent!.Signal("KILL");
        await Agent.ExitCodeAsync();
    }

    /// <summary>Orders, waits until the server has taken a report, and gives that report.</summary>
    public async Task<JsonElement> RunAsync(string type, string parameters = "null")
    {
        var id = Server.Order(type, parameters);
        await EndedAsync(id);
        return Server.ReportsOf(id)[^1].Json;
    }

    /// <summary>Waits until the server has taken a report of the command.</summary>
    public Task EndedAsync(string commandId) => UntilAsync(
        () => Server.StatusOf(commandId) is "completed" or "failed",
        $"the report of {commandId} is taken");

    public async Task UntilAsync(Func<bool> condition, string what)
    {
        try
        {
            await Eventually.TrueAsync(
                () => Task.FromResult(condition()), what, TestContext.Current.CancellationToken);
        }
        catch (TimeoutException error)
        {
            throw new TimeoutException(
                $"{error.Message}\n--- refused: {string.Join("; ", Server.Rejections)}\n--- error\n{Agent?.Error}");
        }
    }

    /// <summary>How often the engine was asked to restart a container.</summary>
    public int Restarts => Engine.Requests.Count(request =>
        request.StartsWith("POST", StringComparison.Ordinal)
        && request.EndsWith("/restart", StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        await _machine.DisposeAsync();
        await Server.DisposeAsync();
        await Engine.DisposeAsync();
    }
}
