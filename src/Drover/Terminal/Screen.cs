using System.Text;
using Drover.Runtime.Configuration;

namespace Drover.Terminal;

/// <summary>
/// Where a verb writes: results to <see cref="Out"/>, everything said about them to <see cref="Error"/>.
/// </summary>
internal sealed class Screen
{
    private const int NarrowestWidth = 40;
    private const int AssumedWidth = 80;
    private const int LowestHeight = 5;
    private const int AssumedHeight = 24;

    public Screen(
        TextWriter output,
        TextWriter error,
        bool outIsTerminal,
        bool errorIsTerminal,
        bool colour,
        Func<int> width,
        Func<int>? height = null)
    {
        Out = output;
        Error = error;
        OutIsTerminal = outIsTerminal;
        ErrorIsTerminal = errorIsTerminal;
        OutPaint = new Paint(colour && outIsTerminal);
        ErrorPaint = new Paint(colour && errorIsTerminal);
        _width = width;
        _height = height ?? (() => AssumedHeight);
    }

    private readonly Func<int> _width;
    private readonly Func<int> _height;

    public TextWriter Out { get; }

    public TextWriter Error { get; }

    public bool OutIsTerminal { get; }

    public bool ErrorIsTerminal { get; }

    public Paint OutPaint { get; }

    public Paint ErrorPaint { get; }

    /// <summary>Columns of the terminal now; only meaningful when there is one.</summary>
    public int Width => Math.Max(NarrowestWidth, _width());

    /// <summary>Lines of the terminal now; only meaningful when there is one.</summary>
    public int Height => Math.Max(LowestHeight, _height());

    /// <summary>This process's standard output and error.</summary>
    public static Screen OfProcess(EnvironmentVariables environment)
    {
        var colour = environment[EnvironmentVariables.NoColor] is null && environment["TERM"] != "dumb";
        return new Screen(
            Writer(1),
            Writer(2),
            StandardStream.IsTerminal(1),
            StandardStream.IsTerminal(2),
            colour,
            TerminalWidth,
            () => StandardStream.TerminalRows(1) ?? AssumedHeight);
    }

    private static StreamWriter Writer(int descriptor) =>
        new(new StandardStream(descriptor), new UTF8Encoding(false), bufferSize: 16 * 1024)
        {
            AutoFlush = false,
            NewLine = "\n",
        };

    private static int TerminalWidth() =>
        StandardStream.TerminalColumns(1) ?? StandardStream.TerminalColumns(2) ?? AssumedWidth;
}
