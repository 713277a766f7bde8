using System.Text.RegularExpressions;
using Drover.Testing.Docker;

namespace Drover.EndToEnd.Delivery;

/// <summary>
/// The stack on a real Swarm, by the lines of docs/how-to/migrate-to-swarm.md as they stand there: only the engine's
/// socket, the node's address and the images' way there are the test's.
/// </summary>
[Trait("tier", "heavy")]
[Collection(nameof(BuiltImages))]
public sealed partial class StackTests(BuiltImages images)
{
    private const string Private = "private to this container";

    [Fact]
    public async Task The_page_deploys_the_stack_its_agent_sleeps_and_wakes_and_nothing_leads_to_its_port_18800()
    {
        await images.Docker.RunAsync(["build", "-t", "drover-example-agent", "deploy/examples/agent"]);
        await using var node = await SwarmMachine.StartAsync();
        await CarryImagesAsync(node);
        var lines = await LinesAsync(node);

        // The Swarm is there and its images are carried; all else is typed.
        await TypeAsync(node, string.Join(
            '\n', lines.Where(line => line.Contains(" secret ", StringComparison.Ordinal))));
        await TypeAsync(node, string.Join('\n', lines.Where(
            line => line.StartsWith("export ", StringComparison.Ordinal)
                || line.Contains(" stack deploy ", StringComparison.Ordinal))));
        await Eventually.TrueAsync(
            async () => (await TryAsync(node, "docker service ls --format '{{.Replicas}}'")).Output == "1/1\n1/1\n",
            "both services run",
            TestContext.Current.CancellationToken);
        var asleepAndAwake = lines[(lines.FindIndex(line => line == "docker service ls") + 1)..];
        Assert.Equal(5, asleepAndAwake.Count);
        var said = new List<string>();
        foreach (var line in asleepAndAwake)
        {
            said.Add(await TypeAsync(node, line));
        }

        Assert.Matches("^The example agent on [0-9a-f]+ is awake for [0-9]+ s and has its key\\.\n$", said[0]);
        Assert.Matches("assistant +ready", said[1]);
        Assert.Contains("\"status\":\"sleeping\"", said[3], StringComparison.Ordinal);
        Assert.StartsWith("The example agent on ", said[4], StringComparison.Ordinal);
        Assert.NotEqual(said[0].Split(' ')[4], said[4].Split(' ')[4]);

        await NothingLeadsToTheSecondPortAsync(node, lines);
    }

    /// <summary>It is there, and the gateway cannot reach it although its configuration says so.</summary>
    private static async Task NothingLeadsToTheSecondPortAsync(SwarmMachine node, List<string> lines)
    {
        var inside = await TypeAsync(
            node,
            "docker exec $(docker ps --quiet --filter name=drover_assistant | head -n 1) "
                + "/usr/local/bin/agent --private");
        Assert.Contains(Private, inside, StringComparison.Ordinal);

        var folder = Path.Combine(node.Engine.Directory, "stack");
        Directory.CreateDirectory(folder);
        foreach (var name in (string[])["stack.yaml", "gateway.yaml"])
        {
            var text = await File.ReadAllTextAsync(
                Path.Combine(Tool.Root, "deploy/swarm", name), TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(
                Path.Combine(folder, name),
                text.Replace("port: 8081", "port: 18800", StringComparison.Ordinal)
                    .Replace("policy: on_demand", "policy: unmanaged", StringComparison.Ordinal)
                    .Replace("      health: /healthz\n      idle: 15m\n", "", StringComparison.Ordinal),
                TestContext.Current.CancellationToken);
        }

        var deploy = lines.Single(line => line.Contains(" stack deploy ", StringComparison.Ordinal));
        await TypeAsync(node, string.Join('\n',
            lines.Single(line => line.StartsWith("export ", StringComparison.Ordinal)),
            "export CONFIG=2",
            deploy.Replace("deploy/swarm", folder, StringComparison.Ordinal)));
        const string Inspect = "docker exec $(docker ps --quiet --filter name=drover_gateway | head -n 1) "
            + "drover gateway inspect assistant";
        await Eventually.TrueAsync(
            async () => (await TryAsync(node, Inspect)).Output.Contains("18800", StringComparison.Ordinal),
            "the gateway has the other port",
            TestContext.Current.CancellationToken);
        for (var tries = 0; tries < 3; tries++)
        {
            var (_, last) = await TryAsync(
                node,
                "curl --silent --max-time 10 --write-out ' %{http_code}' --header 'Host: assistant.localhost' "
                    + $"http://{node.Address}/");
            Assert.DoesNotContain(Private, last, StringComparison.Ordinal);
            Assert.Matches(" 50[234]$", last);
        }
    }

    private async Task CarryImagesAsync(SwarmMachine node)
    {
        var file = Path.Combine(node.Engine.Directory, "images.tar");
        await images.Docker.RunAsync(["save", "-o", file, "drover-gateway", "drover-example-agent"]);
        await TypeAsync(node, $"docker load --quiet --input {file}");
        File.Delete(file);
    }

    private static async Task<List<string>> LinesAsync(SwarmMachine node)
    {
        var page = await File.ReadAllTextAsync(
            Path.Combine(Tool.Root, "docs/how-to/migrate-to-swarm.md"), TestContext.Current.CancellationToken);
        return
        [
            .. Fence().Matches(page).Where(fence => fence.Groups[1].Length == 0)
                .SelectMany(fence => fence.Groups[2].Value.Trim().Split('\n'))
                .Select(line => line.Replace("127.0.0.1", node.Address, StringComparison.Ordinal)),
        ];
    }

    private static async Task<string> TypeAsync(SwarmMachine node, string lines)
    {
        var (code, said) = await TryAsync(node, lines);
        Assert.True(code == 0, $"`{lines}` ended with {code}:\n{said}\n{await TellAsync(node)}");
        return said;
    }

    private static async Task<string> TellAsync(SwarmMachine node)
    {
        var (_, said) = await TryAsync(
            node,
            "docker service ps --no-trunc drover_gateway drover_assistant; "
                + "docker service logs --tail 50 drover_gateway");
        return said;
    }

    private static Task<(int ExitCode, string Output)> TryAsync(SwarmMachine node, string lines) => Tool.RunAsync(
        new Dictionary<string, string>
        {
            ["DOCKER_HOST"] = node.Engine.Address,
            ["DOCKER_SOCKET"] = node.Engine.SocketPath,
        },
        ["bash", "-c", lines],
        TestContext.Current.CancellationToken);

    [GeneratedRegex("^```(\\w*)\\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();
}
