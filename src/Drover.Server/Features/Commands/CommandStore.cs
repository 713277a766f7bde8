using System.Text;
using Drover.Runtime.Storage;

namespace Drover.Server.Features.Commands;

/// <summary>
/// The only code that touches the table <c>commands</c>. Every change of state names the states it leaves from.
/// </summary>
internal static class CommandStore
{
    private const string LightColumns =
        """
        command_id, number, host_id, host_name, deployment_hash, type, app_code, state, urgency, parameters, reason,
        request_id, request_digest, timeout_seconds, created_by, created_at, updated_at, expires_at, attempts,
        lease_until, started_at, completed_at, NULL AS result, error, errors, executed_by
        """;

    public static long NewestNumber(DbSession session) =>
        session.Number("SELECT COALESCE(MAX(number), 0) FROM commands");

    public static void Insert(DbSession session, CommandRow row) => session.Execute(
        """
        INSERT INTO commands (command_id, number, host_id, host_name, deployment_hash, type, app_code, state, urgency,
            parameters, reason, request_id, request_digest, timeout_seconds, created_by, created_at, updated_at,
            expires_at, attempts)
        VALUES (@id, @number, @host, @name, @hash, @type, @app, @state, @urgency,
            @parameters, @reason, @request, @digest, @timeout, @by, @at, @at, @expires, 0)
        """,
        ("@id", row.CommandId),
        ("@number", row.Number),
        ("@host", row.HostId),
        ("@name", row.HostName),
        ("@hash", row.DeploymentHash),
        ("@type", row.Type),
        ("@app", row.AppCode),
        ("@state", row.State),
        ("@urgency", row.Urgency),
        ("@parameters", row.Parameters),
        ("@reason", row.Reason),
        ("@request", row.RequestId),
        ("@digest", row.RequestDigest),
        ("@timeout", row.TimeoutSeconds),
        ("@by", row.CreatedBy),
        ("@at", row.CreatedAt.ToUnixTimeMilliseconds()),
        ("@expires", row.ExpiresAt.ToUnixTimeMilliseconds()));

    public static CommandRow? Find(DbSession session, string commandId) =>
        session.First("SELECT * FROM commands WHERE command_id = @id", Map, ("@id", commandId));

    public static CommandRow? FindByRequest(DbSession session, string requestId) =>
        session.First("SELECT * FROM commands WHERE request_id = @id", Map, ("@id", requestId));

    /// <summary>
    /// The most urgent and then oldest command that waits for the host, or of those that only look. The plus keeps
    /// SQLite from choosing the index over all hosts' lives, after which it would have to sort.
    /// </summary>
    public static CommandRow? NextFor(DbSession session, string hostId, bool onlyLooks, DateTimeOffset now) =>
        session.First(
            $"""
            SELECT * FROM commands WHERE host_id = @host AND state = 'queued' AND +expires_at > @now
                {(onlyLooks ? "AND type NOT IN ('restart', 'start', 'stop')" : "")}
            ORDER BY urgency, number LIMIT 1
            """,
            Map,
            ("@host", hostId),
            ("@now", now.ToUnixTimeMilliseconds()));

    /// <summary>
    /// Gives a command out. Without a lease it is given out once: it is never put back into the queue.
    /// </summary>
    public static void Lease(
        DbSession session, string commandId, DateTimeOffset now, DateTimeOffset? leaseUntil, DateTimeOffset deadline) =>
        session.Execute(
            """
            UPDATE commands SET state = 'leased', attempts = attempts + 1, lease_until = @lease,
                deadline_at = @deadline, updated_at = @now
            WHERE command_id = @id AND state = 'queued'
            """,
            ("@lease", leaseUntil?.ToUnixTimeMilliseconds()),
            ("@deadline", deadline.ToUnixTimeMilliseconds()),
            ("@now", now.ToUnixTimeMilliseconds()),
            ("@id", commandId));

    /// <summary>Extends a lease; false when the host does not hold it.</summary>
    public static bool Renew(DbSession session, string commandId, string hostId, DateTimeOffset leaseUntil) =>
        session.Execute(
            """
            UPDATE commands SET lease_until = @lease
            WHERE command_id = @id AND host_id = @host AND state IN ('leased', 'executing')
            """,
            ("@lease", leaseUntil.ToUnixTimeMilliseconds()),
            ("@id", commandId),
            ("@host", hostId)) == 1;

    /// <summary>Notes that a leased command began; a second time changes nothing.</summary>
    public static void Begin(DbSession session, string commandId, string hostId, DateTimeOffset now) => session.Execute(
        """
        UPDATE commands SET state = 'executing', started_at = @now, updated_at = @now
        WHERE command_id = @id AND host_id = @host AND state = 'leased'
        """,
        ("@now", now.ToUnixTimeMilliseconds()),
        ("@id", commandId),
        ("@host", hostId));

