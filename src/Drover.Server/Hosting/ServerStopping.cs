namespace Drover.Server.Hosting;

/// <summary>Tells the requests that would never end by themselves (waits, streams) that the server stops.</summary>
internal sealed class ServerStopping : IDisposable
{
    private readonly CancellationTokenSource _source = new();

    public CancellationToken Token => _source.Token;

    public void Begin() => _source.Cancel();

    public void Dispose() => _source.Dispose();
}
