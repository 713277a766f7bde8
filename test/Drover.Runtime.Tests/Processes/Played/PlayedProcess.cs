using Drover.Runtime.Processes;
using Drover.Runtime.Processes.Shim;

namespace Drover.Runtime.Tests.Processes.Played;

/// <summary>
/// This test program, started again, in a part that a test process cannot play itself: one all of whose children are
/// its own, that reaps orphans, or that is process 1. Each line it prints is something that went wrong.
/// </summary>
internal static class PlayedProcess
{
    internal const string Verb = "played";

    internal static readonly string[] ShimArguments = ["played-shim"];

    internal static bool IsShim(string[] arguments) => arguments.SequenceEqual(ShimArguments);

    internal static ExecShim Shim => new(Environment.ProcessPath!, ShimArguments);

    /// <summary>The part, as a thing to launch.</summary>
    internal static LaunchSpec Spec(string part, params string[] before) => new()
    {
        Executable = before.Length > 0 ? before[0] : Environment.ProcessPath!,
        Arguments = before.Length > 0
            ? [.. before[1..], Environment.ProcessPath!, Verb, part]
            : [Verb, part],
        Environment = new Dictionary<string, string>
        {
            ["PATH"] = "/usr/bin:/bin:/usr/sbin:/sbin",
            ["DOTNET_ROOT"] = Environment.GetEnvironmentVariable("DOTNET_ROOT") ?? "",
        },
    };

    internal static async Task<int> RunAsync(string part)
    {
        var faults = part switch
        {
            "reaper" => await ReaperPart.RunAsync(useConsole: false),
            "reaper-with-terminal" => await ReaperPart.RunAsync(useConsole: true),
            "leave-children" => await LeaveChildrenPart.RunAsync(),
            "thousand-launches" => await EndurancePart.RunAsync(1_000),
            "ten-thousand-launches" => await EndurancePart.RunAsync(10_000),
            _ => [$"there is no part \"{part}\""],
        };
        foreach (var fault in faults)
        {
            Console.Out.WriteLine(fault);
        }

        return faults.Count == 0 ? 0 : 1;
    }
}
