using Drover.Testing.Docker;

namespace Drover.EndToEnd;

/// <summary>Server and host agent as processes of their own, joined by a token.</summary>
public sealed class TwoProcessTests(SharedDockerEngine docker)
{
    [Fact]
    public async Task Enroll_once_saves_the_credentials_and_ends_and_the_next_start_needs_no_token()
    {
        await using var machine = new Machine(await docker.GetAsync());
        machine.WithConfiguration($"server:\n  listen: 127.0.0.1:{machine.Port}\n  heartbeat_interval: 1s\n");
        var server = machine.Start("server");
        await server.UntilAsync(one => one.Out.Contains("listens on", StringComparison.Ordinal), "the server listens");
        var created = await machine.RunAsync("token", "create", "--name", "far-away", "--file", "-");
        var token = created.MustBe(0).Out.Trim();
        var elsewhere = ("DROVER_DATA_DIR", Path.Combine(machine.Folder, "agent-data"));

        var once = await machine.RunAsync(
            [elsewhere], "host-agent", "--once", "--enroll", token, "--server", machine.Address);
        once.MustBe(0);
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite,
            File.GetUnixFileMode(Path.Combine(machine.Folder, "agent-data/agent.json")));
        var agent = machine.Start([elsewhere], "host-agent");
        await machine.UntilAsync(
            async () => (await machine.RunAsync("hosts", "-o", "json")).Json.EnumerateArray()
                .Any(
                    host => host.GetProperty("name").GetString() == "far-away"
                        && host.GetProperty("state").GetString() == "live"),
            "the host is live",
            agent);
    }

    [Fact]
    public async Task A_token_from_the_environment_enrolls_and_a_used_one_is_refused()
    {
        await using var machine = new Machine(await docker.GetAsync());
        machine.WithConfiguration($"server:\n  listen: 127.0.0.1:{machine.Port}\n");
        var server = machine.Start("server");
        await server.UntilAsync(one => one.Out.Contains("listens on", StringComparison.Ordinal), "the server listens");
        var token = (await machine.RunAsync("token", "create", "--file", "-")).MustBe(0).Out.Trim();

        (await machine.RunAsync(
            [("DROVER_DATA_DIR", Path.Combine(machine.Folder, "one")), ("DROVER_ENROLL_TOKEN", token)],
            "host-agent", "--once", "--server", machine.Address)).MustBe(0);
        var refused = await machine.RunAsync(
            [("DROVER_DATA_DIR", Path.Combine(machine.Folder, "two")), ("DROVER_ENROLL_TOKEN", token)],
            "host-agent", "--once", "--server", machine.Address);

        Assert.NotEqual(0, refused.Code);
        Assert.DoesNotContain(token, refused.Error + refused.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Over_the_network_an_api_token_opens_what_its_role_allows_and_no_more()
    {
        await using var machine = new Machine();
        machine.WithConfiguration($"server:\n  listen: 127.0.0.1:{machine.Port}\n");
        var server = machine.Start("server");
        await server.UntilAsync(one => one.Out.Contains("listens on", StringComparison.Ordinal), "the server listens");
        var file = Path.Combine(machine.Folder, "token");
        (await machine.RunAsync("token", "create", "--role", "viewer", "--name", "reader", "--file", file)).MustBe(0);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        (string, string)[] viewer = [("DROVER_SERVER", machine.Address), ("DROVER_TOKEN_FILE", file)];

        (await machine.RunAsync(viewer, "hosts")).MustBe(0);
        (await machine.RunAsync(viewer, "token", "list")).MustBe(4);
        var refused = await machine.RunAsync(
            [("DROVER_SERVER", machine.Address), ("DROVER_TOKEN", "dra_" + new string('x', 43))], "hosts");
        refused.MustBe(4);
    }
}
