using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Drover.Testing.Docker;
using Drover.Testing.Ledger;

namespace Drover.Faults.Rig;

/// <summary>
/// What a real engine itself says happened to the containers of one run, by Docker's own client. Owns the
/// client's process.
/// </summary>
internal sealed class EngineRecord : IAsyncDisposable
{
    /// <summary>Label that a run's containers carry.</summary>
    public const string Label = "drover.fault-run";

    private readonly Process _docker;
    private readonly Task _reading;
    private readonly List<EngineEvent> _events = [];

    private EngineRecord(Process docker)
    {
        _docker = docker;
        _reading = ReadAsync();
    }

    public IReadOnlyList<EngineEvent> Events
    {
        get
        {
            lock (_events)
            {
                return [.. _events];
            }
        }
    }

    /// <summary>Begins to listen; what happens from this second on is recorded, however long the client takes to
    /// connect.</summary>
    public static EngineRecord Start(DockerEngine engine, string run)
    {
        var start = new ProcessStartInfo(
            "docker",
            [
                "--host", engine.Address, "events", "--filter", "type=container", "--filter", $"label={Label}={run}",
                "--since", DateTimeOffset.UtcNow.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
                "--format", "{{json .}}",
            ])
        {
            RedirectStandardOutput = true,
        };
        return new EngineRecord(Process.Start(start)!);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_docker.HasExited)
        {
            _docker.Kill();
            await _docker.WaitForExitAsync();
        }

        await _reading;
        _docker.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _docker.StandardOutput.ReadLineAsync() is { } line)
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            var actor = root.GetProperty("Actor");
            var nanoseconds = root.GetProperty("timeNano").GetInt64();
            var one = new EngineEvent(
                actor.GetProperty("Attributes").GetProperty("name").GetString()!,
                root.GetProperty("Action").GetString()!,
                DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / 100));
            lock (_events)
            {
                _events.Add(one);
            }
        }
    }
}
