using Microsoft.Win32.SafeHandles;

namespace Drover.Runtime.Processes;

/// <summary>
/// What to start. Everything is said here and nothing is inherited: not the environment, not a descriptor, not a
/// handled or ignored signal, not the session.
/// </summary>
public sealed record LaunchSpec
{
    /// <summary>The variable that carries <see cref="Marker"/>.</summary>
    public const string MarkerVariable = "DROVER_COMPONENT_INSTANCE";

    /// <summary>
    /// A path, from <see cref="WorkingDirectory"/> when it is relative; without a slash it is looked up in the
    /// <c>PATH</c> of <see cref="Environment"/>.
    /// </summary>
    public required string Executable { get; init; }

    /// <summary>After the program's own name.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>All of it.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Absolute.</summary>
    public string WorkingDirectory { get; init; } = "/";

    /// <summary>
    /// Absolute. Opened by the child for appending, made with mode 0640; standard output and standard error share the
    /// one descriptor, which alone keeps their order. Null: both are thrown away.
    /// </summary>
    public string? OutputPath { get; init; }

    /// <summary>An open descriptor in the place of <see cref="OutputPath"/>. The caller keeps it.</summary>
    public SafeFileHandle? Output { get; init; }

    /// <summary>
    /// Tells this instance from all others, ever; handed to it and so to all its descendants in
    /// <see cref="MarkerVariable"/>. What escapes its session is found by it. Null: nothing is handed over.
    /// </summary>
    public string? Marker { get; init; }

    /// <summary>
    /// <c>name</c>, <c>name:group</c> or numbers; null stays who we are. Needs <see cref="Shim.ExecShim"/>.
    /// </summary>
    public string? User { get; init; }

    /// <summary>Null changes none. Needs <see cref="Shim.ExecShim"/>.</summary>
    public ResourceLimits? Limits { get; init; }

    /// <summary>Name below the tree of <see cref="ControlGroups"/>; null: none.</summary>
    public string? ControlGroup { get; init; }
}
