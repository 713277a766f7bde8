namespace Drover.Runtime.Journal;

/// <summary>One entry of a <see cref="Spool"/>.</summary>
/// <param name="Number">Its number; rises by one with each entry over the whole life of the spool, restarts
/// included.</param>
/// <param name="Payload">What was appended.</param>
public readonly record struct SpoolEntry(long Number, ReadOnlyMemory<byte> Payload);

/// <summary>The oldest entries that are not acknowledged.</summary>
/// <param name="Lost">
/// How many entries before the first one here were dropped for want of space, or damaged on disk, and never
/// acknowledged. The reader reports this; acknowledging anything from here on settles it.
/// </param>
/// <param name="Entries">Oldest first, numbers without a gap; empty when there is nothing to do.</param>
public sealed record SpoolBatch(long Lost, IReadOnlyList<SpoolEntry> Entries);
