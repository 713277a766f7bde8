namespace Drover.Roles;

/// <summary>
/// What the runtime is told for a role that waits nearly all the time: no second compilation of what runs often, a
/// nursery of 2 MiB instead of one as large as the processor's cache, and no thread that spins for a while before it
/// sleeps, which is most of what a supervisor with a hundred probes otherwise spends. They are read before any code of
/// ours, so that only whoever starts the process can say them; our units say the same (docs/decisions/0045, 0082 and
/// 0083).
/// </summary>
internal static class QuietRuntime
{
    public static readonly IReadOnlyDictionary<string, string> Variables = new Dictionary<string, string>
    {
        ["DOTNET_TieredCompilation"] = "0",
        ["DOTNET_GCgen0size"] = "200000",
        ["DOTNET_ThreadPool_UnfairSemaphoreSpinLimit"] = "0",
    };
}
