using System.Text.Json;
using Drover.Runtime.Journal;

namespace Drover.HostAgent.Events;

/// <summary>The ledger on disk: a line for each change, rewritten when it has grown well beyond what is
/// alive.</summary>
internal sealed class LedgerFile : IDisposable
{
    private const long RewriteAt = 1 << 20;

    private readonly RecordLog _log;
    private long _bytesAfterRewrite;
    private bool _isBehind;

    private LedgerFile(RecordLog log) => _log = log;

    internal static LedgerFile Open(string path) => new(RecordLog.Open(path));

    /// <summary>Oldest first; a line that another version wrote and this one cannot read is left out.</summary>
    internal IEnumerable<LedgerEntry> Read() => _log.ReadAll().Select(Parse).OfType<LedgerEntry>();

    /// <summary>Returns when the changes are on disk, and with them those that the disk refused before.</summary>
    /// <exception cref="IOException">The disk refused; the next call writes the whole ledger anew.</exception>
    internal void Write(ContainerLedger ledger)
    {
        var changes = ledger.TakeChanges();
        var wasBehind = _isBehind;
        _isBehind = true;
        if (!wasBehind)
        {
            _log.AppendAll(Serialize(changes));
        }

        if (wasBehind || _log.Bytes > Math.Max(RewriteAt, 4 * _bytesAfterRewrite))
        {
            _log.Rewrite(Serialize(ledger.Snapshot()));
            _bytesAfterRewrite = _log.Bytes;
        }

        _isBehind = false;
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
