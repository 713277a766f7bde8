namespace Drover.Bench.Proxies;

/// <summary>The published executable as a gateway, with the environment of its unit.</summary>
internal sealed class DroverProxy(string published) : Proxy
{
    public override string Name => "drover";

    protected override string[] Command(int origin)
    {
        Environment["DOTNET_TieredPGO"] = "1"; // docs/decisions/0139
        var file = Write("drover.yaml", $$"""
            gateway:
              listen: 127.0.0.1:{{Port}}
              tls: { listen: "127.0.0.1:{{TlsPort}}", certificate: {{Certificate}}, key: {{Key}} }
              agents:
                bench: { hostnames: [bench.test], address: "http://127.0.0.1:{{origin}}", policy: unmanaged }
            """);
        return [published, "gateway", "--config", file];
    }
}
