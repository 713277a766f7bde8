using System.Net;
using System.Net.Sockets;
using Drover.Bench.Supervision;
using Drover.Testing.Tls;

namespace Drover.Bench.Proxies;

/// <summary>
/// A reverse proxy under measurement, ours or a peer, set up as its own documentation does it: one origin behind it,
/// with and without TLS in front, on the processors of <see cref="Cores"/>. Nothing of it is left when it is disposed.
/// </summary>
internal abstract class Proxy : IAsyncDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(20);

    private readonly Workspace _space = new();
    private Measured? _process;

    protected Proxy()
    {
        Port = FreePort();
        TlsPort = FreePort();
    }

    public abstract string Name { get; }

    /// <summary>Where it listens without TLS.</summary>
    public int Port { get; }

    public int TlsPort { get; }

    protected string Folder => _space.Folder;

    protected string Certificate => Path.Combine(Folder, "certificate.pem");

    protected string Key => Path.Combine(Folder, "key.pem");

    protected Dictionary<string, string> Environment => _space.Environment;

    /// <summary>Starts it in front of an origin; returns when it answers.</summary>
    public async Task StartAsync(int origin, CancellationToken cancellationToken)
    {
        using (var certificate = TestCertificate.Make())
        {
            certificate.WriteTo(Certificate, Key);
        }

        var command = Cores.ForProxy(Command(origin));
        _process = Measured.Start(command[0], Environment, command[1..]);
        await UntilListensAsync(Port, cancellationToken);
        await UntilListensAsync(TlsPort, cancellationToken);
    }

    /// <summary>What all of its processes take.</summary>
    public Footprint Footprint() => SystemProcess.Family(_process!.Id)
        .Aggregate(default(Footprint), (sum, pid) => sum + SystemProcess.FootprintOf(pid));

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _space.Dispose();
    }

    /// <summary>A port that nobody has.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>The program, in the foreground, and its arguments; writes what it reads.</summary>
    protected abstract string[] Command(int origin);

    protected string Write(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private async Task UntilListensAsync(int port, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
                return;
            }
            catch (SocketException) when (TimeProvider.System.GetElapsedTime(began) < StartPatience)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
            }
            catch (SocketException error)
            {
                throw new InvalidOperationException(
                    $"{Name} does not listen on {port}; BENCH_VERBOSE=1 shows more", error);
            }
        }
    }
}
