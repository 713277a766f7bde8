using System.Text;
using Drover.Runtime.Storage;

namespace Drover.Server.Features.Events;

/// <summary>The only code that touches the table <c>events</c>.</summary>
internal static class EventStore
{
    public static void Insert(DbSession session, StoredEvent stored) => session.Execute(
        """
        INSERT INTO events (event_id, type, time, source, host_id, subject, severity, data)
        VALUES (@id, @type, @time, @source, @host, @subject, @severity, @data)
        """,
        ("@id", stored.Id),
        ("@type", stored.Type),
        ("@time", stored.Time.ToUnixTimeMilliseconds()),
        ("@source", stored.Source),
        ("@host", stored.HostId),
        ("@subject", stored.Subject),
        ("@severity", stored.Severity),
        ("@data", stored.Data));

    /// <summary>The newest id ever given that is still kept; 0 in a new database.</summary>
    public static long Newest(DbSession session) => session.Number("SELECT COALESCE(MAX(event_id), 0) FROM events");

    /// <summary>A page after a cursor, oldest first.</summary>
    public static List<StoredEvent> ReadAfter(DbSession session, long after, EventFilter filter, int limit)
    {
        var parameters = new List<(string, object?)> { ("@after", after), ("@limit", limit) };
        var sql = new StringBuilder("SELECT * FROM events WHERE event_id > @after");
        In(sql, parameters, "type", filter.Types);
        In(sql, parameters, "severity", filter.Severities);
        if (filter.HostId is not null)
        {
            sql.Append(" AND host_id = @host");
            parameters.Add(("@host", filter.HostId));
        }

        sql.Append(" ORDER BY event_id LIMIT @limit");
        return session.Query(sql.ToString(), Map, parameters.ToArray());
    }

    /// <summary>
    /// The id before the newest <paramref name="count"/> wanted events: the cursor from which a reader sees just
    /// those.
    /// </summary>
    public static long CursorOfNewest(DbSession session, EventFilter filter, int count)
    {
        var parameters = new List<(string, object?)> { ("@limit", count) };
        var sql = new StringBuilder("SELECT event_id FROM events WHERE event_id > 0");
        In(sql, parameters, "type", filter.Types);
        In(sql, parameters, "severity", filter.Severities);
        if (filter.HostId is not null)
        {
            sql.Append(" AND host_id = @host");
            parameters.Add(("@host", filter.HostId));
        }

        sql.Append(" ORDER BY event_id DESC LIMIT @limit");
        var ids = session.Query(sql.ToString(), row => row.Number("event_id"), parameters.ToArray());
        return ids.Count == 0 ? 0 : ids[^1] - 1;
    }

    /// <summary>
    /// The newest id that is over the limit; null when none is. Counted, for ids have gaps: after a restore a large
    /// one.
    /// </summary>
    public static long? OverLimit(DbSession session, int limit) => session.First(
        "SELECT event_id FROM events ORDER BY event_id DESC LIMIT 1 OFFSET @limit",
        row => (long?)row.Number("event_id"),
        ("@limit", limit));

    /// <summary>
    /// Deletes what is over the limit or too old, at most <paramref name="batch"/> rows, and says how many. The newest
    /// event always stays, for the next id is counted from it. Two statements, each with an index of its own.
    /// </summary>
    public static int Prune(DbSession session, DateTimeOffset olderThan, long? overLimit, int batch)
    {
        var deleted = overLimit is null ? 0 : session.Execute(
            """
            DELETE FROM events WHERE event_id IN (
                SELECT event_id FROM events WHERE event_id <= @over ORDER BY event_id LIMIT @batch)
            """,
            ("@over", overLimit),
            ("@batch", batch));
        return deleted + session.Execute(
            """
            DELETE FROM events WHERE event_id IN (
                SELECT event_id FROM events WHERE time < @before AND event_id < (SELECT MAX(event_id) FROM events)
                ORDER BY time LIMIT @batch)
            """,
            ("@before", olderThan.ToUnixTimeMilliseconds()),
            ("@batch", batch - deleted));
    }

    private static void In(
        StringBuilder sql, List<(string, object?)> parameters, string column, IReadOnlyList<string> values)
    {
        if (values.Count == 0)
        {
            return;
        }

        var names = values.Select((_, index) => $"@{column}{index}").ToList();
        sql.Append(" AND ").Append(column).Append(" IN (").AppendJoin(", ", names).Append(')');
        parameters.AddRange(names.Zip(values, (name, value) => (name, (object?)value)));
    }

    private static StoredEvent Map(DbRow row) => new(
        row.Number("event_id"),
        row.Text("type"),
        row.Time("time"),
        row.Text("source"),
        row.TextOrNull("host_id"),
        row.TextOrNull("subject"),
        row.Text("severity"),
        row.TextOrNull("data"));
}
