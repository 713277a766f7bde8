namespace Drover.Bench.Supervision;

/// <summary>Ours and all that it is measured beside.</summary>
internal static class Keepers
{
    /// <summary>Ours first; none is started.</summary>
    public static IEnumerable<Keeper> All(string published, StampProgram program)
    {
        yield return new DroverKeeper(published, program);
        yield return new RunitKeeper(program);
        yield return new S6Keeper(program);
        yield return new SupervisordKeeper(program);
        yield return new MonitKeeper(program);
        yield return new Pm2Keeper(program);
    }
}
