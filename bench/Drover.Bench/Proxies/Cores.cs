using System.Globalization;

namespace Drover.Bench.Proxies;

/// <summary>
/// Which processors are whose: the first half for what is measured, the rest for what asks and answers, so that neither
/// takes time from the other and every proxy has the same.
/// </summary>
internal static class Cores
{
    public static int Proxy { get; } = Math.Max(1, Environment.ProcessorCount / 2);

    public static int Load { get; } = Math.Max(1, Environment.ProcessorCount - Proxy);

    /// <summary>A command that runs where proxies run; it becomes the program, with the same process id.</summary>
    public static string[] ForProxy(params string[] command) => On(0, Proxy, command);

    /// <summary>A command that runs where clients and origin run.</summary>
    public static string[] ForLoad(params string[] command) => On(Environment.ProcessorCount - Load, Load, command);

    private static string[] On(int first, int count, string[] command) =>
    [
        "taskset",
        "--cpu-list",
        string.Create(CultureInfo.InvariantCulture, $"{first}-{first + count - 1}"),
        .. command,
    ];
}
