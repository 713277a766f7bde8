using System.Globalization;

namespace Drover.Runtime.Processes;

/// <summary>A signal of Linux by its number, with the numbers of x86-64 and arm64. Source: signal(7).</summary>
/// <param name="Number">From 1 to 64.</param>
public readonly record struct ProcessSignal(int Number)
{
    /// <summary>Asks a program to end.</summary>
    public static readonly ProcessSignal Terminate = new(15);

    /// <summary>Ends a program unasked.</summary>
    public static readonly ProcessSignal Kill = new(9);

    /// <summary>Lets a stopped program go on.</summary>
    public static readonly ProcessSignal Continue = new(18);

    /// <summary>The first of the real-time signals that the C library leaves to programs.</summary>
    private const int FirstRealTime = 34;

    private const int LastRealTime = 64;

    private static readonly string[] Names =
    [
        "", "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGKILL", "SIGUSR1",
        "SIGSEGV", "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT", "SIGCHLD", "SIGCONT", "SIGSTOP", "SIGTSTP",
        "SIGTTIN", "SIGTTOU", "SIGURG", "SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO", "SIGPWR",
        "SIGSYS",
    ];

    /// <summary>As <c>SIGTERM</c> or <c>SIGRTMIN+3</c>.</summary>
    public string Name => Number switch
    {
        > 0 when Number < Names.Length => Names[Number],
        FirstRealTime => "SIGRTMIN",
        > FirstRealTime and <= LastRealTime =>
            string.Create(CultureInfo.InvariantCulture, $"SIGRTMIN+{Number - FirstRealTime}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"signal {Number}"),
    };

    /// <summary>
    /// True when a stopped process does not notice it before it is continued; SIGKILL it notices, and the signals of
    /// job control are about being stopped.
    /// </summary>
    internal bool WaitsForContinue => Number is not (0 or 9 or 18 or 19 or 20 or 21 or 22);

    /// <summary>
    /// Reads <c>SIGTERM</c>, <c>TERM</c>, <c>sigterm</c>, <c>15</c>, <c>SIGRTMIN+3</c>; false when it is none.
    /// </summary>
    public static bool TryParse(string text, out ProcessSignal signal)
    {
        var name = text.Trim().ToUpperInvariant();
        if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            name = name.StartsWith("SIG", StringComparison.Ordinal) ? name : "SIG" + name;
            number = RealTime(name) ?? Array.IndexOf(Names, name);
        }

        signal = new ProcessSignal(number);
        return number is > 0 and <= LastRealTime;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static int? RealTime(string name)
    {
        const string Prefix = "SIGRTMIN";
        if (!name.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return null;
        }

        var rest = name[Prefix.Length..];
        return rest.Length == 0 ? FirstRealTime
            : rest[0] == '+' && int.TryParse(rest[1..], NumberStyles.None, CultureInfo.InvariantCulture, out var above)
                && above <= LastRealTime - FirstRealTime
                ? FirstRealTime + above
                : -1;
    }
}
