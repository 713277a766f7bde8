namespace Drover.Server;

/// <summary>What only the first start of a data directory gives.</summary>
/// <param name="AdminToken">
/// An API token with the role admin; shown once, stored as a hash. Never printed by ToString.
/// </param>
public sealed record FirstRun(string AdminToken)
{
    /// <summary>The token is never printed.</summary>
    public override string ToString() => "FirstRun { }";
}
