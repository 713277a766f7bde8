namespace Drover.Core.Redaction;

/// <summary>
/// What a key's name says of its value, which decides how far the value reaches and what is harmless in it.
/// </summary>
internal enum SecretKind
{
    /// <summary>Nothing secret.</summary>
    None,

    /// <summary>A password: nearly any value is one.</summary>
    Password,

    /// <summary>A token, key, secret or credential: prose and small numbers after it are not.</summary>
    Token,

    /// <summary>An Authorization header: a scheme, then the secret.</summary>
    Authorization,

    /// <summary>A field of a name as harmless as <c>auth</c>, secret when it holds base64 of <c>user:password</c>:
    /// Docker's config.json, npm's .npmrc.</summary>
    Basic,

    /// <summary>A Cookie header: the secret reaches to the end of the header.</summary>
    Cookie,

    /// <summary>A session id, where other software (ZooKeeper) uses the name for harmless numbers.</summary>
    Session,

    /// <summary>A signature, secret only in the query of a signed URL.</summary>
    QuerySignature,
}