    /// <summary>Puts a command whose lease was lost back into the queue.</summary>
    public static bool Requeue(DbSession session, string commandId, DateTimeOffset now) => session.Execute(
        """
        UPDATE commands SET state = 'queued', lease_until = NULL, updated_at = @now
        WHERE command_id = @id AND state IN ('leased', 'executing') AND lease_until <= @now
        """,
        ("@now", now.ToUnixTimeMilliseconds()),
        ("@id", commandId)) == 1;

    /// <summary>Ends a command without a report: cancelled from the queue, or expired.</summary>
    public static bool End(DbSession session, string commandId, string state, string? error, DateTimeOffset now) =>
        session.Execute(
            """
            UPDATE commands SET state = @state, error = @error, completed_at = @now, updated_at = @now,
                lease_until = NULL
            WHERE command_id = @id AND state IN ('queued', 'leased', 'executing')
            """,
            ("@state", state),
            ("@error", error),
            ("@now", now.ToUnixTimeMilliseconds()),
            ("@id", commandId)) == 1;

    /// <summary>
    /// Stores the first report of a command. What a host did outranks what the server assumed meanwhile: a command that
    /// a host once held can end by its report after it was cancelled or expired.
    /// </summary>
    public static bool Complete(DbSession session, CommandRow row) => session.Execute(
        """
        UPDATE commands SET state = @state, result = @result, error = @error, errors = @errors, executed_by = @by,
            started_at = @started, completed_at = @completed, updated_at = @updated, lease_until = NULL
        WHERE command_id = @id AND (state IN ('queued', 'leased', 'executing')
            OR (state IN ('cancelled', 'expired') AND attempts > 0))
        """,
        ("@state", row.State),
        ("@result", row.Result),
        ("@error", row.Error),
        ("@errors", row.Errors),
        ("@by", row.ExecutedBy),
        ("@started", row.StartedAt?.ToUnixTimeMilliseconds()),
        ("@completed", row.CompletedAt?.ToUnixTimeMilliseconds()),
        ("@updated", row.UpdatedAt.ToUnixTimeMilliseconds()),
        ("@id", row.CommandId)) == 1;

    /// <summary>True when any command has not ended.</summary>
    public static bool HasUnfinished(DbSession session) => session.Number(
        "SELECT EXISTS (SELECT 1 FROM commands WHERE state IN ('queued', 'leased', 'executing'))") == 1;

    /// <summary>
    /// Moves the life, lease and deadline of every unfinished command, none further ahead than one given now would be.
    /// </summary>
    public static void MoveDeadlines(DbSession session, TimeSpan by, DeadlineLimits limits) => session.Execute(
        """
        UPDATE commands SET
            expires_at = CASE WHEN expires_at + @by > @life THEN @life ELSE expires_at + @by END,
            lease_until = CASE WHEN lease_until + @by > @lease THEN @lease ELSE lease_until + @by END,
            deadline_at = CASE WHEN deadline_at + @by > @report + timeout_seconds * 1000
                THEN @report + timeout_seconds * 1000 ELSE deadline_at + @by END
        WHERE state IN ('queued', 'leased', 'executing')
        """,
        ("@by", (long)by.TotalMilliseconds),
        ("@life", limits.Life.ToUnixTimeMilliseconds()),
        ("@lease", limits.Lease.ToUnixTimeMilliseconds()),
        ("@report", limits.Report.ToUnixTimeMilliseconds()));

    /// <summary>Commands that waited for their host longer than their life.</summary>
    public static List<CommandRow> OutlivedInQueue(DbSession session, DateTimeOffset now, int limit) => session.Query(
        $"""
        SELECT {LightColumns} FROM commands WHERE state = 'queued' AND expires_at <= @now
        ORDER BY expires_at LIMIT @limit
        """,
        Map,
        ("@now", now.ToUnixTimeMilliseconds()),
        ("@limit", limit));

    /// <summary>Commands in a host's hand whose lease or deadline is over.</summary>
    public static List<CommandRow> OverdueInHand(DbSession session, DateTimeOffset now, int limit) => session.Query(
        $"""
        SELECT {LightColumns} FROM commands
        WHERE state IN ('leased', 'executing') AND (lease_until <= @now OR deadline_at <= @now)
        ORDER BY lease_until LIMIT @limit
        """,
        Map,
        ("@now", now.ToUnixTimeMilliseconds()),
        ("@limit", limit));

    /// <summary>All commands of a host that have not ended.</summary>
    public static List<CommandRow> UnfinishedOf(DbSession session, string hostId) => session.Query(
        $"""
        SELECT {LightColumns} FROM commands WHERE host_id = @host AND state = 'queued'
        UNION ALL
        SELECT {LightColumns} FROM commands WHERE host_id = @host AND state IN ('leased', 'executing')
        """,
        Map,
        ("@host", hostId));

