using System.Buffers;

namespace Drover.Core.Redaction;

/// <summary>
/// Redacts the lines of one stream in order: <see cref="SecretRedactor"/> for each, and the body of a private key
/// over as many lines as it takes. One instance a stream (stdout and stderr interleave). Not thread-safe.
/// </summary>
public sealed class LogRedactor
{
    // A 16,384-bit RSA key in 64-column PEM has about 200 lines. The bound ends what a program never ended.
    private const int MaxKeyLines = 400;
    private const int PemColumns = 64;
    private const int MinPrefixedBody = 16;

    private static readonly SearchValues<char> Base64 =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=");

    private int _keyLinesLeft;

    /// <summary>Redacts the next line of the stream.</summary>
    public RedactedText Redact(string line)
    {
        if (_keyLinesLeft > 0)
        {
            return RedactWithinKey(line);
        }

        if (IsStrayKeyLine(line))
        {
            return new RedactedText(SecretRedactor.Mask, true);
        }

        _keyLinesLeft = PemScanner.LeavesOpen(line) ? MaxKeyLines : 0;
        return SecretRedactor.Redact(line);
    }

    private RedactedText RedactWithinKey(string line)
    {
        var end = PemScanner.EndOf(line);
        if (end >= 0)
        {
            _keyLinesLeft = 0;
            var body = RedactBody(line[..end]);
            var rest = Redact(line[end..]);
            return new RedactedText(body.Text + rest.Text, body.Redacted || rest.Redacted);
        }

        _keyLinesLeft--;
        return RedactBody(line);
    }

    // Another thread's line may stand between two lines of a key, and a prefix (a time, a service's name) before each.
    private static RedactedText RedactBody(string line)
    {
        var text = line.AsSpan().TrimEnd();
        var start = text.LastIndexOfAny(" \t|") + 1;
        var last = text[start..];
        var isAlone = text[..start].Trim().IsEmpty;
        var isBody = !last.IsEmpty && !last.ContainsAnyExcept(Base64) && (isAlone || last.Length >= MinPrefixedBody);
        return isBody
            ? new RedactedText(string.Concat(text[..start], SecretRedactor.Mask), true)
            : SecretRedactor.Redact(line);
    }

    // The lines that were read may begin in the middle of a key: a full line of base64 alone is one of its body.
    private static bool IsStrayKeyLine(string line)
    {
        var text = line.AsSpan().Trim();
        return text.Length == PemColumns
            && !text.ContainsAnyExcept(Base64)
            && text.ContainsAnyInRange('A', 'Z')
            && text.ContainsAnyInRange('a', 'z')
            && text.ContainsAnyInRange('g', 'z');
    }
}
