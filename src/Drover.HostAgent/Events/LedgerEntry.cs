using System.Text.Json.Serialization;
using Drover.Wire.Agents;

namespace Drover.HostAgent.Events;

/// <summary>What was last told of one container, as the ledger file keeps it.</summary>
/// <param name="Id">Docker id; empty in the mark that says a first picture was taken.</param>
/// <param name="Name">Its name.</param>
/// <param name="AppCode">Its app code.</param>
/// <param name="Image">Its image.</param>
/// <param name="Running">Its main process lives.</param>
/// <param name="Paused">It is frozen.</param>
/// <param name="Health">healthy or unhealthy; else null.</param>
/// <param name="StartedAt">Start of the run last told, as the engine dates it, or its end once that was told; null
/// when it is known from an event alone.</param>
/// <param name="Gone">True: it was removed, and this line ends it.</param>
internal sealed record LedgerEntry(
    string Id, string Name, string AppCode, string Image, bool Running, bool Paused, string? Health, string? StartedAt,
    bool Gone = false)
{
    /// <summary>Only in the mark: number of the last spooled event that the lines before it include.</summary>
    public long? SpooledThrough { get; init; }
}

/// <summary>An event and what the ledger holds of its container once it is told.</summary>
/// <param name="Event">What is forwarded.</param>
/// <param name="Shows">What was told with it.</param>
internal sealed record ToldEvent(AgentEventDto Event, LedgerEntry Shows);

/// <summary>A <see cref="Runtime.Uplink.ForwardedEvent"/> as this role writes it, with what it shows.</summary>
/// <param name="Run">See <see cref="AgentEventsRequest"/>.</param>
/// <param name="Event">What is forwarded.</param>
/// <param name="Shows">What the ledger holds once this is told; null for what concerns no container.</param>
internal sealed record SpooledEvent(long Run, AgentEventDto Event, LedgerEntry? Shows = null);

/// <summary>How the agent writes its own files.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LedgerEntry))]
[JsonSerializable(typeof(SpooledEvent))]
internal sealed partial class AgentFilesJson : JsonSerializerContext;
