namespace Drover.Bench.Supervision;

/// <summary>
/// s6: s6-svscan and an s6-supervise for each component. It waits a second before every start by itself, whatever the
/// run before was.
/// </summary>
internal sealed class S6Keeper(StampProgram program) : DirectoryKeeper(program)
{
    public override string Name => "s6";

    public override (string, string[]) Status => ("s6-svstat", [Services[0]]);

    protected override (string, string[]) Scanner => ("s6-svscan", [ServiceFolder]);
}
