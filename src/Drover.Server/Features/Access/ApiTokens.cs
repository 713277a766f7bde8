using System.Collections.Concurrent;
using Drover.Core.Audit;
using Drover.Core.Trust;
using Drover.Runtime.Storage;
using Drover.Server.Features.Audit;
using Drover.Server.Features.Events;

namespace Drover.Server.Features.Access;

/// <summary>
/// The tokens of people and tools: made, found by the hash of what was sent, revoked. Kept in memory for the lookup
/// that every request makes; when one was last used is stored seldom.
/// </summary>
internal sealed class ApiTokens(Database database, EventLog events, AuditLog audit, TimeProvider time)
{
    private static readonly TimeSpan LastUsedStep = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, ApiToken> _byHash = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, CancellationTokenSource> _revocations = new(StringComparer.Ordinal);

    /// <summary>Reads what is stored and says whether any token was ever made.</summary>
    public async Task<bool> LoadAsync(CancellationToken cancellationToken)
    {
        var all = await database.ReadAsync(ApiTokenStore.ReadAll, cancellationToken);
        foreach (var token in all)
        {
            _byHash[token.Hash] = token;
        }

        return all.Count > 0;
    }

    /// <summary>Makes a token; its secret is in the answer and nowhere else.</summary>
    public async Task<(ApiToken Token, SecretToken Secret)> CreateAsync(
        string name, Role role, TimeSpan? life, AuditActor by, CancellationToken cancellationToken)
    {
        var secret = SecretToken.Create(SecretToken.ApiPrefix);
        var now = time.GetUtcNow();
        var token = new ApiToken(
            Guid.NewGuid().ToString(),
            secret.Hash,
            name,
            role,
            by.Name,
            now,
            life is null ? null : now + life,
            null,
            null);
        await database.WriteAsync(
            session =>
            {
                ApiTokenStore.Insert(session, token);
                events.Append(
                    session, TokenEvents.Created(token.TokenId, "api", name, Roles.NameOf(role), by.Name, now));
                audit.Append(
                    session,
                    by,
                    AuditActions.TokenCreate,
                    token.TokenId,
                    AuditOutcomes.Done,
                    ("name", name),
                    ("role", Roles.NameOf(role)),
                    ("expires", token.ExpiresAt?.ToString("O")));
            },
            cancellationToken);
        _byHash[token.Hash] = token;
        return (token, secret);
    }

    /// <summary>The valid token of that secret, or null.</summary>
    public ApiToken? Find(SecretToken secret)
    {
        var now = time.GetUtcNow();
        if (!_byHash.TryGetValue(secret.Hash, out var token) || token.RevokedAt is not null || token.ExpiresAt <= now)
        {
            return null;
        }

        if (token.LastUsedAt is not { } used || now - used >= LastUsedStep)
        {
            NoteUse(token, now);
        }

        return token;
    }

    /// <summary>Takes a token back; false when there is none of that id or it was taken back before.</summary>
    public async Task<bool> RevokeAsync(string tokenId, AuditActor by, CancellationToken cancellationToken)
    {
        var token = _byHash.Values.FirstOrDefault(candidate => candidate.TokenId == tokenId);
        if (token is null or { RevokedAt: not null })
        {
            return false;
        }

        var now = time.GetUtcNow();

        // In memory first: a revoked token must not open anything while the disk is slow.
        _byHash[token.Hash] = token with { RevokedAt = now };
        if (_revocations.TryRemove(tokenId, out var revocation))
        {
            await revocation.CancelAsync();
        }

        return await database.WriteAsync(
            session =>
            {
                // False when somebody else was a moment faster: then it is theirs in the events and the audit.
                var revoked = ApiTokenStore.Revoke(session, tokenId, now);
                if (revoked)
                {
                    events.Append(session, TokenEvents.Revoked(tokenId, token.Name, by.Name, now));
                    audit.Append(
                        session, by, AuditActions.TokenRevoke, tokenId, AuditOutcomes.Done, ("name", token.Name));
                }

                return revoked;
            },
            cancellationToken);
    }

    /// <summary>Cancelled when that token is taken back; at once when it was before.</summary>
    public CancellationToken Revocation(ApiToken token)
    {
        var revocation = _revocations.GetOrAdd(token.TokenId, _ => new CancellationTokenSource());

        // Asked after the entry was made: whoever takes the token back in between finds one of the two.
        return _byHash.TryGetValue(token.Hash, out var now) && now.RevokedAt is null
            ? revocation.Token
            : new CancellationToken(canceled: true);
    }

    private void NoteUse(ApiToken token, DateTimeOffset now)
    {
        // Lost when another thread was faster or revoked it meanwhile; both are right.
        if (_byHash.TryUpdate(token.Hash, token with { LastUsedAt = now }, token))
        {
            _ = database.WriteAsync(
                session => ApiTokenStore.SaveLastUsed(session, token.TokenId, now), CancellationToken.None)
                .ContinueWith(task => _ = task.Exception, TaskScheduler.Default);
        }
    }
}
