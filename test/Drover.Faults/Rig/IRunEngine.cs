using Drover.Testing.Ledger;

namespace Drover.Faults.Rig;

/// <summary>
/// The Docker Engine of one run and its own record of what happened there: the side of the ledger that no code of ours
/// had a hand in.
/// </summary>
internal interface IRunEngine : IAsyncDisposable
{
    /// <summary>As for DOCKER_HOST.</summary>
    string Address { get; }

    /// <summary>All that happened to the run's containers, in the engine's order.</summary>
    IReadOnlyList<EngineEvent> Events { get; }

    /// <summary>Requests that wait for their answer, for the one who reads a failure.</summary>
    IReadOnlyList<string> Unanswered { get; }

    /// <summary>Makes and starts a container; with an exit code it ends by itself.</summary>
    Task RunAsync(string name, int? exitCode);

    /// <summary>SIGKILL to the container's process.</summary>
    Task KillAsync(string name);

    /// <summary>Takes the container away.</summary>
    Task RemoveAsync(string name);

    /// <summary>
    /// From when on a host agent that was started at <paramref name="started"/> hears what happens here; null when it
    /// never came.
    /// </summary>
    DateTimeOffset? HearsFrom(DateTimeOffset started);
}
