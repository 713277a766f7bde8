using System.Text.Json;

namespace Drover.EndToEnd.Delivery;

/// <summary>
/// The supervisor's image on a real engine: process 1 of a container with a read-only root and no rights, its
/// components beside it.
/// </summary>
[Trait("tier", "heavy")]
[Collection(nameof(BuiltImages))]
public sealed class SupervisorImageTests(BuiltImages images)
{
    private const string Components = """
        supervisor:
          components:
            web: { command: [sh, -c, "trap 'echo stopped; exit 0' TERM; sleep 1000 & wait"] }
            forks:
              command: [sh, -c, "(setsid sleep 1001 &); for i in 1 2 3; do (sleep 0.2 &); done; exec sleep 1000"]
        """;

    [Fact]
    public async Task It_keeps_its_components_reaps_orphans_is_healthy_and_stops_in_order()
    {
        var docker = images.Docker;
        await StartAsync("keeper");

        await docker.UntilAsync("keeper", "{{.State.Health.Status}}", "healthy");
        Assert.Equal(1, (await StatusAsync("keeper")).GetProperty("pid").GetInt32());
        await docker.UntilAsync(async () => await NamesAsync("keeper") == All, "three live on");

        // Each of these leaves an orphan to process 1, which launched none of them.
        await docker.RunAsync(["exec", "keeper", "sh", "-c", "(sleep 0.2 &)"]);
        await docker.UntilAsync(async () => await NamesAsync("keeper") == All, "it is reaped");

        await docker.RunAsync(["stop", "--time", "30", "keeper"]);
        Assert.Equal("0", await docker.StateAsync("keeper", "{{.State.ExitCode}}"));
        await docker.RunAsync(["start", "keeper"]);
        await docker.UntilAsync("keeper", "{{.State.Health.Status}}", "healthy");
        Assert.Equal("clean", (await StatusAsync("keeper")).GetProperty("previous_end").GetString());
        Assert.StartsWith(
            "stopped\n",
            await docker.RunAsync(["exec", "keeper", "drover", "supervisor", "logs", "web"]),
            StringComparison.Ordinal);

        await docker.RunAsync(["kill", "keeper"]);
        await docker.RunAsync(["start", "keeper"]);
        await docker.UntilAsync(async () => await NamesAsync("keeper") == All, "all run again");
        Assert.Equal("reboot", (await StatusAsync("keeper")).GetProperty("previous_end").GetString());
    }

    [Fact]
    public async Task Where_no_supervisor_runs_the_health_check_says_so()
    {
        var (code, said) = await images.Docker.TryAsync([
            "run", "--rm", .. Hardened, "--network", "none", "--entrypoint", "drover", "drover-supervisor", "internal",
            "healthy", "supervisor",
        ]);

        Assert.Equal(3, code);
        Assert.Contains("cannot reach the role", said, StringComparison.Ordinal);
    }

    /// <summary>Process 1, a shell with its child, a leader, and the one that escaped from its session.</summary>
    private const string All = "drover sh sleep sleep sleep";

    private static string[] Hardened =>
        ["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"];

    private async Task StartAsync(string name)
    {
        var file = Path.Combine(images.Engine.Directory, "supervised.yaml");
        await File.WriteAllTextAsync(file, Components, TestContext.Current.CancellationToken);
        File.SetUnixFileMode(file, (UnixFileMode)0b110_100_100);
        await images.Docker.RunAsync([
            "run", "--detach", "--name", name, .. Hardened, "--network", "none", "--health-interval", "1s",
            "--volume", $"{file}:/etc/drover/drover.yaml:ro", "--volume", $"{name}-data:/var/lib/drover",
            "drover-supervisor",
        ]);
    }

    private async Task<JsonElement> StatusAsync(string name) =>
        await images.Docker.JsonAsync(name, "supervisor", "status", "-o", "json");

    /// <summary>Every process of the container, zombies too, but those that the engine put in beside it.</summary>
    private async Task<string> NamesAsync(string name)
    {
        var (_, stats) = await images.Docker.TryAsync([
            "exec", name, "sh", "-c", "cat /proc/[0-9]*/stat 2>/dev/null",
        ]);
        return string.Join(' ', stats.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => (
                Pid: line.Split(' ')[0],
                Name: line.Split('(')[1].Split(')')[0],
                Fields: line.Split(") ")[1].Split(' ')))
            .Where(one => one.Name != "cat" && (one.Pid == "1" || one.Fields[1] != "0"))
            .Select(one => one.Fields[0] == "Z" ? "a-zombie" : one.Name)
            .Order(StringComparer.Ordinal));
    }
}
