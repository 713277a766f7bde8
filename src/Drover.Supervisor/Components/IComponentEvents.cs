using Drover.Core.Components;
using Drover.Core.Events;
using Drover.Supervisor.Control;

namespace Drover.Supervisor.Components;

/// <summary>One event about one component.</summary>
internal sealed record ComponentEvent(
    DateTimeOffset At, ComponentId Component, EventType Type, IReadOnlyList<EventField> Fields);

/// <summary>Where events and ends of instances go. Never blocks: it lies on the way from an exit to a launch.</summary>
internal interface IComponentEvents
{
    /// <summary>Something happened.</summary>
    void Emit(ComponentEvent happened);

    /// <summary>An instance ended.</summary>
    /// <param name="entry">All but the log.</param>
    /// <param name="output">What it wrote.</param>
    /// <param name="position">Where its output ended; later bytes are another instance's.</param>
    void Ended(HistoryEntry entry, IComponentOutput output, long position);
}

/// <summary>What the instances of one component have written.</summary>
internal interface IComponentOutput
{
    /// <summary>How much there is now; cheap.</summary>
    long Position { get; }

    /// <summary>The last lines before a position, oldest first, secrets taken out.</summary>
    IReadOnlyList<string> LinesBefore(long position, int count);
}
