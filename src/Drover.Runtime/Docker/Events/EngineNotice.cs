namespace Drover.Runtime.Docker.Events;

/// <summary>What an <see cref="EngineWatch"/> tells.</summary>
public abstract record EngineNotice
{
    private EngineNotice()
    {
    }

    /// <summary>Something happened at the engine.</summary>
    /// <param name="Event">What.</param>
    public sealed record Happened(DockerEvent Event) : EngineNotice;

    /// <summary>
    /// Events may have been missed before this point: list what you keep a picture of. All events after the moment the
    /// list is asked for will follow, some perhaps seen in the list already.
    /// </summary>
    /// <param name="Reason">Why, for people.</param>
    public sealed record Resync(string Reason) : EngineNotice;

    /// <summary>The engine came, went, hung or answered again.</summary>
    /// <param name="State">What it is now.</param>
    /// <param name="Reason">Why, for people.</param>
    public sealed record StateChanged(EngineState State, string Reason) : EngineNotice;
}

/// <summary>Whether the engine can be worked with.</summary>
public enum EngineState
{
    /// <summary>Not asked yet.</summary>
    Unknown,

    /// <summary>It answers.</summary>
    Up,

    /// <summary>It cannot be reached, or what answers is no engine we can use.</summary>
    Down,

    /// <summary>It takes connections and does not answer.</summary>
    Hung,
}
