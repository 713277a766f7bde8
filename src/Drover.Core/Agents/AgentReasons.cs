namespace Drover.Core.Agents;

/// <summary>Why an agent does not serve, as a word for programs; a sentence for people goes with it.</summary>
public static class AgentReasons
{
    /// <summary>Nothing is known of it yet: the Docker Engine has not answered.</summary>
    public const string Unknown = "unknown";

    /// <summary>There is no such service.</summary>
    public const string NoService = "no_service";

    /// <summary>The image of its service cannot be had.</summary>
    public const string ImageMissing = "image_missing";

    /// <summary>No node can take its task.</summary>
    public const string NoNode = "no_node";

    /// <summary>Its task failed or ended.</summary>
    public const string TaskFailed = "task_failed";

    /// <summary>Its task runs where the gateway cannot reach it.</summary>
    public const string NoAddress = "no_address";

    /// <summary>It did not serve within <c>startup_timeout</c>.</summary>
    public const string StartupTimeout = "startup_timeout";

    /// <summary>It fails its health checks.</summary>
    public const string Unhealthy = "unhealthy";

    /// <summary>Swarm has stopped restarting it.</summary>
    public const string RestartExhausted = "restart_exhausted";

    /// <summary>Somebody scaled its service to nothing.</summary>
    public const string ScaledDown = "scaled_down";

    /// <summary>Somebody froze its container.</summary>
    public const string Frozen = "frozen";

    /// <summary>There is no room for it, and all that are awake are in use.</summary>
    public const string Capacity = "capacity";

    /// <summary>The platform refused the order.</summary>
    public const string Refused = "refused";

    /// <summary>The Docker Engine does not answer.</summary>
    public const string EngineUnreachable = "engine_unreachable";

    /// <summary>It is going to sleep.</summary>
    public const string GoingToSleep = "going_to_sleep";
}
