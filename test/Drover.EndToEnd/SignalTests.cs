using Drover.Testing.Docker;

namespace Drover.EndToEnd;

/// <summary>Signals to the roles: an orderly end with 0, heard by the server, whatever the role was about.</summary>
public sealed class SignalTests(SharedDockerEngine docker)
{
    private static readonly string UnknownToken = "dre_" + new string('A', 43);

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    [InlineData("HUP")]
    public async Task A_signal_ends_up_with_0_and_the_host_has_said_goodbye(string signal)
    {
        await using var machine = new Machine(await docker.GetAsync());
        var up = await machine.UpAsync();

        up.Signal(signal);
        Assert.Equal(0, await up.ExitCodeAsync());

        (await machine.RunAsync("ps")).MustBe(3);
        await machine.ServerAsync();
        var events = (await machine.RunAsync("events", "-o", "json")).MustBe(0).Json.EnumerateArray();
        Assert.Contains(events, one => one.GetProperty("type").GetString() == "host.goodbye");
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    [InlineData("HUP")]
    public async Task A_signal_ends_a_host_agent_with_0_and_the_server_knows_it_left_on_purpose(string signal)
    {
        await using var machine = new Machine(await docker.GetAsync());
        await machine.ServerAsync();
        var token = Path.Combine(machine.Folder, "enroll");
        (await machine.RunAsync("token", "create", "--file", token)).MustBe(0);
        (string, string)[] elsewhere =
        [
            ("DROVER_DATA_DIR", Path.Combine(machine.Folder, "agent")), ("DROVER_ENROLL_TOKEN_FILE", token),
        ];
        var agent = machine.Start(elsewhere, "host-agent", "--server", machine.Address);
        await machine.UntilAsync(async () => await StateAsync(machine) == "live", "the host is live", agent);

        agent.Signal(signal);
        Assert.Equal(0, await agent.ExitCodeAsync());

        Assert.Equal("goodbye", await StateAsync(machine));
    }

    [Theory]
    [InlineData("INT", "up")]
    [InlineData("TERM", "host-agent")]
    public async Task A_signal_while_a_role_still_starts_is_an_orderly_end_too(string signal, string verb)
    {
        await using var machine = new Machine();
        machine.WithConfiguration($"host_agent:\n  server: {machine.Address}\n");
        var waiting = machine.Start([("DROVER_ENROLL_TOKEN", UnknownToken)], verb);
        await waiting.UntilAsync(
            one => one.Error.Contains("next try", StringComparison.Ordinal), "it waits for its server");

        waiting.Signal(signal);

        Assert.Equal(0, await waiting.ExitCodeAsync());
    }

    [Fact]
    public async Task An_enrollment_alone_that_is_interrupted_was_not_done_and_does_not_end_with_0()
    {
        await using var machine = new Machine();
        await using var server = new SilentListener(machine.Port);
        var once = machine.Start(
            [("DROVER_ENROLL_TOKEN", UnknownToken)], "host-agent", "--once", "--server", machine.Address);
        await server.ConnectedAsync();

        once.Signal("TERM");

        Assert.Equal(130, await once.ExitCodeAsync());
    }

    private static async Task<string?> StateAsync(Machine machine) =>
        (await machine.RunAsync("hosts", "-o", "json")).MustBe(0).Json.EnumerateArray()
            .Select(host => host.GetProperty("state").GetString()).SingleOrDefault();
}
