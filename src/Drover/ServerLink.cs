using System.Net.Http.Headers;
using System.Net.Sockets;
using Drover.Configuration;
using Drover.Core.Trust;
using Drover.Login;
using Drover.Runtime.Configuration;
using Drover.Runtime.Tls;
using Drover.Wire.Client;

namespace Drover;

/// <summary>
/// The way to the server: the unix socket of this machine's data directory, where the kernel says who calls, or the
/// address in <c>DROVER_SERVER</c> or of <c>drover login</c>, with a token. Owns the connections.
/// </summary>
internal sealed class ServerLink : IDisposable
{
    private readonly HttpClient _http;

    private ServerLink(HttpClient http, TimeProvider time, string description)
    {
        _http = http;
        Client = new DroverClient(http, time);
        Description = description;
    }

    public DroverClient Client { get; }

    /// <summary>The socket's path or the address, for people.</summary>
    public string Description { get; }

    public static ServerLink Open(Func<Settings> settings, EnvironmentVariables environment, TimeProvider time) =>
        environment[EnvironmentVariables.Server] is { } server
            ? OfEnvironment(server, environment, time)
            : LoginStore.InForce(environment) is { } login
            ? OfLogin(login, time)
            : OverSocket(settings().SocketPath, time);

    /// <summary>A link over a socket; that it answers shows only when it is used.</summary>
    public static ServerLink OverSocket(string path, TimeProvider time) =>
        new(HttpOverSocket(path, error => NoServer(path, error)), time, path);

    /// <summary>A client over a socket; what a refused connection means is for the caller to say.</summary>
    internal static HttpClient HttpOverSocket(string path, Func<SocketException, NoServerException> explain)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket
                        .ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken)
                        .ConfigureAwait(false);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch (SocketException error)
                {
                    socket.Dispose();
                    throw explain(error);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };
        return Http(handler, new Uri("http://drover.socket"));
    }

    public void Dispose() => _http.Dispose();

    /// <summary>A link over the network.</summary>
    /// <param name="address">Scheme, host and port; http on loopback only.</param>
    /// <param name="token">API token.</param>
    /// <param name="pin">Pin of the certificate; null leaves it to this machine's authorities.</param>
    /// <param name="time">The clock.</param>
    public static ServerLink OverNetwork(Uri address, Secret token, string? pin, TimeProvider time) =>
        new(HttpOverNetwork(address, token, pin, "the server", time), time, address.ToString());

    /// <summary>A client over the network, of a peer that people call <paramref name="peer"/>.</summary>
    internal static HttpClient HttpOverNetwork(Uri address, Secret token, string? pin, string peer, TimeProvider time)
    {
        RefusePlainHttp(address, peer);
        var trust = ServerPin.TryParse(pin, out var known) ? new ServerTrust(known!) : new ServerTrust();
        var handler = new SocketsHttpHandler
        {
            UseProxy = !address.IsLoopback,
            SslOptions = trust.OptionsFor(address, time),
        };
        var http = Http(handler, address);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.Reveal());
        return http;
    }

    private static ServerLink OfEnvironment(string server, EnvironmentVariables environment, TimeProvider time)
    {
        if (!Uri.TryCreate(server, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            throw new ConfigurationException(
                $"cannot use {EnvironmentVariables.Server} \"{server}\": it is not an address")
            {
                Hint = "write https://HOST:PORT",
            };
        }

        var pin = environment[EnvironmentVariables.ServerPin];
        if (pin is not null && !ServerPin.TryParse(pin, out _))
        {
            throw new ConfigurationException(
                $"cannot use {EnvironmentVariables.ServerPin} \"{pin}\": it is not {ServerPin.Form}");
        }

        RefusePlainHttp(address, "the server");
        return OverNetwork(address, Token(environment), pin, time);
    }

    private static void RefusePlainHttp(Uri address, string peer)
    {
        if (address.Scheme == "http" && !address.IsLoopback)
        {
            throw new ConfigurationException(
                $"cannot use {peer} \"{address.GetLeftPart(UriPartial.Authority)}\": plain HTTP would show the "
                    + "token to the network")
            {
                Hint = "use https://, or forward the port over ssh and use http://127.0.0.1:PORT",
            };
        }
    }

    private static ServerLink OfLogin(SavedLogin login, TimeProvider time) =>
        OverNetwork(new Uri(login.Server), new Secret(login.Token), login.Pin, time);

    private static HttpClient Http(SocketsHttpHandler handler, Uri address)
    {
        handler.AllowAutoRedirect = false;
        handler.ConnectTimeout = TimeSpan.FromSeconds(10);
        var http = new HttpClient(handler) { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.UserAgent.ParseAdd($"drover/{ProductVersion.Number}");
        return http;
    }

    private static Secret Token(EnvironmentVariables environment)
    {
        if (environment[EnvironmentVariables.TokenFile] is { } file)
        {
            return Secret.FromFile(file);
        }

        return environment[EnvironmentVariables.Token] is { } token
            ? new Secret(token)
            : throw new ConfigurationException(
                $"cannot sign in at the server: {EnvironmentVariables.Server} is set and no token is")
            {
                Hint = $"set {EnvironmentVariables.TokenFile} to a file with an API token; on the server's machine "
                    + ProblemAdvice.MakesToken,
            };
    }

    private static NoServerException NoServer(string path, SocketException error)
    {
        var why = error.SocketErrorCode switch
        {
            SocketError.AddressNotAvailable => "there is no such socket",
            SocketError.ConnectionRefused => "nothing listens there any more",
            SocketError.AccessDenied => "this user may not open it",
            _ => File.Exists(path) ? error.Message : "there is no such socket",
        };
        var hint = error.SocketErrorCode == SocketError.AccessDenied
            ? "run the verb as the user who runs drover, or as root"
            : "start it with `drover up`; where it runs elsewhere or as another user, set "
                + $"{EnvironmentVariables.DataDirectory} "
                + $"or {EnvironmentVariables.Server}";
        return new NoServerException($"at \"{path}\" {why}", hint);
    }
}

/// <summary>Nothing answers at the socket; says what to do about it.</summary>
internal sealed class NoServerException(string message, string hint) : IOException(message)
{
    public string Hint { get; } = hint;
}
