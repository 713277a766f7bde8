using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Drover.Server.Hosting;

/// <summary>
/// The time a body may take to arrive (<c>server.limits.body_timeout</c>): at the least rate that is allowed a large
/// one could hold its connection for hours.
/// </summary>
internal sealed class BodyDeadline : IDisposable
{
    private readonly CancellationTokenSource _timer;
    private readonly CancellationTokenSource _linked;

    /// <param name="context">Whose body is read.</param>
    /// <param name="cancellationToken">The caller's own end.</param>
    public BodyDeadline(HttpContext context, CancellationToken cancellationToken)
    {
        var services = context.RequestServices;
        _timer = new CancellationTokenSource(
            services.GetRequiredService<ServerOptions>().Limits.BodyTimeout,
            services.GetRequiredService<TimeProvider>());
        _linked = CancellationTokenSource.CreateLinkedTokenSource(_timer.Token, cancellationToken);
    }

    /// <summary>Cancelled by whichever comes first.</summary>
    public CancellationToken Token => _linked.Token;

    /// <summary>True when the time ran out.</summary>
    public bool HasPassed => _timer.IsCancellationRequested;

    public void Dispose()
    {
        _linked.Dispose();
        _timer.Dispose();
    }
}
