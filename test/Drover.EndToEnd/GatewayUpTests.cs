using Drover.EndToEnd.Delivery;

namespace Drover.EndToEnd;

/// <summary><c>drover up</c> with a gateway's section: alone, and beside other roles.</summary>
public sealed class GatewayUpTests
{
    private const string Components = """
        supervisor:
          components:
            worker: { command: [sleep, "1000"], min_uptime: 0 }
        """;

    [Fact]
    public async Task A_file_with_a_gateway_alone_leads_to_its_agents_and_runs_nothing_else()
    {
        await using var agent = new AnsweringAgent("here I am");
        await using var machine = new Machine();
        machine.WithConfiguration(Gateway(machine.Port, agent.Address, "scout"));
        var up = await UpAsync(machine);

        Assert.Contains(": gateway\n", up.Out, StringComparison.Ordinal);
        Assert.Contains($"{machine.Address}, leads to scout", up.Out, StringComparison.Ordinal);
        Assert.Contains("drover.yaml has `gateway` alone (`server: {}`", up.Out, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(machine.Data, "server.sock")));

        // What it says to type next.
        var next = up.Out.Split('\n').Single(line => line.Contains("curl", StringComparison.Ordinal)).Trim();
        var (code, said) = await Tool.RunAsync(
            new Dictionary<string, string>(),
            ["bash", "-c", next.Replace("curl", "curl --silent", StringComparison.Ordinal)],
            TestContext.Current.CancellationToken);
        Assert.Equal((0, "here I am"), (code, said));

        up.Signal("TERM");
        Assert.Equal(0, await up.ExitCodeAsync());
    }

    [Fact]
    public async Task Beside_a_supervisor_a_signal_reloads_both_and_stopping_the_supervisor_leaves_the_gateway()
    {
        await using var first = new AnsweringAgent("first");
        await using var second = new AnsweringAgent("second");
        await using var machine = new Machine();
        machine.WithConfiguration(Gateway(machine.Port, first.Address, "scout") + Components);
        var up = await UpAsync(machine);
        Assert.Contains(": supervisor and gateway\n", up.Out, StringComparison.Ordinal);
        Assert.Equal("first", await AskAsync(machine));

        machine.WithConfiguration(
            Gateway(machine.Port, second.Address, "scout") + Components
                + "\n    other: { command: [sleep, \"1001\"] }\n");
        up.Signal("HUP");
        await machine.UntilAsync(async () => await AskAsync(machine) == "second", "the agent is elsewhere", up);
        await machine.UntilAsync(
            async () => (await machine.RunAsync("supervisor", "status")).Out
                .Contains("Other:", StringComparison.Ordinal),
            "there is another component",
            up);

        // A file that cannot be used changes nothing.
        machine.WithConfiguration("gateway: { agents: 7 }\n");
        up.Signal("HUP");
        await up.UntilAsync(
            one => one.Error.Contains("gateway.agents", StringComparison.Ordinal), "the file is refused");
        Assert.Equal("second", await AskAsync(machine));
        machine.WithConfiguration(Gateway(machine.Port, second.Address, "scout") + Components);

        (await machine.RunAsync("supervisor", "stop")).MustBe(0);
        Assert.Equal("second", await AskAsync(machine));
        Assert.False(up.HasExited);

        up.Signal("TERM");
        Assert.Equal(0, await up.ExitCodeAsync());
        Assert.Single(up.Error.Split('\n'), line => line == "drover.yaml was read again");
    }

    [Fact]
    public async Task Beside_a_server_all_of_them_run()
    {
        await using var agent = new AnsweringAgent("here I am");
        await using var machine = new Machine();
        var port = Machine.FreePort();
        machine.WithConfiguration(
            $"server:\n  listen: 127.0.0.1:{machine.Port}\n" + Gateway(port, agent.Address, "scout"));
        var up = await UpAsync(machine);

        Assert.Contains(": server and gateway\n", up.Out, StringComparison.Ordinal);
        (await machine.RunAsync("hosts")).MustBe(0);
        Assert.Equal("here I am", await AskAsync(machine, port));

        up.Signal("TERM");
        Assert.Equal(0, await up.ExitCodeAsync());
    }

    private static string Gateway(int port, string agent, string name) => $$"""
        gateway:
          listen: 127.0.0.1:{{port}}
          agents:
            {{name}}:
              hostnames: ["{{name}}.test"]
              address: {{agent}}
              policy: unmanaged

        """;

    private static async Task<DroverProcess> UpAsync(Machine machine)
    {
        var up = machine.Start("up");
        await up.UntilAsync(one => one.Out.Contains("Next, in another terminal", StringComparison.Ordinal), "it is up");
        return up;
    }

    private static async Task<string> AskAsync(Machine machine, int? port = null)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{port ?? machine.Port}/");
        request.Headers.Host = "scout.test";
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }
}
