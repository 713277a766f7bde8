using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Gateway.Tests.Rig;

/// <summary>An agent that a test plays: a real server on loopback that answers as the test says.</summary>
internal sealed class PlayedAgent : IAsyncDisposable
{
    private readonly WebApplication _application;

    private PlayedAgent(WebApplication application)
    {
        _application = application;
        Origin = new Uri(application.Urls.First());
    }

    public Uri Origin { get; }

    public static async Task<PlayedAgent> StartAsync(
        RequestDelegate answer, HttpProtocols protocols = HttpProtocols.Http1, bool webSockets = false)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.RequestHeaderEncodingSelector = _ => System.Text.Encoding.Latin1;
            kestrel.ResponseHeaderEncodingSelector = _ => System.Text.Encoding.Latin1;
            kestrel.Listen(IPAddress.Loopback, 0, listener => listener.Protocols = protocols);
        });
        builder.Services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        var application = builder.Build();
        if (webSockets)
        {
            application.UseWebSockets();
        }

        application.Run(answer);
        await application.StartAsync(TestContext.Current.CancellationToken);
        return new PlayedAgent(application);
    }

    /// <summary>Sends back what came: the first line and the headers, one a line, then the body.</summary>
    public static Task<PlayedAgent> EchoAsync(HttpProtocols protocols = HttpProtocols.Http1) => StartAsync(
        async context =>
        {
            var target = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;
            var lines = new List<string> { $"{context.Request.Method} {target} {context.Request.Protocol}" };
            lines.AddRange(context.Request.Headers.SelectMany(
                header => header.Value, (header, value) => $"{header.Key.ToLowerInvariant()}: {value}"));
            using var body = new StreamReader(context.Request.Body);
            lines.Add("");
            lines.Add(await body.ReadToEndAsync());
            await context.Response.WriteAsync(string.Join('\n', lines));
        },
        protocols);

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _application.StopAsync(now.Token);
        await _application.DisposeAsync();
    }
}
