using Drover.Runtime.Limits;
using Drover.Server.Features.Hosts;
using Microsoft.AspNetCore.Http;

namespace Drover.Server.Features.Access;

/// <summary>A person or tool whose credentials were checked.</summary>
/// <param name="Name">The user's name, or the token's.</param>
/// <param name="Role">What they may do.</param>
/// <param name="Via"><c>socket</c> or <c>token</c>.</param>
/// <param name="TokenId">The token's id; names of tokens need not differ.</param>
internal sealed record Person(string Name, Role Role, string Via, string? TokenId = null)
{
    /// <summary>The token that was shown; null on the socket, which lasts as long as the connection.</summary>
    public ApiToken? Token { get; init; }
}

/// <summary>A host agent whose signature was checked.</summary>
/// <param name="Host">The host it speaks for.</param>
/// <param name="Body">The body as it was signed; empty for a stream.</param>
internal sealed record AgentCaller(EnrolledHost Host, ReadOnlyMemory<byte> Body)
{
    /// <summary>True when it signed as the older protocol does.</summary>
    public bool IsLegacy { get; init; }
}

/// <summary>Who calls, as <see cref="AccessGate"/> found out.</summary>
internal static class Callers
{
    public static Person Person(this HttpContext context) =>
        context.Features.Get<Person>() ?? throw new InvalidOperationException("The route is not one for people.");

    /// <summary>What a path names, for refusals: it is not known whether there is such a thing.</summary>
    public static string TargetInPath(this HttpContext context) =>
        (context.Request.RouteValues.GetValueOrDefault("id") ?? context.Request.RouteValues.GetValueOrDefault("host"))
            as string ?? string.Empty;

    /// <summary>Where the caller's connection comes from.</summary>
    public static string Address(this HttpContext context) =>
        context.Connection.RemoteIpAddress?.ToString() ?? "socket";

    /// <summary>Whom the caller's address is counted as.</summary>
    public static string Network(this HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address ? ClientNetwork.Of(address) : "socket";

    public static AgentCaller Agent(this HttpContext context) =>
        context.Features.Get<AgentCaller>()
            ?? throw new InvalidOperationException("The route is not one for host agents.");
}
