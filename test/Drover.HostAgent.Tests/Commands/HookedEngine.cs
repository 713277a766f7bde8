using System.Collections.Concurrent;
using Drover.HostAgent.Commands;
using Drover.Runtime.Docker.Containers;
using Drover.Runtime.Docker.Logs;

namespace Drover.HostAgent.Tests.Commands;

/// <summary>An engine that a test can hold up before a call and that remembers what was called.</summary>
internal sealed class HookedEngine(IContainerEngine inner) : IContainerEngine
{
    /// <summary>Runs before each call: what is done (<c>restart</c>) and to which container.</summary>
    public Func<string, string, CancellationToken, Task>? Before { get; set; }

    public ConcurrentQueue<string> Calls { get; } = new();

    public async Task<IReadOnlyList<ContainerSummary>> ListAsync(CancellationToken cancellationToken)
    {
        await EnterAsync("list", "", cancellationToken);
        return await inner.ListAsync(cancellationToken);
    }

    public async Task<ContainerInspect> InspectAsync(string id, CancellationToken cancellationToken)
    {
        await EnterAsync("inspect", id, cancellationToken);
        return await inner.InspectAsync(id, cancellationToken);
    }

    public async Task<bool> StartAsync(string id, CancellationToken cancellationToken)
    {
        await EnterAsync("start", id, cancellationToken);
        return await inner.StartAsync(id, cancellationToken);
    }

    public async Task<bool> StopAsync(string id, TimeSpan grace, CancellationToken cancellationToken)
    {
        await EnterAsync("stop", id, cancellationToken);
        return await inner.StopAsync(id, grace, cancellationToken);
    }

    public async Task RestartAsync(string id, TimeSpan grace, CancellationToken cancellationToken)
    {
        await EnterAsync("restart", id, cancellationToken);
        await inner.RestartAsync(id, grace, cancellationToken);
    }

    public async Task KillAsync(string id, CancellationToken cancellationToken)
    {
        await EnterAsync("kill", id, cancellationToken);
        await inner.KillAsync(id, cancellationToken);
    }

    public IAsyncEnumerable<LogLine> LogsAsync(string id, LogQuery query, CancellationToken cancellationToken) =>
        inner.LogsAsync(id, query, cancellationToken);

    public int Count(string call) => Calls.Count(made => made == call);

    private async Task EnterAsync(string call, string id, CancellationToken cancellationToken)
    {
        Calls.Enqueue(call);
        if (Before is { } before)
        {
            await before(call, id, cancellationToken);
        }
    }
}
