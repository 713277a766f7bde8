using System.Net;
using Drover.Gateway.Documents;
using Yarp.ReverseProxy.Forwarder;

namespace Drover.Gateway.Forwarding;

/// <summary>How requests of one agent are forwarded: made of its document once, read by each request.</summary>
internal sealed class ForwardingSpec
{
    private readonly AgentProtocol _protocol;
    private readonly ForwarderRequestConfig _http1;
    private readonly ForwarderRequestConfig _http2;

    private ForwardingSpec(AgentDocument document)
    {
        _protocol = document.Protocol;
        MaxBody = document.MaxBody;
        ResponseTimeout = document.Timeouts.Response;
        var idle = document.Timeouts.Idle;
        _http1 = new ForwarderRequestConfig
        {
            ActivityTimeout = idle == TimeSpan.Zero ? Timeout.InfiniteTimeSpan : idle,
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        _http2 = _http1 with { Version = HttpVersion.Version20 };
    }

    /// <summary>The largest body, in bytes; null: any.</summary>
    public long? MaxBody { get; }

    /// <summary>From the end of the request to the first line of the answer; zero: any time.</summary>
    public TimeSpan ResponseTimeout { get; }

    /// <summary>What a document asks for.</summary>
    public static ForwardingSpec Of(AgentDocument document) => new(document);

    /// <summary>What is spoken to the agent. Every server that takes WebSockets takes them over HTTP/1.1.</summary>
    public ForwarderRequestConfig ConfigOf(bool isWebSocket, bool isGrpc) =>
        !isWebSocket && (_protocol is AgentProtocol.Http2 || (_protocol is AgentProtocol.Auto && isGrpc))
            ? _http2
            : _http1;
}
