using System.Collections.Frozen;

namespace Drover.Core.Redaction;

/// <summary>
/// Decides by a key's name whether its value is secret. The name is cut into words at separators and at changes of
/// case; the last word that names a secret decides, unless a word after it says that the value is something else
/// (<c>password_file</c>, <c>token_count</c>, <c>secretName</c>).
/// </summary>
internal static class SecretKeys
{
    /// <summary>Longest key looked at; a longer one is cut on the left.</summary>
    public const int MaxLength = 64;

    /// <summary>Shortest key looked at: <c>pw</c>.</summary>
    public const int MinLength = 2;

    private const int MaxWords = 16;

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Harmless = Set(
        """
        file files path dir name names count counts type types expires expiry expiration expired exp length len
        size age ttl policy changed change updated created rotated id ids url uri enabled disabled required min
        max limit limits ref version bucket usage used uses reset attempts retries field column algorithm algo
        arn manager store kind mode status state issuer audience method endpoint header headers host port
        rotation provider at in on valid invalid present set ok error errors index position pos budget per rate
        cost lookup source location prefix suffix hint strength validator generator service controller request
        response review namespace selector lifetime timeout duration interval mount volume not is encryption
        format auth authentication login ring cmd command callback scope scopes user username users based
        factory filter encoder provider server client total left remaining ms seconds sec days date time policy
        check checks jar domain samesite consent banner
        """);

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> KeyQualifiers = Set(
        """
        api access private secret encryption encrypt signing sign master auth shared session ssh deploy storage
        account webhook app application jwt hmac crypto service license subscription functions openai anthropic
        stripe
        """);

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> PassQualifiers = Set(
        """
        db database user usr smtp mail email imap mysql maria mariadb postgres postgresql pg redis mongo
        rabbitmq amqp mqtt root admin ftp sftp ldap login auth http proxy key store basic cert bind account my
        sql vnc ssh sudo
        """);

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> HarmlessTokenQualifiers = Set(
        "page continue continuation cancellation cancel sync delta unexpected special bos eos pad unk next first last "
            + "total max min per");

    private static readonly string[] PasswordEnds =
        ["password", "passwords", "passwd", "passphrase", "passwort", "requirepass", "dbpass", "userpass"];
    private static readonly string[] TokenEnds = ["token", "secret", "credential", "credentials", "creds"];

    private static readonly string[] KeyEnds =
    [
        "apikey", "secretkey", "accesskey", "privatekey", "authkey", "signingkey", "encryptionkey", "accountkey",
        "masterkey",
    ];

    /// <summary>What the value of this key is.</summary>
    public static SecretKind Classify(ReadOnlySpan<char> key)
    {
        key = key.Length > MaxLength ? key[^MaxLength..] : key;
        if (key.Length < MinLength)
        {
            return SecretKind.None;
        }

        Span<char> lower = stackalloc char[MaxLength];
        Span<Range> words = stackalloc Range[MaxWords];
        var count = Split(key, lower, words);
        for (var index = count - 1; index >= 0; index--)
        {
            var word = TrimDigits(lower[words[index]]);
            var previous = index > 0 ? lower[words[index - 1]] : [];
            var kind = ClassifyWord(word, previous, index == count - 1);
            if (kind is not SecretKind.None)
            {
                return kind;
            }

            // Vault's AppRole secret_id is the one secret whose name ends like a name.
            var vaultSecret = word is "id" && previous is "secret";
            if (Harmless.Contains(word) && !vaultSecret)
            {
                return IsSessionId(word, previous) ? SecretKind.Session : SecretKind.None;
            }
        }

        return SecretKind.None;
    }

    /// <summary>True when the key's name has a word after the one that names the secret, as class names have.</summary>
    public static bool EndsInSecretWord(ReadOnlySpan<char> key)
    {
        Span<char> lower = stackalloc char[MaxLength];
        Span<Range> words = stackalloc Range[MaxWords];
        key = key.Length > MaxLength ? key[^MaxLength..] : key;
        var count = Split(key, lower, words);
        return count > 0
            && ClassifyWord(TrimDigits(lower[words[count - 1]]), count > 1 ? lower[words[count - 2]] : [], true)
                is not SecretKind.None;
    }

