namespace Drover.Supervisor.Components;

/// <summary>
/// Where loops and probes run: the thread pool, or the one thread of a simulation, which then knows when nothing is
/// left to be done at an instant.
/// </summary>
internal static class Loops
{
    /// <summary>Begins it; never on the caller's thread before it returns.</summary>
    internal static Task Start(this TaskScheduler scheduler, Func<Task> loop) =>
        Task.Factory
            .StartNew(loop, CancellationToken.None, TaskCreationOptions.DenyChildAttach, scheduler)
            .Unwrap();

    /// <summary>As the other, with a result.</summary>
    internal static Task<T> Start<T>(
        this TaskScheduler scheduler, Func<Task<T>> work, CancellationToken cancellationToken) =>
        Task.Factory.StartNew(work, cancellationToken, TaskCreationOptions.DenyChildAttach, scheduler).Unwrap();
}
