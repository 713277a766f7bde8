using Drover.Core.Redaction;

namespace Drover.HostAgent.Commands;

/// <summary>
/// What may leave the host of a sentence that somebody else wrote (the engine, a registry, an order): no secrets, and
/// not more than a screen of it. Pure; doing it twice changes nothing.
/// </summary>
internal static class SafeText
{
    /// <summary>Most characters that are kept.</summary>
    public const int MaxCharacters = 4096;

    private const string CutMark = " […]";

    /// <summary>The same sentence without its secrets.</summary>
    public static string Of(string text)
    {
        // Cut last: half a key is still a secret, and no longer looks like one.
        var redactor = new LogRedactor();
        var safe = string.Join('\n', text.Split('\n').Select(line => redactor.Redact(line).Text));
        if (safe.Length <= MaxCharacters)
        {
            return safe;
        }

        var length = MaxCharacters - CutMark.Length;
        length -= char.IsHighSurrogate(safe[length - 1]) ? 1 : 0;
        return string.Concat(safe.AsSpan(0, length), CutMark);
    }
}
