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
            var ended = new List<long>();
            for (var crash = 1; crash <= Crashes; crash++)
            {
                ended.Add(await supervisor.CrashAsync(alsoKillSupervisor: crash % 2 == 0));
            }

            var link = (await supervisor.StatusAsync()).GetProperty("server");
            Assert.True(link.GetProperty("events_waiting").GetInt64() >= 2 * Crashes);

            await machine.ServerAsync();
            await machine.UntilAsync(
                async () => (await supervisor.StatusAsync()).GetProperty("server").GetProperty("events_waiting")
                    .GetInt64() == 0,
                "everything is told");
            var told = await EventsAsync(machine);
            Assert.Equal(told.Distinct(), told);
            Assert.Equal(told.Select(one => one.Instance).Order(), told.Select(one => one.Instance));

            // A supervisor that was killed between an end and the next start may have used up a number.
            Assert.Equal(
                ended.SelectMany(one => new[] { ("component.started", one), ("component.exited", one) }),
                told.Where(one => ended.Contains(one.Instance)));
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

    private static async Task<List<(string Type, long Instance)>> EventsAsync(Machine machine) =>
    [
        .. (await machine.RunAsync(
            "events", "-n", "500", "--type", "component.started", "--type", "component.exited", "-o", "json"))
            .MustBe(0).Json.EnumerateArray()
            .Select(one => (
                one.GetProperty("type").GetString()!, one.GetProperty("data").GetProperty("instance").GetInt64())),
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

        /// <summary>Ends the instance, perhaps the supervisor right after it, and waits for the next one.</summary>
        /// <returns>Which instance it was.</returns>
        public async Task<long> CrashAsync(bool alsoKillSupervisor)
        {
            var (status, instance, pid) = await RunningAsync(after: 0);
            using var component = Process.GetProcessById(pid);
            using var daemon = Process.GetProcessById(status.GetProperty("pid").GetInt32());
            component.Kill();
            if (alsoKillSupervisor)
            {
                daemon.Kill();
                await _machine.UntilAsync(
                    async () => (await RunAsync("start", "--wait", "60s")).Code == 0, "the next supervisor");
            }

            await RunningAsync(after: instance);
            return instance;
        }

        private async Task<(JsonElement Status, long Instance, int Pid)> RunningAsync(long after)
        {
            var (status, instance, pid) = (default(JsonElement), 0L, 0);
            await _machine.UntilAsync(
                async () =>
                {
                    status = await StatusAsync();
                    var api = status.GetProperty("components")[0];
                    instance = api.GetProperty("instance").GetInt64();
                    return api.GetProperty("state").GetString() == "running" && instance > after
                        && api.TryGetProperty("pid", out var found) && found.TryGetInt32(out pid);
                },
                $"an instance after {after} runs");
            return (status, instance, pid);
        }
    }
}
