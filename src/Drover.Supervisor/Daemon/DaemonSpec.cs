namespace Drover.Supervisor.Daemon;

/// <summary>How a supervisor is started in the background.</summary>
public sealed record DaemonSpec
{
    /// <summary>The program that is one when it is given <see cref="Arguments"/>.</summary>
    public required string Executable { get; init; }

    /// <summary>As <c>supervisor run</c> with what its caller was given.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>All of its environment.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>The directory it works on.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>How long it may take until it can be asked. It is ended when it takes longer.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);
}
