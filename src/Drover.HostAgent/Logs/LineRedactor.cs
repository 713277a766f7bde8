using Drover.Core.Redaction;
using Drover.Runtime.Docker.Logs;
using Drover.Wire.Commands;

namespace Drover.HostAgent.Logs;

/// <summary>
/// Turns the engine's lines into what may leave the host: redacted, each stream with its own memory, and bounded. Not
/// thread-safe.
/// </summary>
internal sealed class LineRedactor
{
    private readonly LogRedactor _stdout = new();
    private readonly LogRedactor _stderr = new();

    /// <summary>The wire's name of a stream.</summary>
    public static string NameOf(LogSource source) => source is LogSource.Stderr ? "stderr" : "stdout";

    /// <summary>
    /// Redacts the next line; every line is passed through here in order, also those that are not given to anybody.
    /// </summary>
    public LogLineDto Redact(LogLine line)
    {
        var redactor = line.Stream is LogSource.Stderr ? _stderr : _stdout;

        // A terminal ends its lines with CR LF.
        var redacted = redactor.Redact(line.Text.TrimEnd('\r'));
        return new LogLineDto(
            (line.Timestamp ?? default).ToString(),
            NameOf(line.Stream),
            Bound(redacted.Text, line.IsCut),
            redacted.Redacted);
    }

    private static string Bound(string message, bool isCut)
    {
        if (message.Length <= LogBounds.MaxMessageCharacters)
        {
            return isCut ? message + LogBounds.CutMark : message;
        }

        var length =
            LogBounds.MaxMessageCharacters
                - (char.IsHighSurrogate(message[LogBounds.MaxMessageCharacters - 1]) ? 1 : 0);
        return string.Concat(message.AsSpan(0, length), LogBounds.CutMark);
    }
}
