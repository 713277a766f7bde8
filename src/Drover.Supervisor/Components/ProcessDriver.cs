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

    /// <summary>At a start: others wait for it only where it is needed, and what does not end by then mostly never
    /// does.</summary>
    private static readonly TimeSpan RecoveryPatience = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RemainsPause = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource _ending = new();
    private Instance? _current;
    private string? _logged;

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
        var (recovery, remains) = Look(instance, record);
        var unrecorded = Unrecorded(instance);
        var last = unrecorded.Select(one => one.Number).DefaultIfEmpty(0).Max();
        var left = await EndAsync(
            [.. remains, .. unrecorded.Select(one => new Remains(null, one.Marker, null))],
            RecoveryPatience,
            Math.Max(instance, last),
            cancellationToken);
        if (recovery is not Recovery.Gone gone)
        {
            _ = EndLaterAsync(last, left, over: null);
            return recovery;
        }

        if (left.Count == 0)
        {
            return gone with { LastSeen = last };
        }

        _ = EndLaterAsync(Math.Max(instance, last), left, gone.Cause ?? new EndCause.Unknown());
        return new Recovery.Ending(gone.Cause) { LastSeen = last };
    }

    /// <summary>Nothing is watched any more; what runs goes on.</summary>
    public ValueTask DisposeAsync()
    {
        _ending.Cancel();
        _current?.Process.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>What became of the recorded instance, and what may be left of it where it does not run.</summary>
    private (Recovery Recovery, IReadOnlyList<Remains> Left) Look(long instance, InstanceRecord? record)
    {
        if (instance == 0)
        {
            return (new Recovery.Gone(Cause: null), []);
        }

        var marker = MarkerOf(instance);
        if (record?.Process is not { } identity)
        {
            // The supervisor died between the order to launch and the note of what came of it: whatever was launched
            // carries the mark, and is not old.
            return (new Recovery.Gone(Cause: null), [new Remains(null, marker, record?.ControlGroup)]);
        }

        var remains = new Remains(identity, marker, record.ControlGroup);
        switch (parts.Launcher.Adopt(identity, record.ControlGroup, marker))
        {
            case AdoptOutcome.Alive alive:
                parts.Log.Resume(record.LogFrom);
                Watch(instance, alive.Process, record.ControlGroup);
                return (new Recovery.Alive(record, StartedAt: null), []);
            case AdoptOutcome.Mismatch mismatch:
                LogNotOurs(parts.Logger, identity.Pid, mismatch.Why);
                return (new Recovery.Gone(Cause: null), [remains]);
            case AdoptOutcome.Gone gone:
                return (new Recovery.Gone(gone.Exit is { } exit ? ExitCauses.Of(exit, parts.Log) : null), [remains]);
            default:
                throw new InvalidOperationException("an adoption has three outcomes");
        }
    }

    /// <summary>Living instances that are not the recorded one: their launch was decided when the disk refused to keep
    /// it.</summary>
    private List<(long Number, string Marker)> Unrecorded(long recorded)
    {
        var prefix = MarkerOf(0)[..^1];
        var found = new List<(long Number, string Marker)>();
        foreach (var marker in parts.MarksFound().Where(one => one.StartsWith(prefix, StringComparison.Ordinal)))
        {
            if (long.TryParse(marker[prefix.Length..], CultureInfo.InvariantCulture, out var number)
                && number != recorded)
            {
                LogUnrecorded(parts.Logger, parts.Component, number);
                found.Add((number, marker));
            }
        }

        return found;
    }

    /// <summary>Ends them side by side. Answers those of which something is left, and tells who that is.</summary>
    private async Task<IReadOnlyList<Remains>> EndAsync(
        IReadOnlyList<Remains> remains, TimeSpan patience, long instance, CancellationToken cancellationToken)
    {
        var ended = await Task.WhenAll(remains.Select(async one =>
            (Remains: one, Survivors: await TryEndAsync(one, patience, cancellationToken))));
        var left = ended.Where(one => one.Survivors is not null).ToList();
        if (left.Count > 0)
        {
            TellSurvivors(instance, string.Join("; ", left.Select(one => one.Survivors)));
        }

        return [.. left.Select(one => one.Remains)];
    }

    /// <summary>Null when nothing of it is left; else who lives on, or why that cannot be told just now.</summary>
    private async Task<string?> TryEndAsync(Remains remains, TimeSpan patience, CancellationToken cancellationToken)
    {
        try
        {
            var survivors = await parts.Launcher.KillRemainsAsync(
                remains.Leader, remains.Marker, remains.ControlGroup, patience, cancellationToken);
            return survivors.Count > 0 ? Names(survivors) : null;
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            return $"whatever is left of it, for nobody can look: {error.Message}";
        }
    }

    /// <summary>Goes on ending what could not be ended at the start, for as long as that takes.</summary>
    /// <param name="instance">Whose it is.</param>
    /// <param name="left">What is left.</param>
    /// <param name="over">How the instance ended, reported when nothing is left; null when another runs.</param>
    private async Task EndLaterAsync(long instance, IReadOnlyList<Remains> left, EndCause? over)
    {
        try
        {
            while (left.Count > 0)
            {
                await Task.Delay(TryAgain, parts.Clock.Time, _ending.Token);
                left = await EndAsync(left, KillPatience, instance, _ending.Token);
            }

            if (over is not null)
            {
                reports.Exited(instance, over);
            }
        }
        catch (OperationCanceledException)
        {
            // The supervisor ends; the next one finds it.
        }
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
            var exit = await instance.Process.Exit;
            while (!await TryConcludeAsync(instance, exit))
            {
                await Task.Delay(TryAgain, parts.Clock.Time, _ending.Token);
            }

            instance.Process.Dispose();
        }
        catch (OperationCanceledException)
        {
            // The supervisor ends and leaves it as it is.
        }
    }

    /// <summary>
    /// True when the end is reported. Not reported as ended while that is not certain, because no instance is better
    /// than two; and so what hinders it, a machine that is out of descriptors, is told, and it is tried again.
    /// </summary>
    private async Task<bool> TryConcludeAsync(Instance instance, ProcessExit exit)
    {
        try
        {
            instance.Cause ??= ExitCauses.Of(exit, parts.Log);
            if (instance.Process.AnythingLeft())
            {
                if (!instance.IsEnding)
                {
                    instance.IsEnding = true;
                    reports.Ending(instance.Number, instance.Cause);
                }

                await ClearAsync(instance);
            }

            reports.Exited(instance.Number, instance.Cause);
            return true;
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            TellHindrance(instance, error);
            return false;
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
        catch (Exception error)
        {
            // The machine orders it again.
            TellHindrance(instance, error);
        }
    }

    private static string Names(IReadOnlyList<Survivor> survivors) => string.Join(
        "; ", survivors.Select(one => $"process {one.Pid} ({one.Command}, state {one.State}): {one.Why}"));

    private void TellSurvivors(long instance, IReadOnlyList<Survivor> survivors)
    {
        if (survivors.Count > 0)
        {
            TellSurvivors(instance, Names(survivors));
        }
    }

    /// <summary>Told again and again, logged once.</summary>
    private void TellSurvivors(long instance, string names)
    {
        if (Interlocked.Exchange(ref _logged, names) != names)
        {
            LogSurvivors(parts.Logger, parts.Component, names);
        }

        reports.Survived(instance, names);
    }

    private void TellHindrance(Instance instance, Exception error)
    {
        if (Interlocked.Exchange(ref _logged, error.Message) != error.Message)
        {
            LogHindered(parts.Logger, parts.Component, instance.Number, error);
        }

        reports.Objected(
            instance.Number,
            $"cannot tell whether all of instance {instance.Number} has ended: {error.Message}; it is tried again "
                + "every second, and nothing is started before");
    }

    [LoggerMessage(4301, LogLevel.Warning, "process {Pid} is not what was recorded and is left alone: {Why}")]
    private static partial void LogNotOurs(ILogger logger, int pid, string why);

    [LoggerMessage(4302, LogLevel.Error, "component \"{Component}\" was killed and these live on: {Survivors}")]
    private static partial void LogSurvivors(ILogger logger, string component, string survivors);

    [LoggerMessage(
        4303,
        LogLevel.Error,
        "cannot tell whether all of instance {Instance} of \"{Component}\" has ended; it is tried again every second")]
    private static partial void LogHindered(
        ILogger logger, string component, long instance, Exception exception);

    [LoggerMessage(
        4304,
        LogLevel.Warning,
        "instance {Instance} of \"{Component}\" runs although no record names it: the disk refused it; it is ended")]
    private static partial void LogUnrecorded(ILogger logger, string component, long instance);

    /// <summary>By which what is left of an instance is found.</summary>
    private sealed record Remains(ProcessIdentity? Leader, string Marker, string? ControlGroup);

    private sealed class Instance(long number, ISupervisedProcess process)
    {
        private volatile bool _wasAsked;

        internal long Number => number;

        internal ISupervisedProcess Process => process;

        /// <summary>How its leader ended; null while it has not. Used by the one task that awaits its end.</summary>
        internal EndCause? Cause { get; set; }

        /// <summary>That something of it is left has been told.</summary>
        internal bool IsEnding { get; set; }

        /// <summary>True from the first signal or kill of ours.</summary>
        internal bool WasAsked
        {
            get => _wasAsked;
            set => _wasAsked = value;
        }
    }
}
