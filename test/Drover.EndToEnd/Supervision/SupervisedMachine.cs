using System.Globalization;
using System.Text.Json;

namespace Drover.EndToEnd.Supervision;

/// <summary>
/// A machine with a supervisor in the background on the published file. What it and its components leave is ended with
/// it, whatever became of the test.
/// </summary>
internal sealed class SupervisedMachine : IAsyncDisposable
{
    private readonly (string Name, string Value)[] _environment;
    private readonly Machine _machine = new();

    /// <param name="components">What stands below <c>supervisor.components</c>, a component a line.</param>
    /// <param name="data">Another data directory than one on the disk of temporary files.</param>
    internal SupervisedMachine(string components, string? data = null)
    {
        Data = data ?? _machine.Data;
        _environment = [("DROVER_DATA_DIR", Data)];
        Write(components);
    }

    internal string Folder => _machine.Folder;

    internal string Data { get; }

    internal string Logs => Path.Combine(Data, "supervisor", "logs");

    /// <summary>Writes drover.yaml anew.</summary>
    internal void Write(string components) => _machine.WithConfiguration(
        "supervisor:\n  components:\n" + string.Concat(components.Split('\n').Select(line => $"    {line}\n")));

    internal void WriteFile(string text) => _machine.WithConfiguration(text);

    internal Task<Ended> RunAsync(params string[] arguments) => _machine.RunAsync(_environment, arguments);

    /// <summary>Starts the supervisor, which dies at a fault point if one is named.</summary>
    internal Task<Ended> StartAsync(string? fault = null) => _machine.RunAsync(
        [.. _environment, .. fault is null ? [] : new[] { ("DROVER_FAULT", fault) }],
        "supervisor", "start", "--wait", fault is null ? "30s" : "0s");

    /// <summary>The whole answer, of a supervisor that runs or of its files.</summary>
    internal async Task<JsonElement> StatusAsync() => (await RunAsync("supervisor", "status", "-o", "json")).Json;

    internal async Task<JsonElement> StatusAsync(string component) => Find(await StatusAsync(), component);

    internal static JsonElement Find(JsonElement status, string component) =>
        status.GetProperty("components").EnumerateArray()
            .Single(one => one.GetProperty("name").GetString() == component);

    internal static string Text(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value) ? value.ToString() : "";

    internal Task UntilAsync(Func<Task<bool>> condition, string what) => _machine.UntilAsync(condition, what);

    /// <summary>Waits until no supervisor runs.</summary>
    internal Task UntilDeadAsync() => UntilAsync(
        async () => (await RunAsync("supervisor", "status")).Code == 3, "the supervisor is dead");

    internal async Task<int> PidAsync() => (await StatusAsync()).GetProperty("pid").GetInt32();

    public async ValueTask DisposeAsync()
    {
        if ((await RunAsync("supervisor", "stop", "--wait", "20s")).Code != 0
            && Directory.Exists(Path.Combine(Data, "supervisor", "state")))
        {
            // A test that failed before its end: a new supervisor takes over what runs, and ends it in order.
            await StartAsync();
            await RunAsync("supervisor", "stop", "--wait", "20s");
        }

        await _machine.DisposeAsync();
        if (Directory.Exists(Data))
        {
            Directory.Delete(Data, recursive: true);
        }
    }

    /// <summary>A number of <c>/proc/PID/status</c>, in the units it has there.</summary>
    internal static long Proc(int pid, string key) => long.Parse(
        File.ReadLines($"/proc/{pid}/status")
            .Single(line => line.StartsWith(key + ":", StringComparison.Ordinal))
            .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);
}
