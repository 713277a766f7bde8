using System.Text;

namespace Drover.Runtime.Docker;

/// <summary>Where an engine listens and how it is reached: a unix socket, plain TCP, or TLS.</summary>
public sealed class DockerEndpoint
{
    /// <summary>Where a distribution's engine listens.</summary>
    public const string DefaultAddress = "unix:///var/run/docker.sock";

    private const int PlainPort = 2375;
    private const int TlsPort = 2376;
    private const int MaxSocketPathBytes = 107;

    private readonly string _address;

    private DockerEndpoint(string address, Uri baseAddress, string? socketPath, DockerTls? tls)
    {
        _address = address;
        BaseAddress = baseAddress;
        SocketPath = socketPath;
        Tls = tls;
    }

    /// <summary>Path of the unix socket; null for TCP and TLS.</summary>
    public string? SocketPath { get; }

    /// <summary>Certificates; null without TLS.</summary>
    public DockerTls? Tls { get; }

    /// <summary>What HTTP requests are addressed to; the host part means nothing on a unix socket.</summary>
    internal Uri BaseAddress { get; }

    /// <summary>Reads <c>unix:///path</c>, <c>tcp://host[:port]</c>, <c>http://host[:port]</c> or
    /// <c>https://host[:port]</c>.</summary>
    /// <param name="address">As in <c>DOCKER_HOST</c>.</param>
    /// <param name="tls">Given with <c>tcp://</c> it turns TLS on; <c>https://</c> without it trusts what the machine
    /// trusts.</param>
    /// <exception cref="DockerConfigurationException">The address cannot be used; the sentence says why.</exception>
    public static DockerEndpoint Parse(string address, DockerTls? tls = null)
    {
        var text = address.Trim();
        if (text.StartsWith("unix://", StringComparison.OrdinalIgnoreCase))
        {
            return Unix(text, text["unix://".Length..]);
        }

        var scheme = text.Split("://", 2)[0].ToLowerInvariant();
        var secure = scheme is "https" || (scheme is "tcp" && tls is not null);
        return scheme switch
        {
            _ when text.Length is 0 => throw Unusable(address, "it is empty"),
            "tcp" or "http" or "https" when text.Contains("://", StringComparison.Ordinal) =>
                Network(text, secure, secure ? tls ?? DockerTls.SystemTrust() : null),
            "npipe" => throw Unusable(address, "named pipes exist only on Windows"),
            "ssh" => throw Unusable(address, "ssh is not supported; forward the engine's socket and give its path"),
            "fd" =>
                throw Unusable(address, "\"fd\" is an address for the engine itself; give the socket it listens on"),
            _ => throw Unusable(address, "it is none of unix:///path, tcp://host:port or https://host:port"),
        };
    }

    /// <summary>What Docker's own client makes of its three environment variables, given as values.</summary>
    /// <param name="host">DOCKER_HOST; null or empty means <see cref="DefaultAddress"/>.</param>
    /// <param name="tlsVerify">DOCKER_TLS_VERIFY: any text turns TLS on, with the engine's certificate checked.</param>
    /// <param name="certPath">DOCKER_CERT_PATH: directory with ca.pem, cert.pem and key.pem.</param>
    /// <exception cref="DockerConfigurationException">The address or a certificate cannot be used.</exception>
    public static DockerEndpoint FromDockerVariables(string? host, string? tlsVerify, string? certPath)
    {
        var address = string.IsNullOrWhiteSpace(host) ? DefaultAddress : host;
        var isUnix = address.StartsWith("unix://", StringComparison.OrdinalIgnoreCase);
        if (isUnix || string.IsNullOrEmpty(tlsVerify))
        {
            return Parse(address);
        }

        return string.IsNullOrEmpty(certPath)
            ? throw new DockerConfigurationException(
                $"cannot check the certificate of Docker at \"{address}\": DOCKER_TLS_VERIFY is set but "
                + "DOCKER_CERT_PATH, the directory with ca.pem, cert.pem and key.pem, is not")
            : Parse(address, DockerTls.FromDirectory(certPath));
    }

    /// <summary>The address as it was given.</summary>
    public override string ToString() => _address;

    private static DockerEndpoint Unix(string address, string path)
    {
        if (!path.StartsWith('/'))
        {
            throw Unusable(
                address, "the path of a unix socket must start with \"/\", as in unix:///var/run/docker.sock");
        }

        return Encoding.UTF8.GetByteCount(path) > MaxSocketPathBytes
            ? throw Unusable(address, $"the system allows at most {MaxSocketPathBytes} bytes for a socket's path")
            : new DockerEndpoint(address, new Uri("http://docker"), path, tls: null);
    }

    private static DockerEndpoint Network(string address, bool secure, DockerTls? tls)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Host.Length is 0)
        {
            throw Unusable(address, "it has no valid host and port");
        }

        if (uri.UserInfo.Length > 0)
        {
            throw Unusable("[address with a password]", "an engine has no user names; use TLS certificates");
        }

        // A web address may leave its port out and Uri then fills in 80 or 443, where no engine listens.
        var hasPort = !uri.IsDefaultPort || address.TrimEnd('/').EndsWith($":{uri.Port}", StringComparison.Ordinal);
        var port = hasPort && uri.Port > 0 ? uri.Port : secure ? TlsPort : PlainPort;
        var builder = new UriBuilder(secure ? "https" : "http", uri.Host, port);
        return new DockerEndpoint(address, builder.Uri, socketPath: null, tls);
    }

    private static DockerConfigurationException Unusable(string address, string why) =>
        new($"cannot use Docker address \"{address}\": {why}");
}
