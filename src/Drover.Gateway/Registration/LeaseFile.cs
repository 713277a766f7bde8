using System.Text.Json;
using System.Text.Json.Serialization;
using Drover.Gateway.Routing;
using Drover.Runtime.Files;

namespace Drover.Gateway.Registration;

/// <summary>
/// The leases on disk, so that a restart of the gateway keeps those that have not ended. Replaced whole with every
/// change, before whoever asked for it hears of it.
/// </summary>
internal sealed class LeaseFile(string path)
{
    /// <summary>What was written last; nothing when there is no file.</summary>
    /// <exception cref="GatewayStartException">It cannot be read.</exception>
    public IReadOnlyList<Lease> Read()
    {
        try
        {
            using var file = File.OpenRead(path);
            var stored = JsonSerializer.Deserialize(file, LeaseJson.Default.IReadOnlyListStoredLease) ?? [];
            return [.. stored.Select(Of).OfType<Lease>()];
        }
        catch (FileNotFoundException)
        {
            return [];
        }
        catch (Exception error) when (error is IOException or JsonException or UnauthorizedAccessException)
        {
            throw new GatewayStartException(
                $"cannot read the registrations in \"{path}\": {error.Message}; move the file away to go on without "
                    + "them, the agents register again",
                error);
        }
    }

    /// <summary>Writes all of them.</summary>
    /// <exception cref="IOException">The world refused; the file is as it was.</exception>
    public void Write(IEnumerable<Lease> leases) => AtomicFile.Write(
        path,
        JsonSerializer.SerializeToUtf8Bytes(
            [.. leases.Select(lease => new StoredLease(
                lease.Agent,
                lease.Pattern.ToString(),
                lease.Port,
                (int)lease.Ttl.TotalSeconds,
                lease.ExpiresAt))],
            LeaseJson.Default.IReadOnlyListStoredLease));

    private static Lease? Of(StoredLease stored) => HostPattern.TryParse(stored.Hostname, out var pattern) is null
        ? new Lease(stored.Agent, pattern, stored.Port, TimeSpan.FromSeconds(stored.TtlSeconds), stored.ExpiresAt)
        : null;
}

/// <summary>A lease as it is written.</summary>
internal sealed record StoredLease(
    string Agent, string Hostname, int Port, int TtlSeconds, DateTimeOffset? ExpiresAt);

/// <summary>How leases are written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyList<StoredLease>))]
internal sealed partial class LeaseJson : JsonSerializerContext;
