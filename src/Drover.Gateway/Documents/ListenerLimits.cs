namespace Drover.Gateway.Documents;

/// <summary>What a client can take of the public listener at most, whatever agent it asks for.</summary>
public sealed record ListenerLimits
{
    /// <summary>Open connections, WebSockets among them.</summary>
    public int Connections { get; init; } = 50_000;

    /// <summary>Requests at once on one connection of HTTP/2.</summary>
    public int StreamsPerConnection { get; init; } = 100;

    /// <summary>Bytes of a request's first line.</summary>
    public int TargetBytes { get; init; } = 16 * 1024;

    /// <summary>Bytes of a request's headers.</summary>
    public int HeaderBytes { get; init; } = 64 * 1024;

    /// <summary>Lines of a request's headers.</summary>
    public int Headers { get; init; } = 128;

    /// <summary>How long a request may take to send its headers.</summary>
    public TimeSpan HeaderTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a connection without a request is kept.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(130);

    /// <summary>Bytes a second, below which a body that is waited for is given up; zero: never.</summary>
    public int SlowestBody { get; init; } = 240;
}
