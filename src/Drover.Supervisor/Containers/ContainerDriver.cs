using Drover.Core.Components;
using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Containers;
using Drover.Runtime.Processes;
using Drover.Supervisor.Components;
using Drover.Supervisor.Documents;
using Drover.Supervisor.Logs;
using Drover.Supervisor.State;
using Microsoft.Extensions.Logging;

namespace Drover.Supervisor.Containers;

/// <summary>
/// Instances that are runs of one container. An instance begins with a start of the container and is over when the
/// engine says that it does not run. The engine being away says nothing of it: that is reported, and it is asked again
/// until it answers; a start waits for it (docs/decisions/0088-an-engine-that-is-away.md).
/// </summary>
internal sealed partial class ContainerDriver(
    ContainerDriverParts parts, Func<ContainerLaunch> launch, Func<string> digest, IInstanceReports reports)
    : IInstanceDriver
{
    private const int SignalBase = 128;
    private const int LastSignal = 31;
    private const string SlowEngine = "the Docker Engine does not answer in time; is it overloaded or stopped?";
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RecoveryPatience = TimeSpan.FromSeconds(3);

    private readonly ContainerLauncher _launcher = new(parts);
    private readonly CancellationTokenSource _ending = new();
    private readonly Lock _gate = new();
    private Run? _current;

    public void Launch(long instance)
    {
        var run = Begin(instance);
        _ = LaunchAsync(run);
    }

    public void CancelLaunch(long instance)
    {
        Run? run;
        lock (_gate)
        {
            run = _current;
        }

        try
        {
            if (run is { Container: null } && run.Instance == instance)
            {
                _ = run.Launching.CancelAsync();
            }
        }
        catch (ObjectDisposedException)
        {
            // It has failed by itself meanwhile.
        }
    }

    public void Signal(long instance, string signal) => _ = SendAsync(instance, signal);

    public void Kill(long instance) => _ = SendAsync(instance, "SIGKILL");

    public async Task<Recovery> RecoverAsync(
        long instance, InstanceRecord? record, CancellationToken cancellationToken)
    {
        if (instance == 0)
        {
            return new Recovery.Gone(Cause: null);
        }

        try
        {
            return await LookAsync(instance, record, cancellationToken);
        }
        catch (DockerException error)
        {
            return RecoverUnseen(instance, record, error.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return RecoverUnseen(instance, record, SlowEngine);
        }
    }

    /// <summary>Nothing is watched any more; what runs goes on.</summary>
    public async ValueTask DisposeAsync() => await _ending.CancelAsync();

    private Run Begin(long instance)
    {
        var run = new Run(instance, CancellationTokenSource.CreateLinkedTokenSource(_ending.Token));
        lock (_gate)
        {
            _current = run;
        }

        return run;
    }

    private async Task LaunchAsync(Run run)
    {
        try
        {
            var launchedFrom = digest();
            var (container, logFrom) = await LaunchWhenThereAsync(run);
            if (ContainerLauncher.PolicyConflict(container) is { } conflict)
            {
                Object(run.Instance, conflict);
            }

            run.Container = container.Id;
            parts.Output?.Begin(run.Instance, new ContainerRun(container.Id, logFrom));
            var record = RecordOf(run.Instance, container);
            reports.Launched(
                run.Instance, record with { Launch = launchedFrom, LogFrom = ContainerOutput.NanosOf(logFrom) });
            await WatchAsync(run);
        }
        catch (ContainerLaunchException error)
        {
            Reported(run, () => reports.LaunchFailed(run.Instance, new EndCause.FailedStart(error.Message)));
        }
        catch (OperationCanceledException) when (!_ending.IsCancellationRequested)
        {
            // It was given up before it began, in the middle of a pull perhaps.
            if (run.IsStarting)
            {
                await EndUnansweredAsync();
            }

            Reported(run, () => reports.LaunchFailed(run.Instance, new EndCause.Operator()));
        }
        catch (OperationCanceledException)
        {
            // The supervisor ends and leaves it as it is.
        }
        catch (Exception defect)
        {
            // Not reported as ended: better no instance than two.
            LogDefect(parts.Logger, parts.Component, run.Instance, defect);
        }
    }

    /// <summary>The engine may have carried out a start to which nobody waited for its answer.</summary>
    private async Task EndUnansweredAsync()
    {
        while (true)
        {
            try
            {
                if (await _launcher.FindAsync(launch().ContainerName, _ending.Token) is { } found)
                {
                    await EndAsync(found, _ending.Token);
                }

                return;
            }
            catch (DockerException error)
            {
                LogNoAnswer(parts.Logger, parts.Component, error.Message);
                await Task.Delay(AskAgain, parts.Clock.Time, _ending.Token);
            }
        }
    }

    /// <summary>Returns when the run is over and reported.</summary>
    private async Task WatchAsync(Run run)
    {
        while (true)
        {
            try
            {
                if (run.IsUnseen)
                {
                    // The wait below is answered only at the end.
                    await parts.Docker().System.PingAsync(_ending.Token);
                    See(run);
                }

                var cause = await AwaitEndAsync(run.Container!);
                Reported(run, () => reports.Exited(run.Instance, cause));
                return;
            }
            catch (DockerException error)
            {
                LoseSight(run, error.Message);
                await Task.Delay(AskAgain, parts.Clock.Time, _ending.Token);
            }
        }
    }

    private async Task<EndCause> AwaitEndAsync(string id)
    {
        var containers = parts.Docker().Containers;
        try
        {
            var exit = await containers.WaitAsync(id, WaitCondition.NotRunning, _ending.Token);
            var facts = await containers.InspectAsync(id, _ending.Token);
            return EndOf(facts, exit.StatusCode);
        }
        catch (DockerApiException gone) when (gone.IsNotFound)
        {
            // Somebody removed it, and how it ended went with it.
            return new EndCause.Unknown();
        }
    }

    private async Task SendAsync(long instance, string signal)
    {
        Run? run;
        lock (_gate)
        {
            run = _current;
        }

        if (run is null || run.Instance != instance)
        {
            return;
        }

        if (run.Container is not { } id)
        {
            await run.Launching.CancelAsync();
            return;
        }

        try
        {
            await parts.Docker().Containers.KillAsync(id, signal, _ending.Token);
        }
        catch (DockerApiException over) when (over.IsNotFound || over.IsConflict)
        {
            // It does not run any more; its end is on its way.
        }
        catch (DockerUnavailableException error)
        {
            // Whoever watches it goes on asking, and the machine repeats its kill.
            LoseSight(run, error.Message);
        }
        catch (DockerException error)
        {
            reports.Survived(instance, $"container {id[..12]}: {error.Message}");
        }
        catch (OperationCanceledException)
        {
            // The supervisor ends.
        }
    }

    private async Task<Recovery> LookAsync(
        long instance, InstanceRecord? record, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(RecoveryPatience, parts.Clock.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var found = await _launcher.FindAsync(record?.ContainerName ?? launch().ContainerName, either.Token);
        if (found is null || (record?.ContainerId is { } known && known != found.Id))
        {
            return new Recovery.Gone(Cause: null);
        }

        if (record?.ContainerId is null)
        {
            // The supervisor died between the order to launch and the note of what came of it.
            await EndAsync(found, cancellationToken);
            return new Recovery.Gone(Cause: null);
        }

        parts.Output?.Begin(
            instance, new ContainerRun(found.Id, EngineTimestamp.FromUnixNanos(record.LogFrom)));
        if (!found.State.Running)
        {
            ContainerSecrets.Remove(parts.SecretsDirectory);
            return new Recovery.Gone(found.State.FinishedAt is null ? null : EndOf(found, found.State.ExitCode));
        }

        if (ContainerLauncher.PolicyConflict(found) is { } conflict)
        {
            Object(instance, conflict);
        }

        var run = Begin(instance);
        run.Container = found.Id;
        _ = WatchRecoveredAsync(run);
        return new Recovery.Alive(record, StartedAt(found));
    }

    private async Task WatchRecoveredAsync(Run run)
    {
        try
        {
            await WatchAsync(run);
        }
        catch (OperationCanceledException)
        {
            // The supervisor ends and leaves it as it is.
        }
        catch (Exception defect)
        {
            LogDefect(parts.Logger, parts.Component, run.Instance, defect);
        }
    }

    private async Task EndAsync(ContainerInspect container, CancellationToken cancellationToken)
    {
        if (container.State.Running)
        {
            await parts.Docker().Containers.StopAsync(container.Id, grace: null, cancellationToken);
        }

        ContainerSecrets.Remove(parts.SecretsDirectory);
    }

    /// <summary>A run is over once: its secrets go, and nothing is sent to it any more.</summary>
    private void Reported(Run run, Action report)
    {
        lock (_gate)
        {
            if (_current == run)
            {
                _current = null;
            }
        }

        try
        {
            ContainerSecrets.Remove(parts.SecretsDirectory);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            LogSecretsLeft(parts.Logger, parts.Component, error.Message);
        }

        report();
        run.Launching.Dispose();
    }

    private void Object(long instance, string sentence)
    {
        LogConflict(parts.Logger, parts.Component, sentence);
        reports.Objected(instance, sentence);
    }

    private TimeSpan? StartedAt(ContainerInspect container) => container.State.StartedAt is { } started
        ? parts.Clock.Now - (parts.Clock.Time.GetUtcNow() - started.ToDateTimeOffset())
        : null;

    private static InstanceRecord RecordOf(long instance, ContainerInspect container) => new()
    {
        Instance = instance,
        ContainerId = container.Id,
        ContainerName = container.PlainName,
    };

    /// <summary>
    /// An engine tells an end by signal as a shell does, as 128 and the number of the signal. A program that ends with
    /// such a code by itself is told as if a signal had ended it, as everywhere with containers.
    /// </summary>
    private static EndCause EndOf(ContainerInspect container, int code) => code switch
    {
        _ when container.State.OomKilled => new EndCause.OutOfMemory(),
        > SignalBase and <= SignalBase + LastSignal =>
            new EndCause.Signal(new ProcessSignal(code - SignalBase).Name),
        _ => new EndCause.Exit(code),
    };

    [LoggerMessage(4700, LogLevel.Warning, "{Component}: {Conflict}")]
    private static partial void LogConflict(ILogger logger, string component, string conflict);

    [LoggerMessage(4701, LogLevel.Warning, "{Component}: {Why}; asking again")]
    private static partial void LogNoAnswer(ILogger logger, string component, string why);

    [LoggerMessage(4702, LogLevel.Error, "{Component}: instance {Instance} is not watched any more: a defect")]
    private static partial void LogDefect(ILogger logger, string component, long instance, Exception defect);

    [LoggerMessage(4703, LogLevel.Warning, "{Component}: secrets of the ended container are still there: {Why}")]
    private static partial void LogSecretsLeft(ILogger logger, string component, string why);

    private sealed class Run(long instance, CancellationTokenSource launching)
    {
        internal long Instance => instance;

        internal CancellationTokenSource Launching => launching;

        /// <summary>True from the order to start on; before it there is nothing that could run.</summary>
        internal volatile bool IsStarting;

        /// <summary>Set once it runs.</summary>
        internal volatile string? Container;

        /// <summary>True while the engine does not answer.</summary>
        internal volatile bool IsUnseen;
    }
}
