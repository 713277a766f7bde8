using System.Text.Json.Serialization;
using Drover.Wire;

namespace Drover.Server.Features.Backup;

/// <summary>What a backup says of itself: the first member of the archive, <c>manifest.json</c>.</summary>
/// <param name="Format">Of the archive; 1.</param>
/// <param name="Version">The drover that took it.</param>
/// <param name="Schema">Number of the database's newest migration.</param>
/// <param name="TakenAt">The moment whose state it holds.</param>
/// <param name="Machine">Name of the machine it was taken on.</param>
/// <param name="Members">What else is in the archive, in its order.</param>
public sealed record BackupManifest(
    int Format,
    string Version,
    long Schema,
    DateTimeOffset TakenAt,
    string Machine,
    IReadOnlyList<BackupMember> Members)
{
    /// <summary>The newest format this version writes and reads.</summary>
    internal const int NewestFormat = 1;
}

/// <summary>One file of a backup.</summary>
/// <param name="Name">Its name in the data directory.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Of its content, lower-case hex.</param>
public sealed record BackupMember(string Name, long Bytes, string Sha256);

/// <summary>The files of a data directory that are a server's. The set is closed.</summary>
internal static class BackupFiles
{
    public const string Manifest = "manifest.json";
    public const string Database = "server.db";
    public const string Key = "server.key";

    /// <summary>The certificate the server made for itself.</summary>
    public const string Certificate = "server-tls.json";

    /// <summary>Of the host agent that shares the directory, as under <c>drover up</c>.</summary>
    public const string AgentCredentials = "agent.json";

    /// <summary>What an archive may hold beside its manifest.</summary>
    public static readonly IReadOnlyList<string> Members = [Database, Key, Certificate, AgentCredentials];

    /// <summary>
    /// What gives way to a restored server, in the order in which it does: the write-ahead log never stays behind its
    /// database, for the next one would take it for its own.
    /// </summary>
    public static readonly IReadOnlyList<string> OfServer =
        [Database + "-wal", Database + "-shm", Database, Key, Certificate, "admin-token"];
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    WriteIndented = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(BackupManifest))]
internal sealed partial class BackupJson : JsonSerializerContext;
