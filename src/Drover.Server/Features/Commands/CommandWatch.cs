using System.Collections.Concurrent;

namespace Drover.Server.Features.Commands;

/// <summary>Wakes those who wait for a command to end.</summary>
internal sealed class CommandWatch
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _watched = new(StringComparer.Ordinal);

    /// <summary>Completes when the command reaches a final state. Take it first, then look at the state.</summary>
    public Task EndOf(string commandId) =>
        _watched.GetOrAdd(
            commandId, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void Ended(string commandId)
    {
        if (_watched.TryRemove(commandId, out var waiting))
        {
            waiting.TrySetResult();
        }
    }
}
