using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace Drover.Server.Hosting;

/// <summary>Buffers a request's body up to a limit and not one byte further.</summary>
internal static class BodyReader
{
    private const int FirstGuess = 4 * 1024;

    /// <summary>The whole body.</summary>
    /// <exception cref="BodyTooLargeException">It is larger than the limit.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(
        HttpContext context, int limit, CancellationToken cancellationToken)
    {
        var declared = context.Request.ContentLength;
        if (declared > limit)
        {
            throw new BodyTooLargeException(limit);
        }

        // The declared length only sizes the first buffer as far as small bodies go: a liar shall not make us allocate.
        var buffer = new ArrayBufferWriter<byte>((int)Math.Min(declared ?? FirstGuess, FirstGuess) + 1);
        while (true)
        {
            var read = await context.Request.Body.ReadAsync(buffer.GetMemory(), cancellationToken);
            if (read == 0)
            {
                return buffer.WrittenMemory;
            }

            buffer.Advance(read);
            if (buffer.WrittenCount > limit)
            {
                throw new BodyTooLargeException(limit);
            }
        }
    }
}

/// <summary>A body went over its route's limit; turned into a 413 by <see cref="ProblemMiddleware"/>.</summary>
internal sealed class BodyTooLargeException(int limit) : Exception($"The body is larger than {limit} bytes.")
{
    public int Limit { get; } = limit;
}
