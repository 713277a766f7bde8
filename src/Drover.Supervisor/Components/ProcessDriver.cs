using System.Globalization;
using Drover.Core.Components;
using Drover.Runtime.Faults;
using Drover.Runtime.Processes;
using Drover.Supervisor.State;
using Microsoft.Extensions.Logging;

namespace Drover.Supervisor.Components;

/// <summary>
/// Instances that are processes of this machine. An instance is over when its leader has ended and nothing it started
/// is left: until then it is not reported, and so no other is launched. What a crashed leader leaves behind is killed;
/// what a leader that was asked to end leaves behind has until the kill.
/// </summary>
internal sealed partial class ProcessDriver(
    ProcessDriverParts parts, Func<LaunchSpec> launch, Func<string> digest, IInstanceReports reports) : IInstanceDriver
{
    private static readonly TimeSpan KillPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RemainsPause = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource _ending = new();
    private Instance? _current;

    public void Launch(long instance)
    {
        LaunchSpec spec;
        string launchedFrom;
        try
        {
            launchedFrom = digest();
            parts.Log.Begin();
            spec = launch() with { Marker = MarkerOf(instance) };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or LaunchSpecException)
        {
            reports.LaunchFailed(instance, new EndCause.FailedStart(error.Message));
            return;
        }

        switch (parts.Launcher.Launch(spec))
        {
            case LaunchOutcome.Started started:
                FaultPoint.Reach(FaultPoints.LaunchSpawned);
                reports.Launched(
                    instance, Watch(instance, started.Process, spec.ControlGroup) with { Launch = launchedFrom });
                break;
            case LaunchOutcome.Failed { IsLoader: true } failed:
                reports.LaunchFailed(instance, new EndCause.LoaderError(Why(failed)));
                break;
            case LaunchOutcome.Failed failed:
                reports.LaunchFailed(instance, new EndCause.FailedStart(Why(failed)));
                break;
        }
    }

    /// <summary>A launch is over when <see cref="Launch"/> returns.</summary>
    public void CancelLaunch(long instance)
    {
    }

    public void Signal(long instance, string signal)
    {
        if (_current is { } current && current.Number == instance)
        {
            // The reader of the user's file has refused names that are none.
            _ = ProcessSignal.TryParse(signal, out var parsed);
            current.WasAsked = true;
            try
            {
                current.Process.Signal(parsed);
            }
            catch (ObjectDisposedException)
            {
                // It is over, and the report of that is on its way.
            }
        }
    }

    public void Kill(long instance)
    {
        if (_current is { } current && current.Number == instance)
        {
            current.WasAsked = true;
            _ = KillAsync(current);
        }
    }

    public async Task<Recovery> RecoverAsync(
        long instance, InstanceRecord? record, CancellationToken cancellationToken)
    {
        var recovery = await LookAsync(instance, record, cancellationToken);
        var last = await ClearUnrecordedAsync(instance, cancellationToken);
        return recovery is Recovery.Gone gone ? gone with { LastSeen = last } : recovery;
    }

    /// <summary>Nothing is watched any more; what runs goes on.</summary>
    public ValueTask DisposeAsync()
    {
        _ending.Cancel();
        _current?.Process.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<Recovery> LookAsync(
        long instance, InstanceRecord? record, CancellationToken cancellationToken)
    {
        if (instance == 0)
        {
            return new Recovery.Gone(Cause: null);
        }

        var marker = MarkerOf(instance);
        if (record?.Process is not { } identity)
        {
            // The supervisor died between the order to launch and the note of what came of it: whatever was launched
            // carries the mark, and is not old.
            await ClearAsync(identity: null, marker, record?.ControlGroup, cancellationToken);
            return new Recovery.Gone(Cause: null);
        }

        switch (parts.Launcher.Adopt(identity, record.ControlGroup, marker))
        {
            case AdoptOutcome.Alive alive:
                parts.Log.Resume(record.LogFrom);
                Watch(instance, alive.Process, record.ControlGroup);
                return new Recovery.Alive(record, StartedAt: null);
            case AdoptOutcome.Mismatch mismatch:
                LogNotOurs(parts.Logger, identity.Pid, mismatch.Why);
                await ClearAsync(identity, marker, record.ControlGroup, cancellationToken);
                return new Recovery.Gone(Cause: null);
            case AdoptOutcome.Gone gone:
                await ClearAsync(identity, marker, record.ControlGroup, cancellationToken);
                return new Recovery.Gone(gone.Exit is { } exit ? ExitCauses.Of(exit, parts.Log) : null);
            default:
                throw new InvalidOperationException("an adoption has three outcomes");
        }
    }

    /// <summary>
    /// Ends what carries the mark of any other instance: its launch was decided when the disk refused to keep it.
    /// Answers the highest number of these.
    /// </summary>
    private async Task<long> ClearUnrecordedAsync(long recorded, CancellationToken cancellationToken)
    {
        var prefix = MarkerOf(0)[..^1];
        var last = 0L;
        foreach (var marker in parts.MarksFound().Where(one => one.StartsWith(prefix, StringComparison.Ordinal)))
        {
            if (!long.TryParse(marker[prefix.Length..], CultureInfo.InvariantCulture, out var number)
                || number == recorded)
            {
                continue;
            }

            LogUnrecorded(parts.Logger, parts.Component, number);
            await ClearAsync(identity: null, marker, controlGroup: null, cancellationToken);
            last = Math.Max(last, number);
        }

        return last;
    }

    // The cause begins with "could not be started" itself, and most reasons name the program.
    private static string Why(LaunchOutcome.Failed failed) =>
        failed.Why.Contains($"\"{failed.Executable}\"", StringComparison.Ordinal)
            ? failed.Why
            : $"\"{failed.Executable}\": {failed.Why}";

    private string MarkerOf(long instance) =>
        string.Create(CultureInfo.InvariantCulture, $"{parts.SupervisorId}/{parts.Component}/{instance}");

    private InstanceRecord Watch(long instance, ISupervisedProcess process, string? controlGroup)
    {
        var current = new Instance(instance, process);
        _current = current;
        _ = AwaitEndAsync(current);
        return new InstanceRecord
        {
            Instance = instance,
            Process = process.Identity,
            ControlGroup = controlGroup,
            LogFrom = parts.Log.From,
        };
    }

    private async Task AwaitEndAsync(Instance instance)
    {
        try
        {
            var cause = ExitCauses.Of(await instance.Process.Exit, parts.Log);
            if (instance.Process.AnythingLeft())
            {
                reports.Ending(instance.Number, cause);
                await ClearAsync(instance);
            }

            reports.Exited(instance.Number, cause);
            instance.Process.Dispose();
        }
        catch (OperationCanceledException)
        {
            // The supervisor ends and leaves it as it is.
        }
        catch (Exception defect)
        {
            // Not reported as ended: better no instance than two.
            LogDefect(parts.Logger, parts.Component, instance.Number, defect);
        }
    }

    /// <summary>Returns when nothing of the instance is left.</summary>
    private async Task ClearAsync(Instance instance)
    {
        do
        {
            if (instance.WasAsked)
            {
                // Its helpers may be finishing what they do; the machine's grace ends that.
                await Task.Delay(RemainsPause, parts.Clock.Time, _ending.Token);
                continue;
            }

            var survivors = await instance.Process.KillEverythingAsync(KillPatience, _ending.Token);
            TellSurvivors(instance.Number, survivors);
        }
        while (instance.Process.AnythingLeft());
    }

    private async Task KillAsync(Instance instance)
    {
        try
        {
            TellSurvivors(
                instance.Number, await instance.Process.KillEverythingAsync(KillPatience, _ending.Token));
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
        {
            // It is over, or the supervisor is.
        }
        catch (Exception defect)
        {
            LogDefect(parts.Logger, parts.Component, instance.Number, defect);
        }
    }

    private async Task ClearAsync(
        ProcessIdentity? identity, string marker, string? controlGroup, CancellationToken cancellationToken)
    {
        while (true)
        {
            var survivors = await parts.Launcher.KillRemainsAsync(
                identity, marker, controlGroup, KillPatience, cancellationToken);
            if (survivors.Count == 0)
            {
                return;
            }

            LogSurvivors(parts.Logger, parts.Component, Names(survivors));
        }
    }

    private static string Names(IReadOnlyList<Survivor> survivors) => string.Join(
        "; ", survivors.Select(one => $"process {one.Pid} ({one.Command}, state {one.State}): {one.Why}"));

    private void TellSurvivors(long instance, IReadOnlyList<Survivor> survivors)
    {
        if (survivors.Count > 0)
        {
            var names = Names(survivors);
            LogSurvivors(parts.Logger, parts.Component, names);
            reports.Survived(instance, names);
        }
    }

    [LoggerMessage(4301, LogLevel.Warning, "process {Pid} is not what was recorded and is left alone: {Why}")]
    private static partial void LogNotOurs(ILogger logger, int pid, string why);

    [LoggerMessage(4302, LogLevel.Error, "component \"{Component}\" was killed and these live on: {Survivors}")]
    private static partial void LogSurvivors(ILogger logger, string component, string survivors);

    [LoggerMessage(4303, LogLevel.Critical, "ending instance {Instance} of \"{Component}\" failed; it stays as it is")]
    private static partial void LogDefect(ILogger logger, string component, long instance, Exception exception);

    [LoggerMessage(
        4304,
        LogLevel.Warning,
        "instance {Instance} of \"{Component}\" runs although no record names it: the disk refused it; it is ended")]
    private static partial void LogUnrecorded(ILogger logger, string component, long instance);

    private sealed class Instance(long number, ISupervisedProcess process)
    {
        private volatile bool _wasAsked;

        internal long Number => number;

        internal ISupervisedProcess Process => process;

        /// <summary>True from the first signal or kill of ours.</summary>
        internal bool WasAsked
        {
            get => _wasAsked;
            set => _wasAsked = value;
        }
    }
}
