using System.Collections.Concurrent;
using Drover.Core.Components;
using Drover.Runtime.Probing;
using Drover.Runtime.Processes;
using Drover.Supervisor.Components;
using Drover.Supervisor.State;

namespace Drover.Supervisor.Tests.Components;

/// <summary>Processes that exist only here, and end, survive or cannot be looked at as a test says.</summary>
internal sealed class PlayedProcesses : IProcessLauncher, ISupervisedProcess, IInstanceLog
{
    private readonly TaskCompletionSource<ProcessExit> _exit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _looks;

    /// <summary>Why nobody can look for what is left; null when one can.</summary>
    internal Exception? Hindrance { get; set; }

    /// <summary>Who does not end.</summary>
    internal IReadOnlyList<Survivor> Survivors { get; set; } = [];

    /// <summary>How often it was looked for what is left.</summary>
    internal int Looks => Volatile.Read(ref _looks);

    public ProcessIdentity Identity { get; } = new("boot", 1000, 1, 0);

    public Task<ProcessExit> Exit => _exit.Task;

    public long From => 0;

    public OutputExtent Extent => default;

    public ILogTap Tap => throw new InvalidOperationException("no probe here reads a log");

    internal void End(int code) => _exit.SetResult(new ProcessExit.Code(code));

    public LaunchOutcome Launch(LaunchSpec spec) => new LaunchOutcome.Started(this);

    public AdoptOutcome Adopt(ProcessIdentity identity, string? controlGroup = null, string? marker = null) =>
        new AdoptOutcome.Gone(new ProcessExit.Code(3));

    public IReadOnlyList<string> Markers(string prefix) => [];

    public Task<IReadOnlyList<Survivor>> KillRemainsAsync(
        ProcessIdentity? identity,
        string? marker,
        string? controlGroup,
        TimeSpan patience,
        CancellationToken cancellationToken) => Task.FromResult(Look());

    public bool Signal(ProcessSignal signal) => true;

    public bool AnythingLeft() => Look().Count > 0;

    public Task<IReadOnlyList<Survivor>> KillEverythingAsync(
        TimeSpan patience, CancellationToken cancellationToken) => Task.FromResult(Look());

    public IReadOnlyList<string> LastLines(OutputExtent extent, int count) => [];

    public ValueTask<IReadOnlyList<string>> LastLinesAsync(OutputExtent extent, int count) =>
        ValueTask.FromResult<IReadOnlyList<string>>([]);

    public void Begin()
    {
    }

    public void Resume(long from)
    {
    }

    public void Dispose()
    {
    }

    private IReadOnlyList<Survivor> Look()
    {
        Interlocked.Increment(ref _looks);
        return Hindrance is { } hindrance ? throw hindrance : Survivors;
    }
}

/// <summary>What a driver has reported, in order.</summary>
internal sealed class KeptReports : IInstanceReports
{
    private readonly ConcurrentQueue<string> _said = new();

    internal IReadOnlyList<string> Said => [.. _said];

    public void Launched(long instance, InstanceRecord record) => _said.Enqueue($"{instance} launched");

    public void LaunchFailed(long instance, EndCause cause) => _said.Enqueue($"{instance} failed: {cause.Message}");

    public void Ending(long instance, EndCause cause) => _said.Enqueue($"{instance} ending: {cause.Message}");

    public void Exited(long instance, EndCause cause) => _said.Enqueue($"{instance} exited: {cause.Message}");

    public void Survived(long instance, string survivors) => _said.Enqueue($"{instance} survived: {survivors}");

    public void Unseen(long instance, string? why) => _said.Enqueue($"{instance} unseen: {why}");

    public void Objected(long instance, string sentence) => _said.Enqueue($"{instance} objected: {sentence}");
}
