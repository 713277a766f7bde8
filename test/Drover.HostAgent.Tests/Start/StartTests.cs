using System.Text.Json;
using Drover.Runtime.Uplink;
using Drover.Testing.Agents;
using Drover.Wire;
using Drover.Wire.Agents;

namespace Drover.HostAgent.Tests.Start;

public sealed class StartTests : IAsyncLifetime
{
    private AgentBench _bench = null!;

    public async ValueTask InitializeAsync() => _bench = await AgentBench.SetUpAsync();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task A_second_agent_on_one_data_directory_is_refused_with_the_process_id_of_the_first()
    {
        await _bench.StartAsync();
        var refused = await RefusedAsync(_bench.Options());
        Assert.Equal(
            $"cannot start a second host agent on \"{_bench.Data.Path}\": process {Environment.ProcessId} runs one "
                + "there; stop it or choose another data directory",
            refused);
    }

    [Theory]
    [InlineData("http://drover.example.com:7780/", "plain http is only allowed to this machine itself; use https")]
    [InlineData("https://user@drover.example.com/", "it must be scheme, host and port alone")]
    [InlineData("https://drover.example.com/path", "it must be scheme, host and port alone")]
    [InlineData("ftp://drover.example.com/", "it must be an address such as https://drover.example.com:7780")]
    public async Task A_server_address_that_cannot_be_trusted_is_refused(string address, string why)
    {
        var refused = await RefusedAsync(_bench.Options() with { Server = new Uri(address) });
        Assert.Equal($"cannot use host_agent.server \"{address}\": {why}", refused);
        Assert.Empty(_bench.Server.Enrollments);
    }

    [Fact]
    public async Task A_missing_server_address_is_told()
    {
        var refused = await RefusedAsync(_bench.Options() with { Server = null });
        Assert.StartsWith("cannot enroll: the server's address is missing", refused, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Credentials_that_others_can_read_are_refused_with_the_command_that_mends_it()
    {
        WriteCredentials(Whole());
        File.SetUnixFileMode(CredentialsPath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        Assert.Contains(
            $"chmod 600 '{CredentialsPath}'", await RefusedAsync(_bench.Options()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Credentials_cut_at_any_byte_are_refused_and_never_overwritten()
    {
        var whole = Whole();
        for (var cut = 0; cut < whole.Length; cut += 7)
        {
            WriteCredentials(whole[..cut]);
            Assert.Contains("it is not whole", await RefusedAsync(_bench.Options()), StringComparison.Ordinal);
            Assert.Equal(whole[..cut], File.ReadAllText(CredentialsPath));
        }
    }

    [Fact]
    public async Task Credentials_of_a_newer_version_are_refused()
    {
        WriteCredentials("""{"version":2,"state":{"new":"shape"}}""");
        Assert.Contains("a newer Drover wrote it", await RefusedAsync(_bench.Options()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_directory_that_cannot_be_written_is_refused()
    {
        Assert.StartsWith(
            "cannot use directory \"/proc/sys\": it cannot be written",
            await RefusedAsync(_bench.Options() with { DataDirectory = "/proc/sys" }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_option_that_cannot_work_is_refused_by_its_key()
    {
        Assert.StartsWith(
            "cannot use host_agent.reconcile_interval ",
            await RefusedAsync(
                _bench.Options() with { ReconcileInterval = TimeSpan.FromSeconds(1) }), StringComparison.Ordinal);
        Assert.StartsWith(
            "cannot use host_agent.policy.allowed_types \"dance\"",
            await RefusedAsync(_bench.Options() with { Policy = new HostPolicy { AllowedTypes = ["dance"] } }),
            StringComparison.Ordinal);
        Assert.StartsWith(
            "cannot use host_agent.docker_host \"carrier:pigeon\"",
            await RefusedAsync(_bench.Options() with { DockerHost = "carrier:pigeon" }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_run_number_rises_over_restarts_a_clock_set_back_and_a_lost_data_directory()
    {
        var path = _bench.Data.File("run");
        var clock = new Testing.Time.FakeClock();
        var first = RunNumber.Take(path, clock);
        Assert.Equal(clock.GetUtcNow().ToUnixTimeMilliseconds(), first);

        clock.JumpWallClock(TimeSpan.FromDays(-30));
        Assert.Equal(first + 1, RunNumber.Take(path, clock));

        clock.JumpWallClock(TimeSpan.FromDays(31));
        File.Delete(path);
        Assert.True(RunNumber.Take(path, clock) > first + 1);
        await Task.CompletedTask;
    }

    private string CredentialsPath => _bench.Data.File("agent.json");

    private string Whole() => JsonSerializer.Serialize(
        new AgentCredentials(
            1, AgentCredentials.Enrolled, _bench.Server.Address.ToString(), Guid.NewGuid().ToString(), "hash",
            new string('k', 43), null,
            AgentKinds.HostAgent, DateTimeOffset.UnixEpoch),
        WireJson.Default.AgentCredentials);

    private void WriteCredentials(string text)
    {
        File.WriteAllText(CredentialsPath, text);
        File.SetUnixFileMode(CredentialsPath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private async Task<string> RefusedAsync(HostAgentOptions options) =>
        (await Assert.ThrowsAsync<HostAgentStartException>(() => _bench.StartAsync(options))).Message;
}
