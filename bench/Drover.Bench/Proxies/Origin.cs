namespace Drover.Bench.Proxies;

/// <summary>
/// What proxies forward to: nginx with files of the sizes that are asked for, out of memory, on the processors of the
/// load. It answers several times as many requests as any proxy here, which <see cref="Wrk"/> shows without one.
/// </summary>
internal sealed class Origin : IAsyncDisposable
{
    private readonly Workspace _space = new();
    private Measured? _process;

    public int Port { get; } = Proxy.FreePort();

    public static async Task<Origin> StartAsync(IReadOnlyList<int> sizes, CancellationToken cancellationToken)
    {
        var origin = new Origin();
        try
        {
            foreach (var size in sizes)
            {
                await File.WriteAllBytesAsync(origin.FileOf(size), new byte[size], cancellationToken);
            }

            await origin.RunAsync(cancellationToken);
            return origin;
        }
        catch
        {
            await origin.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _space.Dispose();
    }

    private string FileOf(int size) => Path.Combine(_space.Folder, $"{size}");

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        var file = Path.Combine(_space.Folder, "nginx.conf");
        await File.WriteAllTextAsync(file, $$"""
            {{NginxProxy.Preamble(_space.Folder, Cores.Load)}}
            http {
              {{NginxProxy.Paths(_space.Folder)}}
              access_log off;
              sendfile on;
              tcp_nopush on;
              open_file_cache max=100 inactive=1h;
              keepalive_requests 1000000000;
              keepalive_timeout 1h;
              server { listen 127.0.0.1:{{Port}} backlog=4096; root {{_space.Folder}}; }
            }
            """, cancellationToken);
        var command = Cores.ForLoad("nginx", "-p", _space.Folder, "-e", "stderr", "-c", file);
        _process = Measured.Start(command[0], _space.Environment, command[1..]);
        for (var tries = 0; tries < 100; tries++)
        {
            using var client = new HttpClient();
            try
            {
                await client.GetStringAsync(new Uri($"http://127.0.0.1:{Port}/nginx.conf"), cancellationToken);
                return;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
            }
        }

        throw new InvalidOperationException("the origin does not answer; BENCH_VERBOSE=1 shows more");
    }
}
