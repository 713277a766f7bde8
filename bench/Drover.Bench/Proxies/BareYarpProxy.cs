using System.Globalization;

namespace Drover.Bench.Proxies;

/// <summary>The library that we forward with, and nothing around it: bench/Drover.BareForwarder.</summary>
internal sealed class BareYarpProxy : Proxy
{
    public override string Name => "bare YARP";

    protected override string[] Command(int origin) =>
    [
        Path.Combine(AppContext.BaseDirectory, "../../Drover.BareForwarder/release/Drover.BareForwarder"),
        $"http://127.0.0.1:{origin}",
        Port.ToString(CultureInfo.InvariantCulture),
        TlsPort.ToString(CultureInfo.InvariantCulture),
        Certificate,
        Key,
    ];
}
