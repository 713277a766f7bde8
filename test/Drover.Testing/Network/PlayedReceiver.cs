using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Testing.Network;

/// <summary>
/// A receiver of webhooks that a test plays: a real server on loopback that remembers what comes and answers as the
/// test says.
/// </summary>
public sealed class PlayedReceiver : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly ConcurrentQueue<Received> _all = new();

    private PlayedReceiver(WebApplication application) => _application = application;

    /// <summary>Where events are sent.</summary>
    public Uri Address => new(new Uri(_application.Urls.First()), "/hook");

    /// <summary>How it answers; may be exchanged at any time.</summary>
    public Func<HttpContext, Received, Task> Answer { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>Every request so far, in the order in which it came.</summary>
    public IReadOnlyList<Received> All => [.. _all];

    /// <summary>The ids of the requests so far.</summary>
    public IReadOnlyList<string> Ids => [.. _all.Select(one => one.Id)];

    /// <summary>Begins to listen.</summary>
    /// <param name="port">0: any that is free.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<PlayedReceiver> StartAsync(int port, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        var receiver = new PlayedReceiver(builder.Build());
        receiver._application.Run(receiver.ReceiveAsync);
        await receiver._application.StartAsync(cancellationToken);
        return receiver;
    }

    /// <summary>Answers with a status from now on.</summary>
    public void AnswerWith(HttpStatusCode status, string? retryAfter = null) => Answer = (context, _) =>
    {
        context.Response.StatusCode = (int)status;
        if (retryAfter is not null)
        {
            context.Response.Headers.RetryAfter = retryAfter;
        }

        return Task.CompletedTask;
    };

    /// <summary>Returns when so many requests have come.</summary>
    public Task WaitForAsync(int count, CancellationToken cancellationToken) =>
        Until.TrueAsync(() => _all.Count >= count, $"{count} requests", cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _application.StopAsync(now.Token);
        await _application.DisposeAsync();
    }

    private async Task ReceiveAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        var one = new Received(
            context.Request.Path,
            body,
            context.Request.Headers.ToDictionary(
                header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase));
        _all.Enqueue(one);
        await Answer(context, one);
    }
}

/// <summary>One request that came.</summary>
/// <param name="Path">The path.</param>
/// <param name="Body">The body.</param>
/// <param name="Headers">The headers.</param>
public sealed record Received(string Path, string Body, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>The id of the event.</summary>
    public string Id => Headers["webhook-id"];

    /// <summary>The body as JSON.</summary>
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;
}

/// <summary>Waiting for a condition, with an end.</summary>
public static class Until
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Returns when it is true.</summary>
    public static Task TrueAsync(Func<bool> condition, string what, CancellationToken cancellationToken) =>
        TrueAsync(() => Task.FromResult(condition()), what, cancellationToken);

    /// <summary>Returns when it is true.</summary>
    public static async Task TrueAsync(Func<Task<bool>> condition, string what, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(began) > Limit)
            {
                throw new TimeoutException($"cannot wait longer for {what}: {Limit} have passed");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancellationToken);
        }
    }
}
