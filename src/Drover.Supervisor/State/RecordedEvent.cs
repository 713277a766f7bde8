using Drover.Core.Components;

namespace Drover.Supervisor.State;

/// <summary>An event that was decided and is not known to be kept for the server.</summary>
public sealed record RecordedEvent
{
    /// <summary>Names the life of the supervisor that numbered it.</summary>
    public required string Stream { get; init; }

    /// <summary>Its number among the component's events of that life.</summary>
    public required long Number { get; init; }

    /// <summary>When it happened.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Its type's name.</summary>
    public required string Type { get; init; }

    /// <summary>Its fields.</summary>
    public required IReadOnlyList<EventField> Fields { get; init; }
}
