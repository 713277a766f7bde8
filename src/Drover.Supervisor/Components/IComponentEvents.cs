using Drover.Core.Components;
using Drover.Core.Events;
using Drover.Runtime.Probing;
using Drover.Runtime.Uplink;
using Drover.Supervisor.Control;

namespace Drover.Supervisor.Components;

/// <summary>One event about one component.</summary>
internal sealed record ComponentEvent(
    DateTimeOffset At, ComponentId Component, EventType Type, IReadOnlyList<EventField> Fields)
{
    /// <summary>By which a server's spool knows it; null where there is no server.</summary>
    internal EventMark? Mark { get; init; }

    /// <summary>Called once it need not be told again, on any thread.</summary>
    internal Action? Settled { get; init; }

    /// <summary>An earlier life of the supervisor has logged it.</summary>
    internal bool IsRepeated { get; init; }
}

/// <summary>Where events and ends of instances go. Never blocks: it lies on the way from an exit to a launch.</summary>
internal interface IComponentEvents
{
    /// <summary>Something happened.</summary>
    void Emit(ComponentEvent happened);

    /// <summary>An instance ended.</summary>
    /// <param name="entry">All but the log.</param>
    /// <param name="output">What it wrote.</param>
    /// <param name="extent">Which part of that is its own.</param>
    /// <param name="isRepeat">A supervisor that was killed may have told it before; it is kept once.</param>
    /// <param name="kept">Called when it is on disk, on any thread; must not block.</param>
    void Ended(HistoryEntry entry, IComponentOutput output, OutputExtent extent, bool isRepeat, Action kept);
}

/// <summary>What the instances of one component have written.</summary>
internal interface IComponentOutput
{
    /// <summary>What the present instance has written up to now; cheap.</summary>
    OutputExtent Extent { get; }

    /// <summary>What its log probes read.</summary>
    ILogTap Tap { get; }

    /// <summary>
    /// The last lines of an extent, oldest first, secrets taken out; fewer or none where they cannot be had. Bounded in
    /// time.
    /// </summary>
    ValueTask<IReadOnlyList<string>> LastLinesAsync(OutputExtent extent, int count);
}

/// <summary>What the driver of processes needs of their output.</summary>
internal interface IInstanceLog : IComponentOutput
{
    /// <summary>Where the output of the present instance begins.</summary>
    long From { get; }

    /// <summary>The last lines of an extent; from a file they are there at once.</summary>
    IReadOnlyList<string> LastLines(OutputExtent extent, int count);

    /// <summary>A new instance begins to write.</summary>
    /// <exception cref="IOException">There is no file it could write to.</exception>
    void Begin();

    /// <summary>The instance that an earlier supervisor launched goes on writing.</summary>
    void Resume(long from);
}

/// <summary>From one byte, or moment, to another of all a component ever wrote.</summary>
internal readonly record struct OutputExtent(long From, long To);
