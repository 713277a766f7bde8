using System.Diagnostics;
using System.Text.Json;

namespace Drover.EndToEnd;

/// <summary>
/// The events of a supervisor of its own: the server is away while components crash and the supervisor is killed, and
/// then hears all of it once and in order.
/// </summary>
public sealed class SupervisorForwardingTests
{
    private const int Crashes = 6;

    [Fact]
    public async Task What_happened_while_the_server_was_away_arrives_once_and_in_order_over_kills_of_the_supervisor()
    {
        await using var machine = new Machine();
        machine.WithConfiguration($"server:\n  listen: 127.0.0.1:{machine.Port}\n  heartbeat_interval: 1s\n");
        var server = await machine.ServerAsync();
        var token = Path.Combine(machine.Folder, "token");
        (await machine.RunAsync("token", "create", "--file", token)).MustBe(0);
        server.Signal("TERM");
        await server.ExitCodeAsync();

        var supervisor = new Elsewhere(machine, $$"""
            supervisor:
              server: {{machine.Address}}
              enroll_token: "file:{{token}}"
              name: box-supervisor
              components:
                api: { command: [sleep, "1000"], min_uptime: 0 }
            """);
        try
        {
            (await supervisor.RunAsync("start", "--wait", "60s")).MustBe(0);
            for (var crash = 1; crash <= Crashes; crash++)
            {
                await supervisor.CrashAsync(instance: crash, alsoKillSupervisor: crash % 2 == 0);
            }

            var link = (await supervisor.StatusAsync()).GetProperty("server");
            Assert.True(link.GetProperty("events_waiting").GetInt64() >= 2 * Crashes);

            await machine.ServerAsync();
            await machine.UntilAsync(
                async () => (await EventsAsync(machine)).Contains($"component.started {Crashes + 1}"),
                "the last is told");
            var told = await EventsAsync(machine);
            Assert.Equal(
                Enumerable.Range(1, Crashes + 1)
                    .SelectMany(number => new[] { $"component.started {number}", $"component.exited {number}" })
                    .SkipLast(1),
                told);
        }
        finally
        {
            await supervisor.RunAsync("stop");
        }

        await machine.UntilAsync(
            async () => (await machine.RunAsync("events", "--type", "component.stopped", "-o", "json"))
                .MustBe(0).Json.GetArrayLength() == 1,
            "the stop is told");
    }

    private static async Task<List<string>> EventsAsync(Machine machine) =>
    [
        .. (await machine.RunAsync(
            "events", "-n", "500", "--type", "component.started", "--type", "component.exited", "-o", "json"))
            .MustBe(0).Json.EnumerateArray()
            .Select(one =>
                $"{one.GetProperty("type").GetString()} {one.GetProperty("data").GetProperty("instance").GetInt64()}"),
    ];

    /// <summary>A supervisor with a data directory and a file of its own.</summary>
    private sealed class Elsewhere
    {
        private readonly Machine _machine;
        private readonly (string, string)[] _environment;
        private readonly string _file;

        public Elsewhere(Machine machine, string configuration)
        {
            _machine = machine;
            _environment = [("DROVER_DATA_DIR", Path.Combine(machine.Folder, "kept"))];
            _file = Path.Combine(machine.Folder, "kept.yaml");
            File.WriteAllText(_file, configuration);
        }

        public Task<Ended> RunAsync(params string[] arguments) =>
            _machine.RunAsync(_environment, ["supervisor", .. arguments, "--config", _file]);

        public async Task<JsonElement> StatusAsync() =>
            (await RunAsync("status", "-o", "json")).MustBe(0).Json;

        /// <summary>Ends the instance of that number, and the supervisor right after, and waits for the next.</summary>
        public async Task CrashAsync(long instance, bool alsoKillSupervisor)
        {
            var (status, pid) = await RunningAsync(instance);
            using var component = Process.GetProcessById(pid);
            using var daemon = Process.GetProcessById(status.GetProperty("pid").GetInt32());
            component.Kill();
            if (alsoKillSupervisor)
            {
                daemon.Kill();
                await _machine.UntilAsync(
                    async () => (await RunAsync("start", "--wait", "60s")).Code == 0, "the next supervisor");
            }

            await RunningAsync(instance + 1);
        }

        private async Task<(JsonElement Status, int Pid)> RunningAsync(long instance)
        {
            var status = default(JsonElement);
            var pid = 0;
            await _machine.UntilAsync(
                async () =>
                {
                    status = await StatusAsync();
                    var api = status.GetProperty("components")[0];
                    return api.GetProperty("state").GetString() == "running"
                        && api.GetProperty("instance").GetInt64() == instance
                        && api.TryGetProperty("pid", out var found) && found.TryGetInt32(out pid);
                },
                $"instance {instance} runs");
            return (status, pid);
        }
    }
}
