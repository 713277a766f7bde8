using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Drover.Runtime.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Drover.HostAgent.LocalApi;

/// <summary>
/// <c>/health</c>, <c>/capabilities</c> and <c>/metrics</c> for people and tools on the host itself. Reads only. Off
/// unless told; on loopback only, because it asks nobody who they are.
/// </summary>
internal sealed class LocalApiServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private LocalApiServer(WebApplication app) => _app = app;

    /// <summary>Where it listens.</summary>
    internal Uri Address => new(_app.Urls.First());

    /// <exception cref="HostAgentStartException">The address cannot be had.</exception>
    internal static async Task<LocalApiServer> StartAsync(
        string listen, LocalView view, CancellationToken cancellationToken)
    {
        // Empty rather than slim: the slim builder also reads appsettings.json and ASPNETCORE_* variables, which could
        // add listeners, and takes the process's signals.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Limits.MaxConcurrentConnections = 64;
            kestrel.Listen(IPEndPoint.Parse(listen));
        });
        var app = builder.Build();
        var metrics = view.Metrics();
        app.Run(context => AnswerAsync(context, view, metrics));
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException error)
        {
            await app.DisposeAsync();
            throw new HostAgentStartException(
                $"cannot listen on host_agent.local_api \"{listen}\": "
                    + $"{error.InnerException?.Message ?? error.Message}; choose another port",
                error);
        }

        return new LocalApiServer(app);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _app.DisposeAsync();
    }

    private static Task AnswerAsync(HttpContext context, LocalView view, MetricRegistry metrics)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return Task.CompletedTask;
        }

        switch (context.Request.Path.Value)
        {
            case "/health":
                return WriteAsync(context, view.Health(), LocalApiJson.Default.LocalHealthDto);
            case "/capabilities":
                return WriteAsync(context, view.Capabilities(), LocalApiJson.Default.LocalCapabilitiesDto);
            case "/metrics":
                context.Response.ContentType = MetricRegistry.ContentType;
                return context.Response.WriteAsync(metrics.Write(), context.RequestAborted);
            default:
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
        }
    }

    private static Task WriteAsync<T>(HttpContext context, T answer, JsonTypeInfo<T> type)
    {
        context.Response.ContentType = "application/json";
        return JsonSerializer.SerializeAsync(context.Response.Body, answer, type, context.RequestAborted);
    }
}
