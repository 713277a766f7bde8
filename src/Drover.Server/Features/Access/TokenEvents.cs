using Drover.Core.Events;
using Drover.Server.Features.Events;

namespace Drover.Server.Features.Access;

/// <summary>What the event stream learns of tokens: never a secret, never a hash.</summary>
internal static class TokenEvents
{
    public static EventDraft Created(
        string tokenId, string kind, string? name, string? role, string by, DateTimeOffset at) =>
        new(EventTypes.AccessTokenCreated, at, name ?? tokenId)
        {
            Data = EventDraft.Fields(("token_id", tokenId), ("kind", kind), ("name", name), ("role", role), ("by", by)),
        };

    public static EventDraft Revoked(string tokenId, string? name, string by, DateTimeOffset at) =>
        new(EventTypes.AccessTokenRevoked, at, name ?? tokenId)
        {
            Data = EventDraft.Fields(("token_id", tokenId), ("name", name), ("by", by)),
        };
}
