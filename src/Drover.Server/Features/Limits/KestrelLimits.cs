using Drover.Server.Features.Access;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Drover.Server.Features.Limits;

/// <summary>What the listener itself allows, before any code of ours sees a request.</summary>
internal static class KestrelLimits
{
    private const int LongestRequestLine = 16 * 1024;
    private const int MostHeaderBytes = 128 * 1024;
    private const int MostHeaders = 256;

    // Of one connection, unread. Must hold the largest headers.
    private const int InputBuffer = 256 * 1024;

    // Each route has its own limit (AccessTable), which is checked while the body is read; this one also bounds what is
    // read of a body that nobody wants, after the answer.
    private const int BodyMargin = 64 * 1024;

    public static void Apply(KestrelServerLimits limits, ServerLimits wanted)
    {
        limits.MaxRequestLineSize = LongestRequestLine;
        limits.MaxRequestHeadersTotalSize = MostHeaderBytes;
        limits.MaxRequestHeaderCount = MostHeaders;
        limits.MaxRequestBufferSize = InputBuffer;
        limits.MaxRequestBodySize = AccessTable.Rules.Max(rule => rule.BodyLimit) + BodyMargin;
        limits.RequestHeadersTimeout = wanted.HeaderTimeout;
        limits.KeepAliveTimeout = wanted.IdleTimeout;
        limits.MinRequestBodyDataRate = new MinDataRate(wanted.LeastBytesPerSecond, wanted.CrawlGrace);
        limits.MinResponseDataRate = new MinDataRate(wanted.LeastBytesPerSecond, wanted.CrawlGrace);
    }
}
