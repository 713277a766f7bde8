using Drover.Supervisor.State;

namespace Drover.Supervisor.Components;

/// <summary>
/// The driver of what somebody else launches: it does nothing. The machine never asks it to launch or end anything.
/// </summary>
internal sealed class WatchedDriver : IInstanceDriver
{
    public void Launch(long instance) => throw NotOurs();

    public void CancelLaunch(long instance) => throw NotOurs();

    public void Signal(long instance, string signal) => throw NotOurs();

    public void Kill(long instance) => throw NotOurs();

    public Task<Recovery> RecoverAsync(
        long instance, InstanceRecord? record, CancellationToken cancellationToken) =>
        Task.FromResult<Recovery>(new Recovery.Gone(Cause: null));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static InvalidOperationException NotOurs() => new("an external component has no instances of ours");
}
