namespace Drover.Bench.Proxies;

/// <summary>Caddy by its reverse_proxy directive.</summary>
internal sealed class CaddyProxy : Proxy
{
    public override string Name => "caddy";

    protected override string[] Command(int origin)
    {
        Environment["XDG_DATA_HOME"] = Folder;
        Environment["XDG_CONFIG_HOME"] = Folder;
        var file = Write("Caddyfile", $$"""
            {
              admin off
              auto_https off
            }
            http://:{{Port}} {
              bind 127.0.0.1
              reverse_proxy 127.0.0.1:{{origin}}
            }
            https://:{{TlsPort}} {
              bind 127.0.0.1
              tls {{Certificate}} {{Key}}
              reverse_proxy 127.0.0.1:{{origin}}
            }

            """);
        return ["caddy", "run", "--adapter", "caddyfile", "--config", file];
    }
}
