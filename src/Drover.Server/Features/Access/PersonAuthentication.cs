using System.Net.Sockets;
using Drover.Core.Audit;
using Drover.Core.Trust;
using Drover.Runtime.Auth;
using Drover.Server.Hosting;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Drover.Server.Features.Access;

/// <summary>
/// Finds out which person or tool calls: on the unix socket by what the kernel knows of the peer (the server's own user
/// and root are admins), elsewhere by an API token.
/// </summary>
internal sealed class PersonAuthentication(ApiTokens tokens, SignInThrottle throttle, DenialLog denials)
{
    private const string Scheme = "Bearer ";
    private const uint Root = 0;

    public (Person? Person, Problem? Refusal) Authenticate(HttpContext context, AccessRule rule)
    {
        if (context.Features.Get<IConnectionSocketFeature>()?.Socket is { AddressFamily: AddressFamily.Unix } socket
            && !context.Request.Headers.ContainsKey("Authorization"))
        {
            var peer = PeerCredentials.Of(socket);
            if (peer.UserId == CurrentUser.Id || peer.UserId == Root)
            {
                return (new Person(PeerCredentials.NameOf(peer.UserId), Role.Admin, "socket"), null);
            }

            var stranger = AuditActor.Stranger(PeerCredentials.NameOf(peer.UserId));
            denials.Note("another user on the socket", rule, stranger, context.TargetInPath());
            return (null, Problem.Unauthorized());
        }

        var address = context.Address();
        var header = context.Request.Headers.Authorization.ToString();
        if (header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && SecretToken.TryParse(header[Scheme.Length..].Trim(), SecretToken.ApiPrefix, out var secret)
            && tokens.Find(secret!) is { } token)
        {
            return (new Person(token.Name, token.Role, "token", token.TokenId) { Token = token }, null);
        }

        var (reason, refusal) = header.Length == 0
            ? ("no token", null)
            : ("wrong token", throttle.NoteFailure(context.Network()));
        denials.Note(reason, rule, AuditActor.Stranger(address), context.TargetInPath());
        return (null, refusal ?? Problem.Unauthorized());
    }
}
