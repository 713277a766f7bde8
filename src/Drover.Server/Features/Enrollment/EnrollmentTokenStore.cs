using Drover.Runtime.Storage;

namespace Drover.Server.Features.Enrollment;

/// <summary>The only code that touches the table <c>enrollment_tokens</c>.</summary>
internal static class EnrollmentTokenStore
{
    public static void Insert(DbSession session, EnrollmentToken token, string hash) => session.Execute(
        """
        INSERT INTO enrollment_tokens (token_id, token_hash, name, created_by, created_at, expires_at, most_uses)
        VALUES (@id, @hash, @name, @by, @at, @expires, @uses)
        """,
        ("@id", token.TokenId),
        ("@hash", hash),
        ("@name", token.Name),
        ("@by", token.CreatedBy),
        ("@at", token.CreatedAt.ToUnixTimeMilliseconds()),
        ("@expires", token.ExpiresAt.ToUnixTimeMilliseconds()),
        ("@uses", token.MostUses));

    public static List<EnrollmentToken> ReadAll(DbSession session) =>
        session.Query("SELECT * FROM enrollment_tokens ORDER BY created_at", Map);

    public static EnrollmentToken? FindByHash(DbSession session, string hash) =>
        session.First("SELECT * FROM enrollment_tokens WHERE token_hash = @hash", Map, ("@hash", hash));

    /// <summary>
    /// Takes one use: one statement that succeeds for exactly as many callers as the token has uses, however many race.
    /// </summary>
    public static bool TryConsume(DbSession session, string hash, DateTimeOffset now) =>
        session.Execute(
            """
            UPDATE enrollment_tokens SET used_at = @now, uses = uses + 1
            WHERE token_hash = @hash AND uses < most_uses AND revoked_at IS NULL AND expires_at > @now
            """,
            ("@now", now.ToUnixTimeMilliseconds()),
            ("@hash", hash)) == 1;

    /// <summary>Notes which key used the token for which host.</summary>
    public static void NoteUse(DbSession session, string tokenId, string keyHash, string hostId, DateTimeOffset now) =>
        session.Execute(
            "INSERT INTO enrollments (token_id, key_hash, host_id, at) VALUES (@token, @key, @host, @now)",
            ("@token", tokenId),
            ("@key", keyHash),
            ("@host", hostId),
            ("@now", now.ToUnixTimeMilliseconds()));

    /// <summary>The host that this key already joined as, with this token, while the token lives; else null.</summary>
    public static string? FindUse(DbSession session, string hash, string keyHash, DateTimeOffset now) => session.First(
        """
        SELECT enrollments.host_id FROM enrollments
        JOIN enrollment_tokens ON enrollment_tokens.token_id = enrollments.token_id
        WHERE token_hash = @hash AND key_hash = @key AND revoked_at IS NULL AND expires_at > @now
        """,
        row => row.Text("host_id"),
        ("@hash", hash),
        ("@key", keyHash),
        ("@now", now.ToUnixTimeMilliseconds()));

    /// <summary>The host that joined with a token for one; null while it is unused.</summary>
    public static string? FindFirstUse(DbSession session, string tokenId) => session.First(
        "SELECT host_id FROM enrollments WHERE token_id = @id ORDER BY at",
        row => row.Text("host_id"),
        ("@id", tokenId));

    public static bool Revoke(DbSession session, string tokenId, DateTimeOffset at) => session.Execute(
        """
        UPDATE enrollment_tokens SET revoked_at = @at
        WHERE token_id = @id AND revoked_at IS NULL AND uses < most_uses
        """,
        ("@at", at.ToUnixTimeMilliseconds()),
        ("@id", tokenId)) == 1;

    /// <summary>Ends all that could still be used and says how many.</summary>
    public static int RevokeAll(DbSession session, DateTimeOffset at) => session.Execute(
        "UPDATE enrollment_tokens SET revoked_at = @at WHERE revoked_at IS NULL AND expires_at > @at",
        ("@at", at.ToUnixTimeMilliseconds()));

    private static EnrollmentToken Map(DbRow row) => new(
        row.Text("token_id"),
        row.TextOrNull("name"),
        row.Text("created_by"),
        row.Time("created_at"),
        row.Time("expires_at"),
        (int)row.Number("most_uses"),
        (int)row.Number("uses"),
        row.TimeOrNull("used_at"),
        row.TimeOrNull("revoked_at"));
}

/// <summary>A token that lets hosts join, one unless it says more; its secret is only known by its hash.</summary>
internal sealed record EnrollmentToken(
    string TokenId,
    string? Name,
    string CreatedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt,
    int MostUses = 1,
    int Uses = 0,
    DateTimeOffset? UsedAt = null,
    DateTimeOffset? RevokedAt = null);
