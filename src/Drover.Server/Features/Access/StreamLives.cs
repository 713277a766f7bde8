using Drover.Server.Hosting;
using Microsoft.AspNetCore.Http;

namespace Drover.Server.Features.Access;

/// <summary>
/// Says when an endless answer must end: when the reader leaves, when the server stops, and when the token that opened
/// it is revoked or expires, for nothing else looks at it again.
/// </summary>
internal sealed class StreamLives(ApiTokens tokens, ServerStopping stopping, TimeProvider time)
{
    // The longest a timer can run; a reader of a longer-lived token resumes then, which costs it nothing.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(24);

    /// <summary>Begins a stream for whoever asks; dispose it with the answer.</summary>
    public StreamLife Begin(HttpContext context)
    {
        if (context.Person().Token is not { } token)
        {
            return new StreamLife(null, [context.RequestAborted, stopping.Token]);
        }

        var left = token.ExpiresAt - time.GetUtcNow();
        var expiry = left is { } life
            ? new CancellationTokenSource(life < TimeSpan.Zero ? TimeSpan.Zero : life < Longest ? life : Longest, time)
            : null;
        var expired = expiry?.Token ?? CancellationToken.None;
        return new StreamLife(expiry, [context.RequestAborted, stopping.Token, tokens.Revocation(token), expired]);
    }
}

/// <summary>The life of one endless answer; owns the timer of its token's expiry.</summary>
internal sealed class StreamLife(CancellationTokenSource? expiry, CancellationToken[] ends) : IDisposable
{
    private readonly CancellationTokenSource _ending = CancellationTokenSource.CreateLinkedTokenSource(ends);

    public CancellationToken Token => _ending.Token;

    public bool IsCancellationRequested => _ending.IsCancellationRequested;

    public void Dispose()
    {
        _ending.Dispose();
        expiry?.Dispose();
    }
}
