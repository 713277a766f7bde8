using System.Text.Json;
using Drover.Core.Fleet;
using Drover.Runtime.Storage;
using Drover.Wire;
using Drover.Wire.Inventory;

namespace Drover.Server.Features.Hosts;

/// <summary>
/// The only code that touches the table <c>hosts</c>, but for the insert that enrollment makes through it.
/// </summary>
internal static class HostStore
{
    public static void Insert(
        DbSession session, HostIdentity identity, string hostname, string sealedKey, string enrolledBy) =>
        session.Execute(
            """
            INSERT INTO hosts (host_id, deployment_hash, name, hostname, kind, sealed_key, enrolled_at, enrolled_by,
                state, state_since, heartbeat_run, heartbeat_seq, inventory_run, inventory_seq, events_run, events_seq)
            VALUES (@id, @hash, @name, @hostname, @kind, @key, @at, @by, @state, @at, 0, 0, 0, 0, 0, 0)
            """,
            ("@id", identity.HostId),
            ("@hash", identity.DeploymentHash),
            ("@name", identity.Name),
            ("@hostname", hostname),
            ("@kind", identity.Kind),
            ("@key", sealedKey),
            ("@at", identity.EnrolledAt.ToUnixTimeMilliseconds()),
            ("@by", enrolledBy),
            ("@state", HostStates.NameOf(HostState.Offline)));

    /// <summary>All hosts that were not removed.</summary>
    public static List<StoredHost> ReadAll(DbSession session) =>
        session.Query("SELECT * FROM hosts WHERE removed_at IS NULL", Map);

    /// <summary>The identity of a host that was neither removed nor revoked, or null.</summary>
    public static HostIdentity? FindIdentity(DbSession session, string hostId) => session.First(
        "SELECT * FROM hosts WHERE host_id = @id AND removed_at IS NULL AND revoked_at IS NULL",
        MapIdentity,
        ("@id", hostId));

    /// <summary>A name no host has: the wanted one, or that with a number behind it.</summary>
    public static string FreeName(DbSession session, string wanted)
    {
        var name = wanted;
        for (var number = 2; IsTaken(session, name); number++)
        {
            name = $"{wanted}-{number}";
        }

        return name;
    }

    /// <summary>
    /// Stores state, sequence and last sight. Called when the state changes and now and then, not per heartbeat.
    /// </summary>
    public static void SaveSighting(DbSession session, string hostId, HostSighting sighting) => session.Execute(
        """
        UPDATE hosts SET state = @state, state_reason = @reason, state_since = @since, last_seen_at = @seen,
            clock_skew_ms = @skew, heartbeat_run = @run, heartbeat_seq = @seq
        WHERE host_id = @id
        """,
        ("@state", HostStates.NameOf(sighting.Status.State)),
        ("@reason", sighting.Status.Reason),
        ("@since", sighting.Since.ToUnixTimeMilliseconds()),
        ("@seen", sighting.LastSeenAt?.ToUnixTimeMilliseconds()),
        ("@skew", sighting.ClockSkewMs),
        ("@run", sighting.Heartbeats.Run),
        ("@seq", sighting.Heartbeats.Seq),
        ("@id", hostId));

    /// <summary>Stores where the host's inventory stands.</summary>
    public static void SaveInventorySequence(
        DbSession session, string hostId, RunSequence sequence, DateTimeOffset at) =>
        session.Execute(
            "UPDATE hosts SET inventory_run = @run, inventory_seq = @seq, inventory_at = @at WHERE host_id = @id",
            ("@run", sequence.Run),
            ("@seq", sequence.Seq),
            ("@at", at.ToUnixTimeMilliseconds()),
            ("@id", hostId));

    public static void SaveFacts(DbSession session, string hostId, HostFactsDto facts) => session.Execute(
        "UPDATE hosts SET facts = @facts WHERE host_id = @id",
        ("@facts", JsonSerializer.Serialize(facts, WireJson.Default.HostFactsDto)),
        ("@id", hostId));

    /// <summary>Stores where the host's own events stand: run and number of the last one taken.</summary>
    public static void SaveEventSequence(DbSession session, string hostId, RunSequence sequence) => session.Execute(
        "UPDATE hosts SET events_run = @run, events_seq = @seq WHERE host_id = @id",
        ("@run", sequence.Run),
        ("@seq", sequence.Seq),
        ("@id", hostId));

    /// <summary>Takes a host out of the fleet. Its events and commands stay; its key is destroyed.</summary>
    public static bool Remove(DbSession session, string hostId, DateTimeOffset at) => session.Execute(
        """
        UPDATE hosts SET removed_at = @at, sealed_key = '', next_sealed_key = NULL
        WHERE host_id = @id AND removed_at IS NULL
        """,
        ("@at", at.ToUnixTimeMilliseconds()),
        ("@id", hostId)) == 1;

