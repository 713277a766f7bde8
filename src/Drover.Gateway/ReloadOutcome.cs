namespace Drover.Gateway;

/// <summary>What a reload did.</summary>
/// <param name="Added">Agents that are new.</param>
/// <param name="Removed">Agents that are gone.</param>
/// <param name="NeedRestart">Keys that changed and count from the next start on only.</param>
public sealed record ReloadOutcome(
    IReadOnlyList<string> Added, IReadOnlyList<string> Removed, IReadOnlyList<string> NeedRestart);
