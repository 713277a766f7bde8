namespace Drover.EndToEnd.Delivery;

/// <summary>
/// The Dockerfile, built and started on a real engine from the published file: its images without root, on a read-only
/// root, server and host agent joined over TLS in a network namespace of their own.
/// </summary>
[Trait("tier", "heavy")]
[Collection(nameof(BuiltImages))]
public sealed class ImageTests(BuiltImages images)
{
    private const string Socket = "/var/run/docker.sock";

    [Fact]
    public async Task The_images_build_and_a_host_agent_of_one_joins_the_server_of_the_other_and_survives_its_restart()
    {
        var docker = images.Docker;
        await docker.RunAsync([
            "run", "--detach", "--name", "control", .. Hardened, "--health-interval", "1s",
            "--network", "none", "--volume", "control-data:/var/lib/drover", "drover-server",
        ]);
        await docker.UntilAsync("control", "{{.State.Health.Status}}", "healthy");
        var token = await docker.TokenAsync("control");
        var pin = (await docker.JsonAsync("control", "server", "certificate", "show", "-o", "json"))
            .GetProperty("pin").GetString()!;
        await docker.RunAsync([
            "run", "--detach", "--name", "agent", .. Hardened, "--health-interval", "1s",
            "--network", "container:control", "--volume", "agent-data:/var/lib/drover",
            "--volume", $"{images.Engine.SocketPath}:{Socket}", "--group-add", await docker.GroupOfSocketAsync(),
            "--env", $"DROVER_ENROLL_TOKEN={token}",
            "drover-host-agent", "--server", "https://127.0.0.1:7780", "--pin", pin, "--name", "box",
        ]);
        await docker.UntilAsync("agent", "{{.State.Health.Status}}", "healthy");
        await docker.UntilLiveAsync("control");
        await docker.UntilAsync(
            async () => (await docker.JsonAsync("control", "ps", "-o", "json")).EnumerateArray()
                .Any(row => row.GetProperty("app_code").GetString() == "control"),
            "the agent sees the containers of its engine");

        var user = await docker.RunAsync(["exec", "control", "sh", "-c", "echo $(id -u):$(id -g)"]);
        Assert.Equal("10001:10001", user.Trim());
        Assert.Equal("0.0.0.0:7780", await docker.ListenerAsync("control"));

        // The namespace is the server's, so the agent is started again with it.
        await docker.RunAsync(["restart", "--time", "20", "control"]);
        await docker.RunAsync(["restart", "--time", "20", "agent"]);
        await docker.UntilLiveAsync("control");
        foreach (var name in (string[])["agent", "control"])
        {
            await docker.RunAsync(["stop", "--time", "30", name]);
            Assert.Equal("0", await docker.StateAsync(name, "{{.State.ExitCode}}"));
        }
    }

    [Fact]
    public async Task Where_the_role_does_not_work_the_health_check_says_so_and_without_a_token_the_agent_names_it()
    {
        var docker = images.Docker;

        var (unhealthy, _) = await docker.TryAsync([
            "run", "--rm", .. Hardened, "--network", "none", "--entrypoint", "drover", "drover-host-agent",
            "internal", "healthy", "host-agent", "127.0.0.1:7781",
        ]);
        var (refused, sentence) = await docker.TryAsync([
            "run", "--rm", .. Hardened, "--network", "none", "--tmpfs", "/var/lib/drover:uid=10001,mode=0700",
            "drover-host-agent",
        ]);

        Assert.Equal(3, unhealthy);
        Assert.NotEqual(0, refused);
        Assert.Contains("token", sentence, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task The_executable_works_under_the_system_calls_that_the_systemd_unit_leaves_it()
    {
        var docker = images.Docker;
        var profile = Path.Combine(images.Engine.Directory, "unit-seccomp.json");
        await File.WriteAllTextAsync(
            profile, await UnitFilter.AsDockerProfileAsync(), TestContext.Current.CancellationToken);

        await docker.RunAsync([
            "run", "--detach", "--name", "filtered", .. Hardened, "--security-opt", $"seccomp={profile}",
            "--health-interval", "1s", "--network", "none", "drover-server",
        ]);

        await docker.UntilAsync("filtered", "{{.State.Health.Status}}", "healthy");
        var (_, said) = await docker.TryAsync([
            "run", "--rm", .. Hardened, "--security-opt", $"seccomp={profile}", "--entrypoint", "nice",
            "drover-server", "-n", "5", "true",
        ]);
        Assert.Contains("cannot set niceness", said, StringComparison.Ordinal);
    }

    private static string[] Hardened =>
        ["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"];
}
