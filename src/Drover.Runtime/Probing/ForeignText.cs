using Drover.Core.Redaction;

namespace Drover.Runtime.Probing;

/// <summary>
/// Text that somebody else wrote (a program's output, a line of its log, a server's words), made fit for a sentence of
/// ours: one line, bounded, nothing that moves a cursor, secrets masked.
/// </summary>
internal static class ForeignText
{
    private const int Longest = 300;

    /// <summary>As one line; the beginning is kept when it is too long.</summary>
    public static string OneLine(string text)
    {
        var line = Printable(text.Length > 4 * Longest ? text[..(4 * Longest)] : text);
        return line.Length <= Longest ? line : $"{Cut(line, Longest - 1)}…";
    }

    /// <summary>As one line; the end is kept when it is too long, where programs say why they fail.</summary>
    public static string LastWords(string text)
    {
        var line = Printable(text.Length > 4 * Longest ? text[^(4 * Longest)..] : text);
        return line.Length <= Longest ? line : $"…{line[^(Longest - 1)..].TrimStart()}";
    }

    private static string Printable(string text)
    {
        var lines = text.Split(['\n', '\r'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var masked = string.Join(" | ", lines.Select(line => SecretRedactor.Redact(line).Text));
        return masked.Any(char.IsControl) ? string.Concat(masked.Where(letter => !char.IsControl(letter))) : masked;
    }

    private static string Cut(string text, int length) =>
        char.IsHighSurrogate(text[length - 1]) ? text[..(length - 1)] : text[..length];
}
