using System.Buffers.Binary;
using System.Text;
using Drover.Runtime.Docker;
using Microsoft.AspNetCore.Http;

namespace Drover.Testing.Docker;

/// <summary>Writes a log as the engine does: frames of at most 16 KiB, a timestamp before each piece, raw with a
/// terminal.</summary>
internal static class FakeLogResponse
{
    private const int PieceBytes = 16 * 1024;

    public static async Task WriteAsync(
        FakeContainer container, HttpContext context, CancellationToken cancellationToken)
    {
        var query = context.Request.Query;
        var since = Moment(query["since"]);
        var until = Moment(query["until"]);
        var tail = int.TryParse(query["tail"], out var count) ? count : int.MaxValue;
        var given = 0;
        while (true)
        {
            var (entries, changed) = container.Log();
            var wanted = entries.Skip(given).Where(entry => IsWanted(entry, context, since, until)).ToArray();
            given = entries.Length;
            foreach (var entry in wanted.TakeLast(tail))
            {
                await WriteAsync(entry, container.Tty, query["timestamps"] == "1", context.Response, cancellationToken);
            }

            await context.Response.Body.FlushAsync(cancellationToken);
            if (query["follow"] != "1" || !container.IsRunning)
            {
                return;
            }

            tail = int.MaxValue;
            await changed.WaitAsync(cancellationToken);
        }
    }

    private static bool IsWanted(
        FakeLogEntry entry, HttpContext context, EngineTimestamp? since, EngineTimestamp? until) =>
        context.Request.Query[entry.IsStderr ? "stderr" : "stdout"] == "1"
        && (since is null || entry.At >= since)
        && (until is null || entry.At <= until);

    private static async Task WriteAsync(
        FakeLogEntry entry, bool tty, bool timestamps, HttpResponse response, CancellationToken cancellationToken)
    {
        byte[] line = [.. entry.Line, .. tty ? "\r\n"u8 : "\n"u8];
        var stamp = timestamps ? Encoding.ASCII.GetBytes($"{entry.At} ") : [];
        foreach (var piece in line.Chunk(PieceBytes))
        {
            byte[] header = [];
            if (!tty)
            {
                header = [entry.IsStderr ? (byte)2 : (byte)1, 0, 0, 0, 0, 0, 0, 0];
                BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), stamp.Length + piece.Length);
            }

            await response.Body.WriteAsync((byte[])[.. header, .. stamp, .. piece], cancellationToken);
        }
    }

    internal static EngineTimestamp? Moment(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        var parts = text.Split('.');
        var nanos = parts.Length > 1 ? int.Parse(parts[1].PadRight(9, '0'), null) : 0;
        return new EngineTimestamp(long.Parse(parts[0], null), nanos);
    }
}
