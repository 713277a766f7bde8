using Drover.Wire.People;

namespace Drover.Wire.Client;

public sealed partial class DroverClient
{
    /// <summary>One page of the audit, oldest first; admins only.</summary>
    public Task<Page<AuditEntryDto>> ListAuditAsync(AuditQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        var path = new Query(Routes.Audit)
            .WithEach("action", query.Actions).With("actor", query.Actor).With("since", query.Since?.ToString("O"))
            .With("after", query.After).With("limit", query.Limit);
        return _exchange.GetAsync(path.ToString(), WireJson.Default.PageAuditEntryDto, cancellationToken);
    }
}

/// <summary>Which entries of the audit a list shows, oldest first.</summary>
/// <param name="Actor">Name of a person, token or host; null is all.</param>
/// <param name="Actions">Names or families (<c>token.*</c>); null or empty is all.</param>
/// <param name="Since">Not older than this; null is all.</param>
/// <param name="After">Ordinal after which to begin; null is the newest page.</param>
/// <param name="Limit">Most in a page.</param>
public sealed record AuditQuery(
    string? Actor = null,
    IReadOnlyList<string>? Actions = null,
    DateTimeOffset? Since = null,
    string? After = null,
    int? Limit = null);
