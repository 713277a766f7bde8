using System.Security.Cryptography;
using System.Text;
using Drover.Runtime.Docker;

namespace Drover.Testing.Docker;

/// <summary>A container of a <see cref="FakeDockerEngine"/>; change it while the engine runs and the next answer shows
/// it.</summary>
public sealed class FakeContainer
{
    internal static readonly EngineTimestamp Epoch = new(1_700_000_000, 123_456_789);
    private readonly Lock _gate = new();
    private readonly List<FakeLogEntry> _log = [];
    private TaskCompletionSource _logChanged = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public FakeContainer(string name)
    {
        Name = name;
        Id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
    }

    public string Name { get; }

    /// <summary>Derived from the name, so that two runs of a test see the same.</summary>
    public string Id { get; set; }

    public string Image { get; set; } = "drover-test/busybox:latest";

    public Dictionary<string, string> Labels { get; } = [];

    /// <summary>created, running, paused, restarting, removing, exited or dead.</summary>
    public string State { get; set; } = "running";

    /// <summary>healthy, unhealthy, starting; null without a check.</summary>
    public string? Health { get; set; }

    public int ExitCode { get; set; }

    public int RestartCount { get; set; }

    public bool Tty { get; set; }

    public bool OomKilled { get; set; }

    public int Pid { get; set; } = 4242;

    public EngineTimestamp CreatedAt { get; set; } = Epoch;

    public EngineTimestamp StartedAt { get; set; } = Epoch;

    public EngineTimestamp? FinishedAt { get; set; }

    /// <summary>Container port to host port; null when not published.</summary>
    public Dictionary<string, int?> Ports { get; } = [];

    public bool IsRunning => State is "running" or "paused" or "restarting";

    /// <summary>Adds a line to its log.</summary>
    public FakeContainer Logs(string text, EngineTimestamp? at = null, bool stderr = false) =>
        Logs(Encoding.UTF8.GetBytes(text), at, stderr);

    /// <summary>Adds a line of any bytes to its log.</summary>
    public FakeContainer Logs(byte[] line, EngineTimestamp? at = null, bool stderr = false)
    {
        lock (_gate)
        {
            _log.Add(new FakeLogEntry(line, at ?? Epoch, stderr));
            _logChanged.TrySetResult();
            _logChanged = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        return this;
    }

    /// <summary>One action at a time, as a real engine has it.</summary>
    internal SemaphoreSlim Turn { get; } = new(1);

    internal (FakeLogEntry[] Entries, Task Changed) Log()
    {
        lock (_gate)
        {
            return ([.. _log], _logChanged.Task);
        }
    }
}

/// <summary>One line in the log of a <see cref="FakeContainer"/>.</summary>
/// <param name="Line">Its bytes without the line end.</param>
/// <param name="At">When the engine took it.</param>
/// <param name="IsStderr">Which stream.</param>
internal sealed record FakeLogEntry(byte[] Line, EngineTimestamp At, bool IsStderr);