    /// <summary>All commands that have not ended, in the order of acceptance.</summary>
    public static List<CommandRow> Unfinished(DbSession session) => session.Query(
        $"""
        SELECT {LightColumns} FROM commands WHERE state IN ('queued', 'leased', 'executing') ORDER BY number
        """,
        Map);

    /// <summary>True when the deadline of a command in hand is over, whatever its lease says.</summary>
    public static bool IsPastDeadline(DbSession session, string commandId, DateTimeOffset now) => session.Number(
        "SELECT COUNT(*) FROM commands WHERE command_id = @id AND state IN ('leased', 'executing') "
            + "AND deadline_at <= @now",
        ("@id", commandId),
        ("@now", now.ToUnixTimeMilliseconds())) == 1;

    /// <summary>A page of the history without results, the newest first.</summary>
    public static List<CommandRow> List(DbSession session, CommandFilter filter, long? before, int limit)
    {
        var parameters = new List<(string, object?)> { ("@limit", limit) };
        var sql = new StringBuilder($"SELECT {LightColumns} FROM commands WHERE number > 0");
        Add(sql, parameters, "number < @before", "@before", before);
        Add(sql, parameters, "host_id = @host", "@host", filter.HostId);
        Add(sql, parameters, "type = @type", "@type", filter.Type);
        Add(sql, parameters, "app_code = @app", "@app", filter.AppCode);
        if (filter.States.Count > 0)
        {
            var names = filter.States.Select((_, index) => $"@state{index}").ToList();
            sql.Append(" AND state IN (").AppendJoin(", ", names).Append(')');
            parameters.AddRange(names.Zip(filter.States, (name, value) => (name, (object?)value)));
        }

        sql.Append(" ORDER BY number DESC LIMIT @limit");
        return session.Query(sql.ToString(), Map, parameters.ToArray());
    }

    /// <summary>
    /// Deletes commands that finished, by the server's clock, before the retention; the newest number always stays.
    /// </summary>
    public static int Prune(DbSession session, DateTimeOffset olderThan, int batch) => session.Execute(
        """
        DELETE FROM commands WHERE command_id IN (
            SELECT command_id FROM commands
            WHERE state IN ('completed', 'failed', 'cancelled', 'expired') AND updated_at < @before
              AND number < (SELECT MAX(number) FROM commands)
            ORDER BY updated_at LIMIT @batch)
        """,
        ("@before", olderThan.ToUnixTimeMilliseconds()),
        ("@batch", batch));

    private static void Add(
        StringBuilder sql, List<(string, object?)> parameters, string condition, string name, object? value)
    {
        if (value is not null)
        {
            sql.Append(" AND ").Append(condition);
            parameters.Add((name, value));
        }
    }

    private static CommandRow Map(DbRow row) => new()
    {
        CommandId = row.Text("command_id"),
        Number = row.Number("number"),
        HostId = row.Text("host_id"),
        HostName = row.Text("host_name"),
        DeploymentHash = row.Text("deployment_hash"),
        Type = row.Text("type"),
        AppCode = row.TextOrNull("app_code"),
        State = row.Text("state"),
        Urgency = row.Number("urgency"),
        Parameters = row.TextOrNull("parameters"),
        Reason = row.TextOrNull("reason"),
        RequestId = row.TextOrNull("request_id"),
        RequestDigest = row.TextOrNull("request_digest"),
        TimeoutSeconds = (int)row.Number("timeout_seconds"),
        CreatedBy = row.Text("created_by"),
        CreatedAt = row.Time("created_at"),
        UpdatedAt = row.Time("updated_at"),
        ExpiresAt = row.Time("expires_at"),
        Attempts = (int)row.Number("attempts"),
        LeaseUntil = row.TimeOrNull("lease_until"),
        StartedAt = row.TimeOrNull("started_at"),
        CompletedAt = row.TimeOrNull("completed_at"),
        Result = row.TextOrNull("result"),
        Error = row.TextOrNull("error"),
        Errors = row.TextOrNull("errors"),
        ExecutedBy = row.TextOrNull("executed_by"),
    };
}

/// <summary>What a command given now would have.</summary>
/// <param name="Life">Until when it would wait for its host.</param>
/// <param name="Lease">Until when a host would hold it.</param>
/// <param name="Report">Until when its report would be due, its own time not counted.</param>
internal sealed record DeadlineLimits(DateTimeOffset Life, DateTimeOffset Lease, DateTimeOffset Report);

/// <summary>Which commands a list shows; a part that is null or empty shows all.</summary>
internal sealed record CommandFilter(string? HostId, IReadOnlyList<string> States, string? Type, string? AppCode);
