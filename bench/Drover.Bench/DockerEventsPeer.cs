using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Drover.Testing.Docker;

namespace Drover.Bench;

/// <summary>The engine's own client following its events: how long after an event it prints it.</summary>
internal sealed class DockerEventsPeer : IAsyncDisposable
{
    private const long NanosPerTick = 100;

    private readonly Process _process;
    private readonly ConcurrentBag<double> _seconds = [];

    private DockerEventsPeer(DockerEngine engine)
    {
        var start = new ProcessStartInfo(
            "docker",
            ["--host", engine.Address, "events", "--filter", "event=start", "--format", "{{.TimeNano}}"])
        {
            RedirectStandardOutput = true,
        };
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) =>
        {
            if (long.TryParse(line.Data, CultureInfo.InvariantCulture, out var nanos))
            {
                var at = DateTimeOffset.UnixEpoch.AddTicks(nanos / NanosPerTick);
                _seconds.Add((TimeProvider.System.GetUtcNow() - at).TotalSeconds);
            }
        };
        _process.BeginOutputReadLine();
    }

    /// <summary>Of all so far; null before the first.</summary>
    public double? P99Seconds =>
        _seconds.IsEmpty ? null : _seconds.Order().ElementAt((int)Math.Ceiling(0.99 * _seconds.Count) - 1);

    public static DockerEventsPeer Start(DockerEngine engine) => new(engine);

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
