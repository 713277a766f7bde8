using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Drover.Runtime.Probing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Drover.Runtime.Tests.Probing;

/// <summary>A web server on loopback that answers as the test says, over the protocols that the test says.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private LoopbackServer(WebApplication app) => _app = app;

    public int Port => new Uri(_app.Urls.Single()).Port;

    public ProbeAddress Address => new(ProbeAddress.DefaultHost, Port);

    /// <summary>The connections that requests came on.</summary>
    public ConcurrentDictionary<string, int> Connections { get; } = new();

    public static async Task<LoopbackServer> StartAsync(
        RequestDelegate answer,
        HttpProtocols protocols = HttpProtocols.Http1,
        X509Certificate2? certificate = null,
        int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromMilliseconds(100));
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(
            IPAddress.Loopback,
            port,
            listen =>
            {
                listen.Protocols = protocols;
                if (certificate is not null)
                {
                    listen.UseHttps(certificate);
                }
            }));
        var app = builder.Build();
        var server = new LoopbackServer(app);
        app.Run(context =>
        {
            server.Connections.AddOrUpdate(context.Connection.Id, 1, (_, count) => count + 1);
            return answer(context);
        });
        await app.StartAsync();
        return server;
    }

    /// <summary>A gRPC server with one method that answers each call.</summary>
    /// <param name="answer">From the request's bytes to the message and the status.</param>
    public static Task<LoopbackServer> StartGrpcAsync(Func<string, byte[], GrpcScript> answer) => StartAsync(
        async context =>
        {
            var request = new MemoryStream();
            await context.Request.Body.CopyToAsync(request, context.RequestAborted);
            await answer(context.Request.Path, request.ToArray()[5..]).WriteAsync(context);
        },
        HttpProtocols.Http2);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}

/// <summary>What a gRPC server sends back, down to the byte.</summary>
internal sealed record GrpcScript(byte[]? Frame, string? Status = "0", string? Words = null)
{
    public static GrpcScript Message(byte[] message) => new(
        [0, .. BitConverter.GetBytes(IPAddress.HostToNetworkOrder(message.Length)), .. message]);

    /// <summary>As gRPC servers refuse: status in the headers, no body.</summary>
    public static GrpcScript Refusal(int status, string words) => new(null, $"{status}", words);

    public async Task WriteAsync(HttpContext context)
    {
        context.Response.ContentType = "application/grpc";
        if (Frame is null)
        {
            context.Response.Headers["grpc-status"] = Status;
            context.Response.Headers["grpc-message"] = Uri.EscapeDataString(Words ?? "");
            return;
        }

        context.Response.DeclareTrailer("grpc-status");
        await context.Response.Body.WriteAsync(Frame);
        if (Status is not null)
        {
            context.Response.AppendTrailer("grpc-status", Status);
        }
    }
}
