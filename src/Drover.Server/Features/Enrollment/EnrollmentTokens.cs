using System.Globalization;
using Drover.Core.Audit;
using Drover.Core.Trust;
using Drover.Runtime.Storage;
using Drover.Server.Features.Access;
using Drover.Server.Features.Audit;
using Drover.Server.Features.Events;
using Drover.Wire.People;

namespace Drover.Server.Features.Enrollment;

/// <summary>Makes and revokes the one-time tokens that let a host join.</summary>
internal sealed class EnrollmentTokens(Database database, EventLog events, AuditLog audit, TimeProvider time)
{
    public static readonly TimeSpan DefaultLife = TimeSpan.FromMinutes(15);

    /// <summary>
    /// Makes a token; its secret is in the answer and nowhere else. One for the older protocol has a prefix of its own,
    /// so that neither kind can be used for the other.
    /// </summary>
    /// <param name="name">Name the host shall have; null leaves it to the host.</param>
    /// <param name="life">How long it is good.</param>
    /// <param name="uses">How many hosts may join with it.</param>
    /// <param name="isLegacy">It is for an agent of the older protocol.</param>
    /// <param name="by">Who asked.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<CreatedTokenDto> CreateAsync(
        string? name, TimeSpan life, int uses, bool isLegacy, AuditActor by, CancellationToken cancellationToken)
    {
        var secret = SecretToken.Create(isLegacy ? SecretToken.LegacyPrefix : SecretToken.EnrollmentPrefix);
        var now = time.GetUtcNow();
        var token = new EnrollmentToken(Guid.NewGuid().ToString(), name, by.Name, now, now + life, uses);
        await database.WriteAsync(
            session =>
            {
                EnrollmentTokenStore.Insert(session, token, secret.Hash);
                events.Append(
                    session, TokenEvents.Created(token.TokenId, "enrollment", name, null, by.Name, now));
                audit.Append(
                    session,
                    by,
                    AuditActions.EnrollmentTokenCreate,
                    token.TokenId,
                    AuditOutcomes.Done,
                    ("name", name),
                    ("legacy", isLegacy ? "on" : null),
                    ("uses", uses == 1 ? null : uses.ToString(CultureInfo.InvariantCulture)),
                    ("expires", token.ExpiresAt.ToString("O")));
            },
            cancellationToken);
        return new CreatedTokenDto(token.TokenId, secret.Reveal(), token.ExpiresAt);
    }

    /// <summary>Takes an unused token back; false when there is none of that id.</summary>
    public Task<bool> RevokeAsync(string tokenId, AuditActor by, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
            {
                var now = time.GetUtcNow();
                var revoked = EnrollmentTokenStore.Revoke(session, tokenId, now);
                if (revoked)
                {
                    events.Append(session, TokenEvents.Revoked(tokenId, null, by.Name, now));
                    audit.Append(session, by, AuditActions.EnrollmentTokenRevoke, tokenId, AuditOutcomes.Done);
                }

                return revoked;
            },
            cancellationToken);
}