    /// <summary>Destroys a host's keys and keeps the host.</summary>
    public static bool Revoke(DbSession session, string hostId, DateTimeOffset at) => session.Execute(
        """
        UPDATE hosts SET revoked_at = @at, sealed_key = '', next_sealed_key = NULL, key_ordered_at = NULL
        WHERE host_id = @id AND removed_at IS NULL AND revoked_at IS NULL
        """,
        ("@at", at.ToUnixTimeMilliseconds()),
        ("@id", hostId)) == 1;

    /// <summary>Orders a host to make a new key.</summary>
    public static bool OrderKey(DbSession session, string hostId, DateTimeOffset at) => session.Execute(
        """
        UPDATE hosts SET key_ordered_at = @at
        WHERE host_id = @id AND removed_at IS NULL AND revoked_at IS NULL
        """,
        ("@at", at.ToUnixTimeMilliseconds()),
        ("@id", hostId)) == 1;

    /// <summary>Stores the key an ordered host gave; false when none is ordered.</summary>
    public static bool SaveNextKey(DbSession session, string hostId, string sealedKey) => session.Execute(
        "UPDATE hosts SET next_sealed_key = @key WHERE host_id = @id AND key_ordered_at IS NOT NULL",
        ("@key", sealedKey),
        ("@id", hostId)) == 1;

    /// <summary>The given key is the key from now on; false when that was done already.</summary>
    public static bool PromoteKey(DbSession session, string hostId) => session.Execute(
        """
        UPDATE hosts SET sealed_key = next_sealed_key, next_sealed_key = NULL, key_ordered_at = NULL
        WHERE host_id = @id AND next_sealed_key IS NOT NULL
        """,
        ("@id", hostId)) == 1;

    /// <summary>True when a host that was not removed has that deployment hash.</summary>
    public static bool HasHash(DbSession session, string deploymentHash) => session.Number(
        "SELECT COUNT(*) FROM hosts WHERE deployment_hash = @hash AND removed_at IS NULL",
        ("@hash", deploymentHash)) > 0;

    /// <summary>
    /// Lets a removed host's deployment hash be used again, by an agent that cannot be given another; the history of
    /// the removed host stands under its own id.
    /// </summary>
    public static void ReleaseHash(DbSession session, string deploymentHash) => session.Execute(
        """
        UPDATE hosts SET deployment_hash = 'removed-' || host_id
        WHERE deployment_hash = @hash AND removed_at IS NOT NULL
        """,
        ("@hash", deploymentHash));

    private static bool IsTaken(DbSession session, string name) => session.Number(
        "SELECT COUNT(*) FROM hosts WHERE LOWER(name) = LOWER(@name) AND removed_at IS NULL", ("@name", name)) > 0;

    private static HostIdentity MapIdentity(DbRow row) => new(
        row.Text("host_id"), row.Text("deployment_hash"), row.Text("name"), row.Text("kind"), row.Time("enrolled_at"));

    private static StoredHost Map(DbRow row) => new(
        MapIdentity(row),
        row.Text("sealed_key"),
        HostStates.Parse(row.Text("state")),
        row.TextOrNull("state_reason") ?? string.Empty,
        row.Time("state_since"),
        row.TimeOrNull("last_seen_at"),
        row.NumberOrNull("clock_skew_ms"),
        (row.Number("heartbeat_run"), row.Number("heartbeat_seq")),
        (row.Number("inventory_run"), row.Number("inventory_seq")),
        row.TimeOrNull("inventory_at"),
        (row.Number("events_run"), row.Number("events_seq")),
        row.TextOrNull("facts") is { } facts ? JsonSerializer.Deserialize(facts, WireJson.Default.HostFactsDto) : null)
    {
        NextSealedKey = row.TextOrNull("next_sealed_key"),
        KeyOrderedAt = row.TimeOrNull("key_ordered_at"),
        RevokedAt = row.TimeOrNull("revoked_at"),
    };
}

/// <summary>A row of the table <c>hosts</c>.</summary>
internal sealed record StoredHost(
    HostIdentity Identity,
    string SealedKey,
    HostState State,
    string Reason,
    DateTimeOffset Since,
    DateTimeOffset? LastSeenAt,
    long? ClockSkewMs,
    (long Run, long Seq) Heartbeats,
    (long Run, long Seq) Inventory,
    DateTimeOffset? InventoryAt,
    (long Run, long Seq) Events,
    HostFactsDto? Facts)
{
    public string? NextSealedKey { get; init; }

    public DateTimeOffset? KeyOrderedAt { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }
}
