using Drover.Supervisor.Documents;

namespace Drover.Supervisor.Components;

/// <summary>One component at its place: what the user's file says of it, and who runs it.</summary>
internal sealed class ComponentSeat(ComponentDocument document, ComponentRunner runner, ComponentLaunch launch)
{
    private volatile ComponentDocument _document = document;

    internal string Name => runner.Id.Name;

    internal ComponentRunner Runner => runner;

    /// <summary>What its next instance is launched from.</summary>
    internal ComponentLaunch Launch => launch;

    /// <summary>What the file says now.</summary>
    internal ComponentDocument Document
    {
        get => _document;
        set => _document = value;
    }

    internal ComponentView View => runner.View;
}

/// <summary>
/// What is launched next and what the running instance was launched from. The driver reads it, a reload writes it.
/// </summary>
internal sealed class ComponentLaunch(LaunchDocument next)
{
    private volatile LaunchDocument _next = next;

    internal LaunchDocument Next
    {
        get => _next;
        set => _next = value;
    }
}
