using System.Text.Json.Serialization;
using Drover.Wire.Commands;

namespace Drover.HostAgent.Commands;

/// <summary>One line of the <see cref="ExecutionJournal"/>.</summary>
/// <param name="Kind">One of <see cref="JournalKinds"/>.</param>
/// <param name="CommandId">Which command.</param>
/// <param name="At">When it was written.</param>
/// <param name="Type">The command's type, with <c>begun</c>.</param>
/// <param name="AppCode">What it works on, with <c>begun</c>.</param>
/// <param name="Report">With <c>finished</c>; null when it was too large to keep.</param>
internal sealed record JournalRecord(
    string Kind,
    string CommandId,
    DateTimeOffset At,
    string? Type = null,
    string? AppCode = null,
    ReportRequest? Report = null);

/// <summary>What a line of the journal says.</summary>
internal static class JournalKinds
{
    public const string Begun = "begun";
    public const string Finished = "finished";
    public const string Settled = "settled";
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JournalRecord))]
[JsonSerializable(typeof(ReportRequest))]
internal sealed partial class JournalJson : JsonSerializerContext;
