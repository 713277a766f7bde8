namespace Drover.Bench.Proxies;

/// <summary>HAProxy with its defaults for reuse of connections.</summary>
internal sealed class HaproxyProxy : Proxy
{
    public override string Name => "haproxy";

    protected override string[] Command(int origin)
    {
        var pem = Write("both.pem", $"{File.ReadAllText(Certificate)}\n{File.ReadAllText(Key)}\n");
        var file = Write("haproxy.cfg", $"""
            global
              nbthread {Cores.Proxy}
            defaults
              mode http
              timeout connect 5s
              timeout client 1h
              timeout server 1h
              timeout tunnel 1h
              option forwardfor
            frontend front
              bind 127.0.0.1:{Port}
              bind 127.0.0.1:{TlsPort} ssl crt {pem}
              http-request set-header X-Forwarded-Proto https if {"{ ssl_fc }"}
              http-request set-header X-Forwarded-Proto http unless {"{ ssl_fc }"}
              http-request set-header X-Forwarded-Host %[req.hdr(Host)]
              default_backend origin
            backend origin
              server origin 127.0.0.1:{origin}

            """);
        return ["haproxy", "-db", "-f", file];
    }
}
