using Drover.Runtime.Storage;

namespace Drover.Server.Features.Enrollment;

/// <summary>The only code that touches the table <c>enrollment_tokens</c>.</summary>
internal static class EnrollmentTokenStore
{
    public static void Insert(DbSession session, EnrollmentToken token, string hash) => session.Execute(
        """
        INSERT INTO enrollment_tokens (token_id, token_hash, name, created_by, created_at, expires_at)
        VALUES (@id, @hash, @name, @by, @at, @expires)
        """,
        ("@id", token.TokenId),
        ("@hash", hash),
        ("@name", token.Name),
        ("@by", token.CreatedBy),
        ("@at", token.CreatedAt.ToUnixTimeMilliseconds()),
        ("@expires", token.ExpiresAt.ToUnixTimeMilliseconds()));

    public static List<EnrollmentToken> ReadAll(DbSession session) =>
        session.Query("SELECT * FROM enrollment_tokens ORDER BY created_at", Map);

    public static EnrollmentToken? FindByHash(DbSession session, string hash) =>
        session.First("SELECT * FROM enrollment_tokens WHERE token_hash = @hash", Map, ("@hash", hash));

    /// <summary>
    /// Uses the token up: one statement that succeeds for exactly one caller, however many race.
    /// </summary>
    public static bool TryConsume(DbSession session, string hash, string hostId, string keyHash, DateTimeOffset now) =>
        session.Execute(
            """
            UPDATE enrollment_tokens SET used_at = @now, used_host_id = @host, used_key_hash = @key
            WHERE token_hash = @hash AND used_at IS NULL AND revoked_at IS NULL AND expires_at > @now
            """,
            ("@now", now.ToUnixTimeMilliseconds()),
            ("@host", hostId),
            ("@key", keyHash),
            ("@hash", hash)) == 1;

    public static bool Revoke(DbSession session, string tokenId, DateTimeOffset at) => session.Execute(
        "UPDATE enrollment_tokens SET revoked_at = @at WHERE token_id = @id AND revoked_at IS NULL AND used_at IS NULL",
        ("@at", at.ToUnixTimeMilliseconds()),
        ("@id", tokenId)) == 1;

    private static EnrollmentToken Map(DbRow row) => new(
        row.Text("token_id"),
        row.TextOrNull("name"),
        row.Text("created_by"),
        row.Time("created_at"),
        row.Time("expires_at"),
        row.TimeOrNull("used_at"),
        row.TextOrNull("used_host_id"),
        row.TextOrNull("used_key_hash"),
        row.TimeOrNull("revoked_at"));
}

/// <summary>A one-time token; its secret is only known by its hash.</summary>
internal sealed record EnrollmentToken(
    string TokenId,
    string? Name,
    string CreatedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt,
    DateTimeOffset? UsedAt = null,
    string? UsedHostId = null,
    string? UsedKeyHash = null,
    DateTimeOffset? RevokedAt = null);
