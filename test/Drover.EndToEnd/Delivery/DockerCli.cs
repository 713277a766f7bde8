using System.Globalization;
using System.Text.Json;
using Drover.Testing.Docker;

namespace Drover.EndToEnd.Delivery;

/// <summary>The docker program against an engine of the test's own, and what these tests ask of containers.</summary>
internal sealed class DockerCli(DockerEngine engine)
{
    private readonly Dictionary<string, string> _environment =
        new() { ["DOCKER_HOST"] = engine.Address, ["DOCKER_BUILDKIT"] = "0" };

    /// <summary>Builds a target of the Dockerfile on a base made on this machine, as <c>drover-TARGET</c>.</summary>
    public async Task BuildAsync(string target)
    {
        await MustAsync(["bash", "eng/base-image.sh"]);
        await RunAsync([
            "build", "--network", "host", "-f", "deploy/docker/Dockerfile", "--target", target,
            "-t", $"drover-{target}", ".",
        ]);
    }

    public Task<(int ExitCode, string Output)> TryAsync(string[] arguments) =>
        Tool.RunAsync(_environment, ["docker", .. arguments], TestContext.Current.CancellationToken);

    public Task<string> RunAsync(string[] arguments) => MustAsync(["docker", .. arguments]);

    /// <summary>What a verb in the container prints as JSON.</summary>
    public async Task<JsonElement> JsonAsync(string container, params string[] verb) =>
        JsonDocument.Parse(await RunAsync(["exec", container, "drover", .. verb])).RootElement;

    /// <summary>A token that lets a host join the server in the container.</summary>
    public async Task<string> TokenAsync(string container)
    {
        const string file = "/var/lib/drover/join";
        await RunAsync(["exec", container, "drover", "token", "create", "--file", file]);
        return (await RunAsync(["exec", container, "cat", file])).Trim();
    }

    public async Task<string> StateAsync(string container, string format) =>
        (await RunAsync(["inspect", "--format", format, container])).Trim();

    public Task UntilAsync(string container, string format, string state) =>
        UntilAsync(async () => await StateAsync(container, format) == state, $"{container} is {state}", container);

    public Task UntilLiveAsync(string container) => UntilAsync(
        async () => await TryAsync(["exec", container, "drover", "hosts", "-o", "json"]) is { ExitCode: 0 } hosts
            && JsonDocument.Parse(hosts.Output).RootElement.EnumerateArray()
                .Any(host => host.GetProperty("state").GetString() == "live"),
        "the host is live");

    public async Task UntilAsync(Func<Task<bool>> condition, string what, string? container = null)
    {
        try
        {
            await Eventually.TrueAsync(condition, what, TestContext.Current.CancellationToken);
        }
        catch (TimeoutException error) when (container is not null)
        {
            throw new TimeoutException($"{error.Message}\n{(await TryAsync(["logs", container])).Output}");
        }
    }

    /// <summary>Group of the engine's socket, as a container sees it.</summary>
    public async Task<string> GroupOfSocketAsync() =>
        (await MustAsync(["stat", "-c", "%g", engine.SocketPath])).Trim();

    /// <summary>The one IPv4 address that something in the container's namespace listens on.</summary>
    public async Task<string> ListenerAsync(string container)
    {
        // Format: proc_net_tcp(5); 0A is the state "listen".
        var table = await RunAsync(["exec", container, "cat", "/proc/net/tcp"]);
        var local = table.Split('\n').Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(cells => cells.Length > 3 && cells[3] == "0A")
            .Select(cells => cells[1].Split(':'))
            .Single(parts => Number(parts[1]) != 7781);
        var address = Number(local[0]);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{address & 255}.{(address >> 8) & 255}.{(address >> 16) & 255}.{address >> 24}:{Number(local[1])}");
    }

    private static uint Number(string hex) => uint.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private async Task<string> MustAsync(string[] commandLine)
    {
        var (exitCode, output) =
            await Tool.RunAsync(_environment, commandLine, TestContext.Current.CancellationToken);
        Assert.True(exitCode == 0, $"{string.Join(' ', commandLine)}\n{output}");
        return output;
    }
}
