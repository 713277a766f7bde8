using System.Globalization;
using Drover.Core.Audit;
using Drover.Runtime.Requests;
using Drover.Runtime.Storage;
using Drover.Server.Hosting;
using Drover.Wire.People;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Drover.Server.Features.Audit;

/// <summary>What admins read of the audit.</summary>
internal static class AuditEndpoints
{
    public const int DefaultPage = 100;
    public const int LargestPage = 1000;
    private const string FamilyEnd = ".*";

    /// <summary>A page, oldest first after <c>after</c>; without it, the newest page.</summary>
    public static async Task<Results<Ok<Page<AuditEntryDto>>, Problem>> List(
        HttpContext context, Database database, CancellationToken cancellationToken)
    {
        var query = new QueryReader(context, "after", "limit", "actor", "action", "since");
        var filter = new AuditFilter(
            query.Text("actor"), ActionsOf(query.Texts("action")), SinceOf(query.Text("since")));
        var limit = query.Number("limit", 1, LargestPage) ?? DefaultPage;
        // From the very beginning, an entry that was put in before the first one shall be seen too.
        var cursor = query.Cursor("after") is var after && after is 0 ? long.MinValue : after;
        var page = await database.ReadAsync(
            session => AuditStore.ReadAfter(
                session, cursor ?? AuditStore.CursorOfNewest(session, filter, limit), filter, limit),
            cancellationToken);
        var next = page.Count == limit ? page[^1].Ordinal.ToString(CultureInfo.InvariantCulture) : null;
        return TypedResults.Ok(new Page<AuditEntryDto>([.. page.Select(ViewOf)], next));
    }

    private static List<string> ActionsOf(IReadOnlyList<string> wanted)
    {
        var actions = new List<string>();
        foreach (var one in wanted)
        {
            var names = AuditActions.All.Select(action => action.Name).Where(name => IsMeant(one, name)).ToList();
            if (names.Count == 0)
            {
                throw new InvalidRequestException(
                    $"cannot read the query: there is no audited action \"{one}\"; docs/reference/audit.md lists them");
            }

            actions.AddRange(names);
        }

        return actions;
    }

    private static bool IsMeant(string nameOrFamily, string name) => name == nameOrFamily
        || (nameOrFamily.EndsWith(FamilyEnd, StringComparison.Ordinal)
            && name.StartsWith(nameOrFamily[..^1], StringComparison.Ordinal));

    private static DateTimeOffset? SinceOf(string? text)
    {
        if (text is null)
        {
            return null;
        }

        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, Utc, out var since)
            ? since
            : throw new InvalidRequestException(
                $"cannot read the query: since \"{text}\" is not a time such as 2026-01-31T12:00:00Z");
    }

    private static AuditEntryDto ViewOf(AuditEntry entry) => new(
        entry.Ordinal,
        entry.Time,
        entry.ActorKind,
        entry.Actor,
        entry.Action,
        entry.Target,
        entry.Outcome,
        entry.Detail,
        entry.PreviousHash,
        entry.Hash);
}
