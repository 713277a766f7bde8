namespace Drover.Bench.Supervision;

/// <summary>
/// runit: runsvdir and a runsv for each component. The program itself stands in the place of the usual shell script,
/// to runit's favour. It starts an instance again at once, but a second after the last start at the earliest.
/// </summary>
internal sealed class RunitKeeper(StampProgram program) : DirectoryKeeper(program)
{
    public override string Name => "runit";

    public override (string, string[]) Status => ("sv", ["status", .. Services]);

    protected override (string, string[]) Scanner => ("runsvdir", ["-P", ServiceFolder]);

    /// <summary>On SIGHUP it ends all of them; on SIGTERM it leaves them. Source: runsvdir(8).</summary>
    protected override async Task StopAsync() => await RunAsync("kill", "-HUP", $"{Root}");
}
