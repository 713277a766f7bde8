using System.Buffers;
using System.Security.Cryptography;
using Drover.Runtime.Scheduling;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Drover.Server.Hosting;

/// <summary>Buffers a request's body up to a limit and not one byte further, within the time a body may take.</summary>
internal static class BodyReader
{
    private const int FirstGuess = 4 * 1024;

    /// <summary>The whole body.</summary>
    /// <exception cref="BodyTooLargeException">It is larger than the limit.</exception>
    /// <exception cref="BodyTooSlowException">It did not arrive in time.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(
        HttpContext context, int limit, CancellationToken cancellationToken)
    {
        var declared = Declared(context, limit);
        using var deadline = DeadlineOf(context, cancellationToken);

        // The declared length only sizes the first buffer as far as small bodies go: a liar shall not make us allocate.
        var buffer = new ArrayBufferWriter<byte>((int)Math.Min(declared ?? FirstGuess, FirstGuess) + 1);
        while (true)
        {
            var read = await ReadSomeAsync(context, buffer.GetMemory(), deadline);
            if (read == 0)
            {
                return buffer.WrittenMemory;
            }

            buffer.Advance(read);
            Require(buffer.WrittenCount, limit);
        }
    }

    /// <summary>The lower-case hex SHA-256 of the whole body, of which nothing is kept.</summary>
    /// <exception cref="BodyTooLargeException">It is larger than the limit.</exception>
    /// <exception cref="BodyTooSlowException">It did not arrive in time.</exception>
    public static async Task<string> HashAsync(HttpContext context, int limit, CancellationToken cancellationToken)
    {
        _ = Declared(context, limit);
        using var deadline = DeadlineOf(context, cancellationToken);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(FirstGuess);
        try
        {
            long total = 0;
            while (true)
            {
                var read = await ReadSomeAsync(context, buffer, deadline);
                if (read == 0)
                {
                    return Convert.ToHexStringLower(hash.GetHashAndReset());
                }

                total += read;
                Require(total, limit);
                hash.AppendData(buffer.AsSpan(0, read));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task<int> ReadSomeAsync(HttpContext context, Memory<byte> buffer, Deadline deadline)
    {
        try
        {
            return await context.Request.Body.ReadAsync(buffer, deadline.Token);
        }
        catch (OperationCanceledException) when (deadline.HasPassed)
        {
            throw new BodyTooSlowException();
        }
    }

    /// <summary>At the least rate that is allowed a large body could hold its connection for hours
    /// (<c>server.limits.body_timeout</c>).</summary>
    private static Deadline DeadlineOf(HttpContext context, CancellationToken cancellationToken) => new(
        context.RequestServices.GetRequiredService<TimeProvider>(),
        context.RequestServices.GetRequiredService<ServerOptions>().Limits.BodyTimeout,
        cancellationToken);

    private static long? Declared(HttpContext context, int limit)
    {
        var declared = context.Request.ContentLength;
        Require(declared ?? 0, limit);
        return declared;
    }

    private static void Require(long length, int limit)
    {
        if (length > limit)
        {
            throw new BodyTooLargeException(limit);
        }
    }
}

/// <summary>A body went over its route's limit; turned into a 413 by <see cref="ProblemMiddleware"/>.</summary>
internal sealed class BodyTooLargeException(int limit) : Exception($"The body is larger than {limit} bytes.")
{
    public int Limit { get; } = limit;
}

/// <summary>A body took longer than a body may; turned into a 408 by <see cref="ProblemMiddleware"/>.</summary>
internal sealed class BodyTooSlowException() : Exception("The body did not arrive in time.");
