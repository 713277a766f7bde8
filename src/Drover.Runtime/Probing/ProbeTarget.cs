using Drover.Core.Health;

namespace Drover.Runtime.Probing;

/// <summary>
/// What a probe asks, read from the user's words. Each kind is a file of its own with its target, its probe and its
/// row of <see cref="ProbeTypes"/>; a new kind is a new file and a line there.
/// </summary>
public abstract partial record ProbeTarget
{
    /// <summary>Its kind.</summary>
    public abstract ProbeType Type { get; }

    /// <summary>Whether a probe asked for this may ask that; <see cref="Fault"/> says why not.</summary>
    public bool AllowedFor(ProbeKind kind) => Type.AllowedFor(kind);

    /// <summary>Why this cannot be used for a probe of that kind, naming the key; null when it can.</summary>
    public string? Fault(ProbeKind kind) => AllowedFor(kind)
        ? FaultOfValues()
        : $"{Type.Name} is for {Type.AllowedText} only: {Type.Restriction}";

    /// <summary>Makes the probe.</summary>
    internal abstract IProbe CreateProbe(ProbeServices services);

    /// <summary>What is wrong with the values themselves, naming the key; null when nothing is.</summary>
    private protected virtual string? FaultOfValues() => null;
}
