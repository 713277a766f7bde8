using Drover.Core.Health;

namespace Drover.Runtime.Probing;

/// <summary>A kind of probe, as the reference prints it.</summary>
/// <param name="Name">The key it is written under.</param>
/// <param name="Meaning">What makes it succeed, a sentence.</param>
/// <param name="WhenToUse">When to use it and when not, for whoever has to choose.</param>
public sealed record ProbeType(string Name, string Meaning, string WhenToUse)
{
    /// <summary>What it may be asked for.</summary>
    public IReadOnlyList<ProbeKind> AllowedKinds { get; init; } =
        [ProbeKind.Startup, ProbeKind.Liveness, ProbeKind.Readiness];

    /// <summary>Why it may not be asked for the others; empty where it may be for all.</summary>
    public string Restriction { get; init; } = "";

    /// <summary><see cref="AllowedKinds"/> in words: <c>startup, liveness, readiness</c>.</summary>
    public string AllowedText => string.Join(", ", AllowedKinds.Select(NameOf));

    /// <summary>Whether it may be asked for that.</summary>
    public bool AllowedFor(ProbeKind kind) => AllowedKinds.Contains(kind);

    private static string NameOf(ProbeKind kind) => kind switch
    {
        ProbeKind.Startup => "startup",
        ProbeKind.Liveness => "liveness",
        ProbeKind.Readiness => "readiness",
    };
}
