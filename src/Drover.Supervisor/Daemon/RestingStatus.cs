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
        if (FileLock.IsHeld(paths.Lock))
        {
            return null;
        }

        using var waiter = new ProcessWaiter(time);
        var launcher = new ProcessLauncher(waiter);
        var run = RunStore.Read(paths.Run);

        // Side by side: an engine that does not answer is waited for once, however many containers there are.
        var looks = document.Components.Select(async one =>
        {
            var record = StateStore.Peek(paths.StateOf(one.Name), NullLogger.Instance);
            var sight = await LookAsync(launcher, docker, record, time, cancellationToken);
            return (Document: one, Record: record, Sight: sight);
        });
        var seen = await Task.WhenAll(looks);
        return new SupervisorStatus
        {
            Version = version,
            PreviousEnd = run is { Clean: true } ? "clean" : null,
            Configuration = run?.Configuration,
            Warnings =
            [
                .. seen.Where(one => one.Sight == Sight.Gone).SelectMany(one => LeftInClear(paths, one.Document)),
            ],
            Components = [.. seen.Select(one => StatusOf(one.Document, one.Record, one.Sight, time))],
        };
    }

    /// <summary>
    /// A container that runs needs the files of its secrets; after its end they are taken away, but by nobody where the
    /// supervisor was killed before.
    /// </summary>
    private static IEnumerable<string> LeftInClear(SupervisorPaths paths, ComponentDocument component)
    {
        var directory = paths.SecretsOf(component.Name);
        return Directory.Exists(directory) && Directory.EnumerateFiles(directory).Any()
            ?
            [
                $"the secrets of \"{component.Name}\" still lie in \"{directory}\", for its container ended when no "
                    + "supervisor ran: the next start takes them away, or remove the files",
            ]
            : [];
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