    /// <summary>True when the value is several words: a passphrase.</summary>
    public static bool NamesPhrase(ReadOnlySpan<char> key) =>
        key.TrimEnd("0123456789").EndsWith("passphrase", StringComparison.OrdinalIgnoreCase);

    /// <summary>True when the word before a spaced <c>key</c> makes it secret: "access key: ...".</summary>
    public static bool QualifiesKey(ReadOnlySpan<char> word)
    {
        Span<char> lower = stackalloc char[MaxLength];
        return word.Length <= MaxLength && KeyQualifiers.Contains(lower[..word.ToLowerInvariant(lower)]);
    }

    private static SecretKind ClassifyWord(ReadOnlySpan<char> word, ReadOnlySpan<char> previous, bool isLast) =>
        word switch
        {
            "pwd" => SecretKind.Password,
            "pw" when isLast => SecretKind.Token,
            "auth" when isLast => SecretKind.Basic,
            "pass" when PassQualifiers.Contains(previous) => SecretKind.Password,
            "key" when KeyQualifiers.Contains(previous) => SecretKind.Token,
            "authorization" => SecretKind.Authorization,
            "cookie" or "cookies" => SecretKind.Cookie,
            "sessionid" or "phpsessid" or "jsessionid" => SecretKind.Session,
            "sid" when previous is "connect" => SecretKind.Session,
            "sig" or "signature" when isLast => SecretKind.QuerySignature,
            "token" when HarmlessTokenQualifiers.Contains(previous) => SecretKind.None,
            _ when EndsInAny(word, PasswordEnds) => SecretKind.Password,
            _ when word.Length > 3 && word.EndsWith("pwd", StringComparison.Ordinal) && word is not "oldpwd" =>
                SecretKind.Password,
            _ when EndsInAny(word, TokenEnds) || EndsInAny(word, KeyEnds) => SecretKind.Token,
            _ => SecretKind.None,
        };

    private static bool IsSessionId(ReadOnlySpan<char> word, ReadOnlySpan<char> previous) =>
        word is "id" && previous is "session";

    private static bool EndsInAny(ReadOnlySpan<char> word, string[] ends)
    {
        foreach (var end in ends)
        {
            if (word.EndsWith(end, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private static ReadOnlySpan<char> TrimDigits(ReadOnlySpan<char> word) => word.TrimEnd("0123456789");

    private static int Split(ReadOnlySpan<char> key, Span<char> lower, Span<Range> words)
    {
        var count = 0;
        var start = 0;
        for (var index = 0; index <= key.Length; index++)
        {
            var atEnd = index == key.Length;
            var atSeparator = !atEnd && !char.IsAsciiLetterOrDigit(key[index]);
            if (atEnd || atSeparator || StartsWord(key, index))
            {
                if (index > start && count < words.Length)
                {
                    words[count++] = start..index;
                }

                start = atSeparator ? index + 1 : index;
            }

            if (!atEnd)
            {
                lower[index] = char.ToLowerInvariant(key[index]);
            }
        }

        return count;
    }

    private static bool StartsWord(ReadOnlySpan<char> key, int index)
    {
        if (index == 0 || !char.IsAsciiLetterUpper(key[index]))
        {
            return false;
        }

        var afterLower = char.IsAsciiLetterLower(key[index - 1]) || char.IsAsciiDigit(key[index - 1]);
        var endsAcronym = char.IsAsciiLetterUpper(key[index - 1])
            && index + 1 < key.Length && char.IsAsciiLetterLower(key[index + 1]);
        return afterLower || endsAcronym;
    }

    private static FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Set(string words) =>
        words.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries)
            .ToFrozenSet(StringComparer.Ordinal)
            .GetAlternateLookup<ReadOnlySpan<char>>();
}
