using Drover.Core.Components;
using Drover.Core.Health;
using Drover.Runtime.Docker;
using Drover.Runtime.Files;
using Drover.Runtime.Processes;
using Drover.Supervisor.Components;
using Drover.Supervisor.Control;
using Drover.Supervisor.Documents;
using Drover.Supervisor.State;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Supervisor.Daemon;

/// <summary>
/// The status when no supervisor runs: what its files say, checked against the process table and the Docker Engine. An
/// instance that a killed supervisor left running is shown as running, proven by its identity; its health is unknown,
/// because nobody looks. What cannot be told is said to be unknown, never guessed.
/// </summary>
public static class RestingStatus
{
    // The engine is on this machine, or as good as; whoever asks for a status does not want to wait for it.
    private static readonly TimeSpan EnginePatience = TimeSpan.FromSeconds(3);

    /// <summary>Reads it. Null when a supervisor holds the directory after all: ask that one.</summary>
    /// <param name="dataDirectory">Of the supervisor.</param>
    /// <param name="document">What the user's file says.</param>
    /// <param name="version">Of the executable.</param>
    /// <param name="docker">Makes a client of the Docker Engine; asked only when a container may run.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">The files cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read them.</exception>
    public static async Task<SupervisorStatus?> ReadAsync(
        string dataDirectory,
        SupervisorDocument document,
        string version,
        Func<DockerClient> docker,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(document);
        var paths = new SupervisorPaths(dataDirectory);
        if (!File.Exists(paths.Lock))
        {
            return new SupervisorStatus
            {
                Version = version,
                Components = [.. document.Components.Select(one => StatusOf(one, null, Sight.Gone, time))],
            };
        }

        try
        {
            using var held = FileLock.Acquire(paths.Lock);
            using var waiter = new ProcessWaiter(time);
            var launcher = new ProcessLauncher(waiter);
            var run = RunStore.Read(paths.Run);
            var components = new List<ComponentStatus>();
            foreach (var one in document.Components)
            {
                var record = StateStore.Peek(paths.StateOf(one.Name), NullLogger.Instance);
                var sight = await LookAsync(launcher, docker, record, time, cancellationToken);
                components.Add(StatusOf(one, record, sight, time));
            }

            return new SupervisorStatus
            {
                Version = version,
                PreviousEnd = run is { Clean: true } ? "clean" : null,
                Configuration = run?.Configuration,
                Components = components,
            };
        }
        catch (FileLockedException)
        {
            return null;
        }
    }

    private static async Task<Sight> LookAsync(
        ProcessLauncher launcher,
        Func<DockerClient> docker,
        ComponentRecord? record,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (record is not { Runtime.Phase: not InstancePhase.None, Instance: { } instance }
            || record.Boot != ProcessIdentity.CurrentBootId)
        {
            return Sight.Gone;
        }

        if (instance.Process is { } identity)
        {
            using var process = (launcher.Adopt(identity) as AdoptOutcome.Alive)?.Process;
            return process is not null ? Sight.Alive : Sight.Gone;
        }

        if (instance.ContainerId is not { } id)
        {
            return Sight.Gone;
        }

        using var limit = new CancellationTokenSource(EnginePatience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var client = docker();
            return (await client.Containers.InspectAsync(id, either.Token)).State.Running ? Sight.Alive : Sight.Gone;
        }
        catch (DockerApiException gone) when (gone.IsNotFound)
        {
            return Sight.Gone;
        }
        catch (DockerException error)
        {
            return new Sight(false, $"cannot tell whether the container runs: {error.Message}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new Sight(false, "cannot tell whether the container runs: the Docker Engine does not answer");
        }
    }

    private static ComponentStatus StatusOf(
        ComponentDocument document, ComponentRecord? record, Sight sight, TimeProvider time)
    {
        var isSameBoot = record?.Boot == ProcessIdentity.CurrentBootId;
        var isSeen = sight.IsAlive || sight.Doubt is not null;
        var runtime = record switch
        {
            null => ComponentRuntime.Initial,
            _ when isSeen => record.Runtime,
            _ => record.Runtime.AfterReboot() with
            {
                LastRestartAt = isSameBoot ? record.Runtime.LastRestartAt : null,
                LastRestartCause = isSameBoot ? record.Runtime.LastRestartCause : null,
            },
        };
        var view = new ComponentView
        {
            Component = new Component(new ComponentId(document.Name), document.Spec, runtime),
            Health = HealthState.Initial,
            Instance = isSeen ? record!.Instance : null,
            LastError = sight.Doubt ?? record?.LastError,
        };
        var isWatchedByNobody = document.Spec.Ownership is Ownership.Watched;
        return StatusBuilder.Of(document, view, static _ => null, new MonotonicClock(time)) with
        {
            Health = isSeen || isWatchedByNobody ? ComponentHealth.Unknown : ComponentHealth.Stopped,
            Ready = false,
            Probes = [],
        };
    }

    /// <summary>What was seen of a recorded instance; with a doubt nothing was.</summary>
    private sealed record Sight(bool IsAlive, string? Doubt)
    {
        internal static readonly Sight Alive = new(true, null);
        internal static readonly Sight Gone = new(false, null);
    }
}
