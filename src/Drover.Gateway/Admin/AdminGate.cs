using System.Net.Sockets;
using Drover.Gateway.Agents;
using Drover.Gateway.Answers;
using Drover.Runtime.Auth;
using Drover.Runtime.Limits;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Drover.Gateway.Admin;

/// <summary>
/// Finds out who calls the admin listener, before anything of the request but its headers is looked at: on the unix
/// socket by what the kernel knows of the peer, elsewhere by a bearer token. One answer for every cause of a refusal.
/// An address that sends many wrong tokens hears 429 for a while; a right one passes all the same, for 256 bits are not
/// guessed at any rate and a broken script must not lock operators out.
/// </summary>
internal sealed partial class AdminGate(
    AdminKeys keys, AgentSet agents, TimeProvider time, ILogger<AdminGate> logger)
{
    /// <summary>Refusals of one address within a minute, from which on it hears that it shall wait.</summary>
    public const int MostFailures = 20;

    private const string Scheme = "Bearer ";
    private const uint Root = 0;

    private readonly FailureWindow _failures = new(MostFailures, time);
    private AdminKeys _keys = keys;

    /// <summary>What opens it from now on.</summary>
    public AdminKeys Keys
    {
        set => Volatile.Write(ref _keys, value);
    }

    /// <summary>Who calls; else the answer.</summary>
    public (AdminCaller? Caller, GatewayProblem? Refusal) Identify(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (header.Length == 0
            && context.Features.Get<IConnectionSocketFeature>()?.Socket is
            { AddressFamily: AddressFamily.Unix } socket)
        {
            return IdentifyPeer(socket);
        }

        if (header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            var holder = Volatile.Read(ref _keys).HolderOf(header[Scheme.Length..].Trim());
            if (holder.IsOperator)
            {
                return (new AdminCaller.Operator(), null);
            }

            if (holder.Agent is { } name && agents.Find(name) is { } seat)
            {
                return (new AdminCaller.Agent(seat), null);
            }
        }

        return (null, Refuse(context, header.Length == 0 ? "no token" : "wrong token"));
    }

    private (AdminCaller? Caller, GatewayProblem? Refusal) IdentifyPeer(Socket socket)
    {
        var peer = PeerCredentials.Of(socket);
        if (peer.UserId == CurrentUser.Id || peer.UserId == Root)
        {
            return (new AdminCaller.Operator(), null);
        }

        Refused("the socket", "another user");
        return (null, GatewayProblem.Unauthorized());
    }

    private GatewayProblem Refuse(HttpContext context, string reason)
    {
        var address = context.Connection.RemoteIpAddress;
        var network = address is null ? "socket" : ClientNetwork.Of(address);
        if (_failures.BlockedFor(network) is { } seconds)
        {
            return GatewayProblem.TooManyFailures(seconds);
        }

        _failures.Note(network);
        Refused(network, reason);
        return GatewayProblem.Unauthorized();
    }

    [LoggerMessage(5601, LogLevel.Warning, "A request to the admin listener from {Network} was refused: {Reason}")]
    private partial void Refused(string network, string reason);
}
