using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Containers;
using Drover.Supervisor.Components;
using Drover.Supervisor.Logs;
using Drover.Supervisor.State;

namespace Drover.Supervisor.Containers;

/// <summary>What is done while the engine does not answer.</summary>
internal sealed partial class ContainerDriver
{
    /// <summary>An engine that is away is no fault of the component's: its start waits, and counts as no try.</summary>
    private async Task<(ContainerInspect Container, EngineTimestamp LogFrom)> LaunchWhenThereAsync(Run run)
    {
        while (true)
        {
            try
            {
                var started = await _launcher.LaunchAsync(
                    launch(), () => run.IsStarting = true, run.Launching.Token);
                See(run);
                return started;
            }
            catch (ContainerLaunchException error)
                when (error.InnerException is DockerUnavailableException
                {
                    Failure: not (DockerFailure.Denied or DockerFailure.BadAnswer),
                })
            {
                LoseSight(run, error.Message);
                await Task.Delay(AskAgain, parts.Clock.Time, run.Launching.Token);
            }
        }
    }

    private void LoseSight(Run run, string why)
    {
        if (!run.IsUnseen)
        {
            run.IsUnseen = true;
            LogNoAnswer(parts.Logger, parts.Component, why);
        }

        reports.Unseen(run.Instance, why);
    }

    private void See(Run run)
    {
        if (run.IsUnseen)
        {
            run.IsUnseen = false;
            reports.Unseen(run.Instance, why: null);
        }
    }

    /// <summary>
    /// It is taken for running, and shown as unseen, until the engine says what became of it. A start that was never
    /// noted needs no looking for: what it made is found by its name before another is made.
    /// </summary>
    private Recovery RecoverUnseen(long instance, InstanceRecord? record, string why)
    {
        if (record?.ContainerId is not { } id)
        {
            LogNoAnswer(parts.Logger, parts.Component, why);
            return new Recovery.Gone(Cause: null);
        }

        parts.Output?.Begin(instance, new ContainerRun(id, EngineTimestamp.FromUnixNanos(record.LogFrom)));
        var run = Begin(instance);
        run.Container = id;
        LoseSight(run, why);
        _ = WatchRecoveredAsync(run);
        return new Recovery.Alive(record, StartedAt: null);
    }
}
