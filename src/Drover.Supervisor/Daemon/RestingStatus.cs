using Drover.Core.Components;
using Drover.Core.Health;
using Drover.Runtime.Files;
using Drover.Runtime.Processes;
using Drover.Supervisor.Components;
using Drover.Supervisor.Control;
using Drover.Supervisor.Documents;
using Drover.Supervisor.State;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Supervisor.Daemon;

/// <summary>
/// The status when no supervisor runs: what its files say, checked against the process table. A process that a killed
/// supervisor left running is shown as running, proven by its identity; its health is unknown, because nobody looks.
/// </summary>
public static class RestingStatus
{
    /// <summary>Reads it. Null when a supervisor holds the directory after all: ask that one.</summary>
    /// <exception cref="IOException">The files cannot be read.</exception>
    public static SupervisorStatus? Read(
        string dataDirectory, SupervisorDocument document, string version, TimeProvider time)
    {
        var paths = new SupervisorPaths(dataDirectory);
        if (!File.Exists(paths.Lock))
        {
            return new SupervisorStatus
            {
                Version = version,
                Components = [.. document.Components.Select(one => StatusOf(one, Record(paths, one), false, time))],
            };
        }

        try
        {
            using var held = FileLock.Acquire(paths.Lock);
            using var waiter = new ProcessWaiter(time);
            var launcher = new ProcessLauncher(waiter);
            return new SupervisorStatus
            {
                Version = version,
                PreviousEnd = RunStore.Read(paths.Run) is { Clean: true } ? "clean" : null,
                Components =
                [
                    .. document.Components.Select(one =>
                    {
                        var record = Record(paths, one);
                        return StatusOf(one, record, IsAlive(launcher, record), time);
                    }),
                ],
            };
        }
        catch (FileLockedException)
        {
            return null;
        }
    }

    private static ComponentRecord? Record(SupervisorPaths paths, ComponentDocument document) =>
        StateStore.Peek(paths.StateOf(document.Name), NullLogger.Instance);

    private static bool IsAlive(ProcessLauncher launcher, ComponentRecord? record)
    {
        if (record is not { Runtime.Phase: not InstancePhase.None, Instance.Process: { } identity })
        {
            return false;
        }

        using var process = (launcher.Adopt(identity) as AdoptOutcome.Alive)?.Process;
        return process is not null;
    }

    private static ComponentStatus StatusOf(
        ComponentDocument document, ComponentRecord? record, bool isAlive, TimeProvider time)
    {
        var isSameBoot = record?.Boot == ProcessIdentity.CurrentBootId;
        var runtime = record switch
        {
            null => ComponentRuntime.Initial,
            _ when isSameBoot && isAlive => record.Runtime,
            _ => record.Runtime.AfterReboot() with { LastRestartAt = isSameBoot ? record.Runtime.LastRestartAt : null },
        };
        var view = new ComponentView
        {
            Component = new Component(new ComponentId(document.Name), document.Spec, runtime),
            Health = HealthState.Initial,
            Instance = isAlive ? record!.Instance : null,
            LastError = record?.LastError,
        };
        return StatusBuilder.Of(document, view, static _ => null, new MonotonicClock(time)) with
        {
            Health = isAlive ? ComponentHealth.Unknown : ComponentHealth.Stopped,
            Ready = false,
            Probes = [],
        };
    }
}
