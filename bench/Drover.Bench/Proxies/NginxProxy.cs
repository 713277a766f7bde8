namespace Drover.Bench.Proxies;

/// <summary>nginx as a reverse proxy that keeps connections to its upstream and passes WebSockets.</summary>
internal sealed class NginxProxy : Proxy
{
    public override string Name => "nginx";

    protected override string[] Command(int origin)
    {
        var file = Write("nginx.conf", $$"""
            {{Preamble(Folder, Cores.Proxy)}}
            http {
              {{Paths(Folder)}}
              access_log off;
              keepalive_requests 1000000000;
              map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
              upstream origin { server 127.0.0.1:{{origin}}; keepalive 512; keepalive_requests 1000000000; }
              server {
                listen 127.0.0.1:{{Port}};
                listen 127.0.0.1:{{TlsPort}} ssl;
                ssl_certificate {{Certificate}};
                ssl_certificate_key {{Key}};
                location / {
                  proxy_pass http://origin;
                  proxy_http_version 1.1;
                  proxy_set_header Host $host;
                  proxy_set_header Upgrade $http_upgrade;
                  proxy_set_header Connection $connection_upgrade;
                  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                  proxy_set_header X-Forwarded-Proto $scheme;
                  proxy_set_header X-Forwarded-Host $host;
                  proxy_read_timeout 1h;
                }
              }
            }
            """);
        return ["nginx", "-p", Folder, "-e", "stderr", "-c", file];
    }

    /// <summary>In the foreground, as whoever started it, with as many workers as processors.</summary>
    public static string Preamble(string folder, int workers) => $$"""
        daemon off;
        pid {{folder}}/nginx.pid;
        worker_processes {{workers}};
        events { worker_connections 50000; }
        """ + (System.Environment.IsPrivilegedProcess ? "\nuser root;" : "");

    /// <summary>Where it puts what does not fit its buffers.</summary>
    public static string Paths(string folder) => string.Concat(
        ((string[])["client_body", "proxy", "fastcgi", "uwsgi", "scgi"])
            .Select(name => $"{name}_temp_path {folder}/{name};\n"));
}
