using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Drover.Terminal;

/// <summary>
/// Log lines of the roles, on standard error: time, level, part, sentence. What others' libraries say appears from
/// warnings on. Secrets never get here: no role hands one to a log.
/// </summary>
internal sealed class TerminalLogger(Screen screen, TimeProvider time, LogLevel least, bool stackTraces)
    : ILoggerProvider
{
    private const string Ours = "Drover.";
    private const string FrameworkHost = "Microsoft.Extensions.Hosting.Internal.Host";
    private const int StartFailed = 11; // Of the framework's host; the verb says it as a sentence with a hint.
    private readonly Lock _gate = new();

    /// <summary>The level that <c>log_level</c> names.</summary>
    public static LogLevel LevelOf(string name) => name switch
    {
        "debug" => LogLevel.Debug,
        "warning" => LogLevel.Warning,
        "error" => LogLevel.Error,
        _ => LogLevel.Information,
    };

    public ILogger CreateLogger(string categoryName)
    {
        var ours = categoryName.StartsWith(Ours, StringComparison.Ordinal);
        var floor = ours || least >= LogLevel.Warning || least <= LogLevel.Debug ? least : LogLevel.Warning;
        int? silenced = categoryName == FrameworkHost && least > LogLevel.Debug ? StartFailed : null;
        return new Category(this, categoryName[(categoryName.LastIndexOf('.') + 1)..], floor, silenced);
    }

    public void Dispose()
    {
    }

    private void Write(LogLevel level, string category, string message, Exception? error)
    {
        var (word, tone) = level switch
        {
            LogLevel.Trace or LogLevel.Debug => ("debug", Tone.Dim),
            LogLevel.Information => ("info ", Tone.Plain),
            LogLevel.Warning => ("warn ", Tone.Warning),
            _ => ("error", Tone.Bad),
        };
        var now = time.GetLocalNow().ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);
        lock (_gate)
        {
            try
            {
                screen.Error.WriteLine(
                    $"{now} {screen.ErrorPaint.Apply(tone, word)} {category}: {Paint.OneLine(message)}");
                if (error is not null)
                {
                    screen.Error.WriteLine(
                        stackTraces ? error.ToString() : $"    {error.GetType().Name}: {Paint.OneLine(error.Message)}");
                }

                screen.Error.Flush();
            }
            catch (OutputClosedException)
            {
                // Nobody reads the log any more; the role goes on.
            }
        }
    }

    private sealed class Category(TerminalLogger owner, string name, LogLevel floor, int? silenced) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= floor && logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel) && eventId.Id != silenced)
            {
                owner.Write(logLevel, name, formatter(state, exception), exception);
            }
        }
    }
}
