using System.Globalization;
using Drover.Core.Trust;
using Drover.Wire;

namespace Drover.Runtime.Uplink.Transport;

/// <summary>Puts the four headers on a request. Called anew for each attempt, so that stamp and request id are never
/// used twice.</summary>
internal sealed class RequestSigner(AgentIdentity identity, ServerClock clock)
{
    /// <param name="request">Its address is absolute.</param>
    /// <param name="bodyHash">Of the body exactly as it will be sent.</param>
    internal void Sign(HttpRequestMessage request, string bodyHash)
    {
        var signed = new SignedRequest(
            request.Method.Method,
            request.RequestUri!.PathAndQuery,
            identity.HostId,
            clock.StampSeconds,
            Guid.NewGuid().ToString("D"),
            bodyHash);
        request.Headers.Add(SignatureHeaders.AgentId, signed.AgentId);
        request.Headers.Add(SignatureHeaders.Timestamp, signed.UnixSeconds.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add(SignatureHeaders.RequestId, signed.RequestId);
        request.Headers.Add(SignatureHeaders.Signature, RequestSignature.Sign(identity.Key, signed));
    }
}
