using Drover.Core.Redaction;

namespace Drover.Server.Features.Legacy;

/// <summary>
/// Takes secrets out of what an agent of the older protocol sends, before anything is stored: its own redaction misses
/// most forms a secret has, so the server does here what our host agent does before a line leaves its host. Pure.
/// </summary>
internal static class LegacyRedaction
{
    /// <summary>Most characters that are kept of one sentence or line.</summary>
    public const int MostCharacters = 16 * 1024;

    private const string CutMark = " […]";

    public static string Of(string text)
    {
        var redactor = new LogRedactor();
        return Bound(string.Join('\n', text.Split('\n').Select(line => redactor.Redact(line).Text)));
    }

    /// <summary>Lines in order: the body of a key may reach over several.</summary>
    public static IReadOnlyList<string> OfLines(IReadOnlyList<string> lines)
    {
        var redactor = new LogRedactor();
        return [.. lines.Select(line => Bound(redactor.Redact(line ?? string.Empty).Text))];
    }

    /// <summary>Cut last: half a secret no longer looks like one.</summary>
    public static string Bound(string text)
    {
        if (text.Length <= MostCharacters)
        {
            return text;
        }

        var length = MostCharacters - CutMark.Length;
        length -= char.IsHighSurrogate(text[length - 1]) ? 1 : 0;
        return string.Concat(text.AsSpan(0, length), CutMark);
    }
}
