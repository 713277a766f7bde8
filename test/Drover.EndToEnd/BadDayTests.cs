using System.Net;
using System.Net.Sockets;
using Drover.EndToEnd.Delivery;
using Drover.Testing.Docker;

namespace Drover.EndToEnd;

/// <summary>
/// Bad input and bad days, each with a sentence, a hint and its documented exit code, and never a stack trace.
/// </summary>
public sealed class BadDayTests(SharedDockerEngine docker)
{
    [Fact]
    public async Task A_second_up_on_one_data_directory_is_refused_by_a_sentence_that_names_the_first()
    {
        await using var machine = new Machine();
        var first = machine.Start("up");
        await first.UntilAsync(one => one.Out.Contains("is up on", StringComparison.Ordinal), "the first is up");

        var second = (await machine.RunAsync("up")).MustBe(9);

        Assert.Contains($"{first.Id}", second.Error, StringComparison.Ordinal);
        Assert.Contains("DROVER_DATA_DIR", second.Error, StringComparison.Ordinal);
        NoTrace(second);
        Assert.False(first.HasExited);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named_and_how_to_choose_another()
    {
        await using var machine = new Machine();
        using var listener = new TcpListener(IPAddress.Loopback, machine.Port);
        listener.Start();

        var refused = (await machine.RunAsync("up")).MustBe(9);

        Assert.Contains($"127.0.0.1:{machine.Port}", refused.Error, StringComparison.Ordinal);
        Assert.Contains("server.listen", refused.Error, StringComparison.Ordinal);
        NoTrace(refused);
    }

    [Fact]
    public async Task A_data_directory_that_cannot_be_written_is_refused_and_how_to_choose_another()
    {
        await using var machine = new Machine();

        var refused = (await machine.RunAsync([("DROVER_DATA_DIR", "/proc/drover")], "up")).MustBe(8);

        Assert.Contains("/proc/drover", refused.Error, StringComparison.Ordinal);
        Assert.Contains("DROVER_DATA_DIR", refused.Error, StringComparison.Ordinal);
        NoTrace(refused);
    }

    [Theory]
    [InlineData("up")]
    [InlineData("server")]
    [InlineData("host-agent")]
    public async Task A_data_directory_of_another_user_is_refused_with_both_users_named(string verb)
    {
        await using var machine = new Machine();
        Directory.CreateDirectory(machine.Data);
        var (changed, said) = await Tool.RunAsync(
            new Dictionary<string, string>(),
            ["chown", "65534", machine.Data],
            TestContext.Current.CancellationToken);
        Assert.True(changed == 0, $"this test takes root: {said}");

        var refused = (await machine.RunAsync(verb)).MustBe(8);

        Assert.Contains("belongs to user 65534", refused.Error, StringComparison.Ordinal);
        Assert.Contains("DROVER_DATA_DIR", refused.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(machine.Data));
        NoTrace(refused);
    }

    [Fact]
    public async Task A_bad_configuration_starts_nothing_and_every_problem_has_its_place()
    {
        await using var machine = new Machine();
        machine.WithConfiguration("server:\n  lisen: 127.0.0.1:1\nhost_agent:\n  reconcile_interval: often\n");

        var checkedOnly = (await machine.RunAsync("config", "check")).MustBe(8);
        Assert.Contains(
            "drover.yaml:2:3: unknown key \"server.lisen\"; did you mean \"listen\"?",
            checkedOnly.Error,
            StringComparison.Ordinal);
        Assert.Contains("drover.yaml:4:23: ", checkedOnly.Error, StringComparison.Ordinal);

        var up = (await machine.RunAsync("up")).MustBe(8);
        Assert.Contains("server.lisen", up.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(machine.Data));
    }

    [Fact]
    public async Task Without_docker_the_host_shows_docker_down_and_doctor_says_what_to_do()
    {
        await using var machine = new Machine();
        var up = machine.Start("up");
        await machine.UntilAsync(
            async () => (await machine.RunAsync("hosts")) is { Code: 0 } hosts
                && hosts.Out.Contains("docker_down", StringComparison.Ordinal),
            "the host shows docker_down",
            up);

        var doctor = (await machine.RunAsync("doctor", "-o", "json")).MustBe(1);

        var dockerLine = Assert.Single(
            doctor.Json.GetProperty("items").EnumerateArray(), one => one.GetProperty("check").GetString() == "docker");
        Assert.Equal("fail", dockerLine.GetProperty("status").GetString());
        Assert.Contains(
            "apt-get install docker.io", dockerLine.GetProperty("advice").GetString(), StringComparison.Ordinal);
        Assert.False(up.HasExited);
    }

    [Fact]
    public async Task With_everything_in_order_doctor_ends_with_0()
    {
        await using var machine = new Machine(await docker.GetAsync());
        await machine.UpAsync();

        var doctor = (await machine.RunAsync("doctor")).MustBe(0);

        Assert.Contains("ok    server", doctor.Out, StringComparison.Ordinal);
        Assert.Contains("ok    docker", doctor.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_app_ends_with_5_and_the_nearest_names()
    {
        var engine = await docker.GetAsync();
        await using var machine = new Machine(engine);
        await using var web = await Workload.StartAsync(engine, "e2e-frontend", "echo up");
        var up = await machine.UpAsync();
        await machine.UntilAsync(
            async () => (await machine.PsAsync()).ContainsKey(web.App), "the container appears", up);

        var refused = (await machine.RunAsync("restart", "e2e-frontedn")).MustBe(5);

        Assert.Contains("e2e-frontedn", refused.Error, StringComparison.Ordinal);
        Assert.Contains("e2e-frontend", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_agent_with_neither_credentials_nor_token_says_so()
    {
        await using var machine = new Machine();
        machine.WithConfiguration("host_agent:\n  server: http://127.0.0.1:1\n");

        var refused = await machine.RunAsync("host-agent");

        Assert.NotEqual(0, refused.Code);
        Assert.Contains("token", refused.Error, StringComparison.Ordinal);
        NoTrace(refused);
    }

    private static void NoTrace(Ended ended) => Assert.DoesNotContain("   at ", ended.Error, StringComparison.Ordinal);
}
