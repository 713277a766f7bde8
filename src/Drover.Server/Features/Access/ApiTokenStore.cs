using Drover.Runtime.Storage;

namespace Drover.Server.Features.Access;

/// <summary>
/// The only code that touches the table <c>api_tokens</c>. A role this version does not know reads as the least.
/// </summary>
internal static class ApiTokenStore
{
    public static List<ApiToken> ReadAll(DbSession session) => session.Query(
        "SELECT * FROM api_tokens ORDER BY created_at",
        row => new ApiToken(
            row.Text("token_id"),
            row.Text("token_hash"),
            row.Text("name"),
            Roles.Parse(row.Text("role")) ?? Role.Viewer,
            row.Text("created_by"),
            row.Time("created_at"),
            row.TimeOrNull("expires_at"),
            row.TimeOrNull("last_used_at"),
            row.TimeOrNull("revoked_at")));

    public static void Insert(DbSession session, ApiToken token) => session.Execute(
        """
        INSERT INTO api_tokens (token_id, token_hash, name, role, created_by, created_at, expires_at)
        VALUES (@id, @hash, @name, @role, @by, @at, @expires)
        """,
        ("@id", token.TokenId),
        ("@hash", token.Hash),
        ("@name", token.Name),
        ("@role", Roles.NameOf(token.Role)),
        ("@by", token.CreatedBy),
        ("@at", token.CreatedAt.ToUnixTimeMilliseconds()),
        ("@expires", token.ExpiresAt?.ToUnixTimeMilliseconds()));

    public static bool Revoke(DbSession session, string tokenId, DateTimeOffset at) => session.Execute(
        "UPDATE api_tokens SET revoked_at = @at WHERE token_id = @id AND revoked_at IS NULL",
        ("@at", at.ToUnixTimeMilliseconds()),
        ("@id", tokenId)) == 1;

    public static void SaveLastUsed(DbSession session, string tokenId, DateTimeOffset at) => session.Execute(
        "UPDATE api_tokens SET last_used_at = @at WHERE token_id = @id",
        ("@at", at.ToUnixTimeMilliseconds()),
        ("@id", tokenId));
}

/// <summary>A token of a person or tool; its secret is only known by its hash.</summary>
internal sealed record ApiToken(
    string TokenId,
    string Hash,
    string Name,
    Role Role,
    string CreatedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? LastUsedAt,
    DateTimeOffset? RevokedAt);
