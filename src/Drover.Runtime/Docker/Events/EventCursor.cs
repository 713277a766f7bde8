namespace Drover.Runtime.Docker.Events;

/// <summary>
/// Where a watch has got to: the last event seen and all others of that same nanosecond, because the engine's
/// <c>since</c> gives those of its very moment again.
/// </summary>
internal sealed class EventCursor
{
    private readonly HashSet<(string Type, string Action, string? Detail, string ActorId)> _atLast = [];
    private string? _engineId;

    /// <summary>From when on to ask.</summary>
    public EngineTimestamp? Since { get; private set; }

    /// <summary>Why a gap cannot be excluded, or null when a replay of the last event could prove that there is
    /// none.</summary>
    public string? ReasonToResync { get; private set; }

    /// <summary>Begins a connection to the engine of this id, whose clock shows this.</summary>
    public void Meet(string engineId, EngineTimestamp? engineClock)
    {
        var isSame = _engineId == engineId;
        ReasonToResync = (_engineId, isSame, _atLast.Count) switch
        {
            (null, _, _) => "the watch begins",
            (_, false, _) => "another engine answers at this address",
            (_, true, 0) => "the connection to the engine broke before any event was seen",
            _ => null,
        };

        // A clock set back would hide everything until it has caught up.
        if (!isSame || Since > engineClock)
        {
            ReasonToResync ??= "the engine's clock was set back";
            Since = engineClock;
            _atLast.Clear();
        }

        _engineId = engineId;
    }

    public bool IsLast(DockerEvent candidate) => candidate.Time == Since && _atLast.Contains(Key(candidate));

    /// <summary>False when the event was given before.</summary>
    public bool IsNew(DockerEvent happened) => happened.Time != Since || !_atLast.Contains(Key(happened));

    /// <summary>Moves on to an event that has been given.</summary>
    public void Advance(DockerEvent happened)
    {
        // Two events may come the wrong way round by some nanoseconds: the later one stays the mark.
        if (Since is null || happened.Time > Since)
        {
            Since = happened.Time;
            _atLast.Clear();
        }

        if (happened.Time == Since)
        {
            _atLast.Add(Key(happened));
        }
    }

    /// <summary>Begins anew: what was given last did not arrive.</summary>
    public void Forget()
    {
        _engineId = null;
        _atLast.Clear();
    }

    private static (string Type, string Action, string? Detail, string ActorId) Key(DockerEvent happened) =>
        (happened.Type, happened.Action, happened.Detail, happened.ActorId);
}
