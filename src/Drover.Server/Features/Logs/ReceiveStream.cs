using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using System.Threading.Channels;
using Drover.Server.Features.Access;
using Drover.Server.Hosting;
using Drover.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Drover.Server.Features.Logs;

/// <summary>Takes the lines a host uploads while somebody follows a log, no faster than they are read.</summary>
internal static class ReceiveStream
{
    // A log line of 1 MiB may grow sixfold when it is escaped.
    private const int LongestLine = 8 * 1024 * 1024;

    public static async Task<Results<NoContent, Problem>> Handle(string id, HttpContext context, FollowRelay relay)
    {
        if (relay.Take(id, context.Agent().Host) is not { } session)
        {
            return Problem.NotFound("Nobody follows under this id (any longer).");
        }

        // It is endless by its nature.
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;

        // A quiet log is no slow attacker.
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        // Taken once: the person's leaving disposes the source behind the token.
        using var gone = session.ViewerGone.Register(context.Abort);
        try
        {
            // Who has heard the end leaves, which is no reason to cut the host off before its answer.
            await PumpAsync(
                context.Request.BodyReader, session.Lines.Writer, () => gone.Dispose(), context.RequestAborted);
            session.Lines.Writer.TryComplete();
            return TypedResults.NoContent();
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or JsonException)
        {
            session.Lines.Writer.TryComplete(exception);
            return exception is JsonException
                ? Problem.InvalidRequest("cannot read the stream: a line is not valid JSON or too long")
                : TypedResults.NoContent();
        }
    }

    private static async Task PumpAsync(
        PipeReader body, ChannelWriter<FollowLine> lines, Action ending, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await body.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            while (TryReadLine(ref buffer, out var line))
            {
                if (Parse(line) is not { } parsed)
                {
                    continue;
                }

                await lines.WaitToWriteAsync(cancellationToken);
                if (parsed.IsEnd)
                {
                    ending();
                }

                await lines.WriteAsync(parsed, cancellationToken);
                if (parsed.IsEnd)
                {
                    body.AdvanceTo(read.Buffer.End);
                    return;
                }
            }

            if (buffer.Length > LongestLine)
            {
                throw new JsonException("The line is too long.");
            }

            body.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }

    private static bool TryReadLine(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> line)
    {
        line = default;
        if (buffer.PositionOf((byte)'\n') is not { } end)
        {
            return false;
        }

        line = buffer.Slice(0, end);
        buffer = buffer.Slice(buffer.GetPosition(1, end));
        return true;
    }

    /// <summary>A blank line keeps the connection alive and is nothing else.</summary>
    private static FollowLine? Parse(ReadOnlySequence<byte> line)
    {
        var bytes = line.ToArray();
        if (bytes.AsSpan().Trim(" \r\t"u8).IsEmpty)
        {
            return null;
        }

        var parsed = JsonSerializer.Deserialize(bytes, WireJson.Default.FollowLineDto);
        return new FollowLine(bytes, parsed?.Cursor, parsed?.End is not null);
    }
}
