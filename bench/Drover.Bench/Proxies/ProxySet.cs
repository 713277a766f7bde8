namespace Drover.Bench.Proxies;

/// <summary>Ours and all that it is measured beside.</summary>
internal sealed class ProxySet : IAsyncDisposable
{
    private readonly List<Proxy> _all = [];

    private ProxySet()
    {
    }

    /// <summary>Those that were wanted, ours first.</summary>
    public IReadOnlyList<Proxy> Started => _all;

    /// <summary>Starts them in front of one origin.</summary>
    /// <param name="published">Our executable.</param>
    /// <param name="origin">The origin's port.</param>
    /// <param name="wanted">Their names; none for all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<ProxySet> StartAsync(
        string published, int origin, IReadOnlyList<string> wanted, CancellationToken cancellationToken)
    {
        var set = new ProxySet();
        try
        {
            (string Name, Func<Proxy> Make)[] known =
            [
                ("drover", () => new DroverProxy(published)), ("bare YARP", () => new BareYarpProxy()),
                ("nginx", () => new NginxProxy()), ("haproxy", () => new HaproxyProxy()),
                ("caddy", () => new CaddyProxy()),
            ];
            foreach (var (_, make) in known.Where(one => wanted.Count == 0 || wanted.Contains(one.Name)))
            {
                var proxy = make();
                set._all.Add(proxy);
                await proxy.StartAsync(origin, cancellationToken);
            }

            return set;
        }
        catch
        {
            await set.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var proxy in _all)
        {
            await proxy.DisposeAsync();
        }
    }
}
