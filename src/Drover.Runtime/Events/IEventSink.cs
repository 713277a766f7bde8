namespace Drover.Runtime.Events;

/// <summary>Something that is told every event of a role, in their order.</summary>
public interface IEventSink
{
    /// <summary>Takes one event. Called by one loop; never waits for a network or for another sink.</summary>
    void Take(RoleEvent one);
}
