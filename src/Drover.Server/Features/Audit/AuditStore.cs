using System.Text;
using Drover.Core.Audit;
using Drover.Runtime.Storage;

namespace Drover.Server.Features.Audit;

/// <summary>The only code that touches the table <c>audit</c>: adds and reads, nothing else.</summary>
internal static class AuditStore
{
    public static void Insert(DbSession session, AuditEntry entry) => session.Execute(
        """
        INSERT INTO audit (ordinal, time, actor_kind, actor, action, target, outcome, detail, previous_hash, hash)
        VALUES (@ordinal, @time, @kind, @actor, @action, @target, @outcome, @detail, @previous, @hash)
        """,
        ("@ordinal", entry.Ordinal),
        ("@time", entry.Time.ToUnixTimeMilliseconds()),
        ("@kind", entry.ActorKind),
        ("@actor", entry.Actor),
        ("@action", entry.Action),
        ("@target", entry.Target),
        ("@outcome", entry.Outcome),
        ("@detail", entry.Detail),
        ("@previous", entry.PreviousHash),
        ("@hash", entry.Hash));

    /// <summary>Where the chain ends, as this transaction sees it.</summary>
    public static AuditHead Head(DbSession session) => session.First(
        "SELECT ordinal, hash FROM audit ORDER BY ordinal DESC LIMIT 1",
        row => new AuditHead(row.Number("ordinal"), row.Text("hash"))) ?? AuditHead.Empty;

    /// <summary>A page after an ordinal, oldest first.</summary>
    public static List<AuditEntry> ReadAfter(DbSession session, long after, AuditFilter filter, int limit)
    {
        var (where, parameters) = Where(filter);
        return session.Query(
            $"SELECT * FROM audit WHERE ordinal > @after{where} ORDER BY ordinal LIMIT @limit",
            Map,
            [("@after", after), ("@limit", limit), .. parameters]);
    }

    /// <summary>The ordinal after which a reader sees the newest <paramref name="count"/> entries it wants.</summary>
    public static long CursorOfNewest(DbSession session, AuditFilter filter, int count)
    {
        var (where, parameters) = Where(filter);
        var ordinals = session.Query(
            $"SELECT ordinal FROM audit WHERE ordinal > 0{where} ORDER BY ordinal DESC LIMIT @limit",
            row => row.Number("ordinal"),
            [("@limit", count), .. parameters]);
        return ordinals.Count == 0 ? 0 : ordinals[^1] - 1;
    }

    private static (string Where, List<(string, object?)> Parameters) Where(AuditFilter filter)
    {
        var where = new StringBuilder();
        var parameters = new List<(string, object?)>();
        if (filter.Actor is not null)
        {
            where.Append(" AND actor = @actor");
            parameters.Add(("@actor", filter.Actor));
        }

        if (filter.Actions.Count > 0)
        {
            var names = filter.Actions.Select((_, index) => $"@action{index}").ToList();
            where.Append(" AND action IN (").AppendJoin(", ", names).Append(')');
            parameters.AddRange(names.Zip(filter.Actions, (name, action) => (name, (object?)action)));
        }

        if (filter.Since is { } since)
        {
            where.Append(" AND time >= @since");
            parameters.Add(("@since", since.ToUnixTimeMilliseconds()));
        }

        return (where.ToString(), parameters);
    }

    private static AuditEntry Map(DbRow row) => new(
        row.Number("ordinal"),
        row.Time("time"),
        row.Text("actor_kind"),
        row.Text("actor"),
        row.Text("action"),
        row.Text("target"),
        row.Text("outcome"),
        row.Text("detail"),
        row.Text("previous_hash"),
        row.Text("hash"));
}

/// <summary>Which entries a reader wants; a part that is null or empty wants all.</summary>
internal sealed record AuditFilter(string? Actor, IReadOnlyList<string> Actions, DateTimeOffset? Since)
{
    /// <summary>Wants everything.</summary>
    public static AuditFilter All { get; } = new(null, [], null);
}
