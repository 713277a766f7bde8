using System.Net;
using Drover.Gateway.Activity;
using Drover.Gateway.Documents;
using Yarp.ReverseProxy.Forwarder;

namespace Drover.Gateway.Forwarding;

/// <summary>How requests of one agent are forwarded: made of its document once, read by each request.</summary>
internal sealed class ForwardingSpec
{
    private readonly AgentProtocol _protocol;
    private readonly ForwarderRequestConfig _http1;
    private readonly ForwarderRequestConfig _http2;
    private readonly ForwarderRequestConfig _grpc1;
    private readonly ForwarderRequestConfig _grpc2;

    private ForwardingSpec(AgentDocument document)
    {
        _protocol = document.Protocol;
        MaxBody = document.MaxBody;
        ResponseTimeout = document.Timeouts.Response;
        IdleTimeout = document.Timeouts.Idle;
        _http1 = new ForwarderRequestConfig
        {
            // The library sees only what it copies itself; what passes by us is for ForwardingDeadline.
            ActivityTimeout = Timeout.InfiniteTimeSpan,
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        _http2 = _http1 with { Version = HttpVersion.Version20 };
        var silence = IdleTimeout == TimeSpan.Zero ? Timeout.InfiniteTimeSpan : IdleTimeout;
        _grpc1 = _http1 with { ActivityTimeout = silence };
        _grpc2 = _http2 with { ActivityTimeout = silence };
    }

    /// <summary>The largest body, in bytes; null: any.</summary>
    public long? MaxBody { get; }

    /// <summary>From the end of the request to the first line of the answer; zero: any time.</summary>
    public TimeSpan ResponseTimeout { get; }

    /// <summary>Without an octet in either direction; zero: any time.</summary>
    public TimeSpan IdleTimeout { get; }

    /// <summary>What a document asks for.</summary>
    public static ForwardingSpec Of(AgentDocument document) => new(document);

    /// <summary>What is spoken to the agent. Every server that takes WebSockets takes them over HTTP/1.1.</summary>
    public ForwarderRequestConfig ConfigOf(WorkKind kind) => kind switch
    {
        WorkKind.Grpc => _protocol is AgentProtocol.Http1 ? _grpc1 : _grpc2,
        WorkKind.WebSocket => _http1,
        _ => _protocol is AgentProtocol.Http2 ? _http2 : _http1,
    };
}
