using System.Text.Json;
using System.Text.Json.Serialization;
using Drover.Runtime.Journal;
using Drover.Wire.People;

namespace Drover.Runtime.Events.Webhooks;

/// <summary>
/// The events that a receiver did not take and will not be sent again by themselves: on disk until somebody sends them
/// again, bounded; when full the oldest go and are counted. Thread-safe.
/// </summary>
internal sealed class DeadLetters : IDisposable
{
    private const long MaxBytes = 4 << 20;

    private readonly Spool _spool;

    internal DeadLetters(string directory) => _spool = Spool.Open(directory, new SpoolOptions(MaxBytes));

    /// <summary>How many there are.</summary>
    internal long Count => _spool.Count;

    /// <summary>How many went because there was no room.</summary>
    internal long Dropped => _spool.Peek(1, 1).Lost;

    /// <summary>Keeps an event; it is on disk when this returns.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    internal void Add(EventDto one, string reason, DateTimeOffset now)
    {
        var payload = Serialize(new DeadLetter(now, reason, one));
        _spool.Append(payload.Length > _spool.MaxEntryBytes
            ? Serialize(new DeadLetter(now, reason, one with { Data = null }))
            : payload);
        _spool.Flush();
    }

    /// <summary>The oldest of them.</summary>
    internal IReadOnlyList<DeadLetter> Read(int limit) =>
        [.. _spool.Peek(limit, int.MaxValue).Entries.Select(entry => Parse(entry.Payload)).OfType<DeadLetter>()];

    /// <summary>
    /// Puts all of them behind what the receiver has still to be told. A crash in between sends some twice, with the
    /// same ids.
    /// </summary>
    /// <returns>How many.</returns>
    /// <exception cref="IOException">The disk refused; none of those it kept are lost.</exception>
    internal int MoveTo(Spool queue)
    {
        var moved = 0;
        while (_spool.Peek(256, 1 << 20).Entries is { Count: > 0 } entries)
        {
            foreach (var letter in entries.Select(entry => Parse(entry.Payload)).OfType<DeadLetter>())
            {
                queue.Append(WebhookQueue.Serialize(letter.Event));
                moved++;
            }

            queue.Flush();
            _spool.Acknowledge(entries[^1].Number);
        }

        return moved;
    }

    /// <inheritdoc/>
    public void Dispose() => _spool.Dispose();

    private static byte[] Serialize(DeadLetter letter) =>
        JsonSerializer.SerializeToUtf8Bytes(letter, DeadLetterJson.Default.DeadLetter);

    private static DeadLetter? Parse(ReadOnlyMemory<byte> payload)
    {
        try
        {
            return JsonSerializer.Deserialize(payload.Span, DeadLetterJson.Default.DeadLetter);
        }
        catch (JsonException)
        {
            // Of another version.
            return null;
        }
    }
}

/// <summary>An event that a receiver did not take.</summary>
/// <param name="At">When it was given up.</param>
/// <param name="Reason">Why.</param>
/// <param name="Event">What was to be told.</param>
public sealed record DeadLetter(DateTimeOffset At, string Reason, EventDto Event);

/// <summary>How dead letters are written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DeadLetter))]
internal sealed partial class DeadLetterJson : JsonSerializerContext;
