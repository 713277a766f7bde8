using System.Text.Json;
using Drover.Runtime.Journal;

namespace Drover.HostAgent.Events;

/// <summary>The ledger on disk: a line for each change, rewritten when it has grown well beyond what is
/// alive.</summary>
internal sealed class LedgerFile : IDisposable
{
    private const long RewriteAt = 1 << 20;

    private readonly RecordLog _log;
    private readonly List<LedgerEntry> _unwritten = [];
    private long _bytesAfterRewrite;

    private LedgerFile(RecordLog log) => _log = log;

    internal static LedgerFile Open(string path) => new(RecordLog.Open(path));

    /// <summary>Oldest first; a line that another version wrote and this one cannot read is left out.</summary>
    internal IReadOnlyList<LedgerEntry> Read() => [.. _log.ReadAll().Select(Parse).OfType<LedgerEntry>()];

    /// <summary>Returns when the changes are on disk. What the disk refused is written with the next.</summary>
    /// <param name="ledger">Whose changes.</param>
    /// <param name="spooledThrough">Number of the last spooled event that they include.</param>
    /// <exception cref="IOException">The disk refused.</exception>
    internal void Write(ContainerLedger ledger, long spooledThrough)
    {
        _unwritten.AddRange(ledger.TakeChanges());
        if (_unwritten.Count == 0)
        {
            return;
        }

        _log.AppendAll(Serialize([.. _unwritten, ContainerLedger.Mark(spooledThrough)]));
        _unwritten.Clear();
        if (_log.Bytes > Math.Max(RewriteAt, 4 * _bytesAfterRewrite))
        {
            Replace(ledger, spooledThrough);
        }
    }

    /// <summary>Writes the whole ledger anew, whole or not at all.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    internal void Replace(ContainerLedger ledger, long spooledThrough)
    {
        _log.Rewrite(Serialize([.. ledger.Snapshot(), ContainerLedger.Mark(spooledThrough)]));
        _bytesAfterRewrite = _log.Bytes;
    }

    /// <inheritdoc/>
    public void Dispose() => _log.Dispose();

    private static IEnumerable<ReadOnlyMemory<byte>> Serialize(IReadOnlyList<LedgerEntry> entries) =>
        entries.Select(
            entry => (ReadOnlyMemory<byte>)JsonSerializer.SerializeToUtf8Bytes(
                entry, AgentFilesJson.Default.LedgerEntry));

    private static LedgerEntry? Parse(ReadOnlyMemory<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize(line.Span, AgentFilesJson.Default.LedgerEntry);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
