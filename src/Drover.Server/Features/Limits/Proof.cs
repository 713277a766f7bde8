using Drover.Server.Features.Access;
using Microsoft.AspNetCore.Http;

namespace Drover.Server.Features.Limits;

/// <summary>Notes that a request showed a secret that only its owner has, whatever came of it afterwards.</summary>
internal sealed class Proof
{
    private static readonly Proof Given = new();

    private Proof()
    {
    }

    /// <summary>The signature, or the one-time token, was right.</summary>
    public static void Give(HttpContext context) => context.Features.Set(Given);

    public static bool IsGiven(HttpContext context) =>
        context.Features.Get<Proof>() is not null || context.Features.Get<Person>() is not null;
}
