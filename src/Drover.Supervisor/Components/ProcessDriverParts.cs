using Drover.Runtime.Processes;
using Microsoft.Extensions.Logging;

namespace Drover.Supervisor.Components;

/// <summary>What a process driver works with.</summary>
internal sealed record ProcessDriverParts
{
    /// <summary>Name of the component.</summary>
    internal required string Component { get; init; }

    /// <summary>Id of the data directory, the first part of every mark.</summary>
    internal required string SupervisorId { get; init; }

    internal required IProcessLauncher Launcher { get; init; }

    /// <summary>Where it writes to.</summary>
    internal required IInstanceLog Log { get; init; }

    /// <summary>
    /// The marks of this supervisor's directory that living processes carried when it started after a crash; nothing
    /// had been launched then.
    /// </summary>
    internal Func<IReadOnlyList<string>> MarksFound { get; init; } = () => [];

    internal required MonotonicClock Clock { get; init; }

    internal required ILogger Logger { get; init; }
}

/// <summary>What shall be launched cannot be worked out; the message is for people.</summary>
internal sealed class LaunchSpecException(string message, Exception? inner = null) : Exception(message, inner);
