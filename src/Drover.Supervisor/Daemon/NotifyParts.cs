using Drover.Supervisor.Components;

namespace Drover.Supervisor.Daemon;

/// <summary>What a <see cref="NotifyRunner"/> works with.</summary>
internal sealed record NotifyParts
{
    /// <summary>Who has put this process into the background and waits; most often nobody.</summary>
    internal required NotifySocket Starter { get; init; }

    /// <summary>The service manager.</summary>
    internal required NotifySocket Manager { get; init; }

    /// <summary>Within it the manager wants a word; null: it does not.</summary>
    internal required TimeSpan? Watchdog { get; init; }

    /// <summary>Returns when every loop that keeps components has answered.</summary>
    internal required Func<CancellationToken, Task> Ping { get; init; }

    /// <summary>The present state in one line.</summary>
    internal required Func<string> Status { get; init; }

    /// <summary>Completes when the line may have become another; taken before looking.</summary>
    internal required Func<Task> NextChange { get; init; }

    internal required MonotonicClock Clock { get; init; }
}
