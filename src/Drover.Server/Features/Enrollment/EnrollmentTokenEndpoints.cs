using Drover.Runtime.Requests;
using Drover.Runtime.Storage;
using Drover.Server.Features.Access;
using Drover.Server.Features.Audit;
using Drover.Server.Features.Certificates;
using Drover.Server.Hosting;
using Drover.Wire;
using Drover.Wire.People;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Drover.Server.Features.Enrollment;

/// <summary>Tokens that let hosts join, for admins.</summary>
internal static class EnrollmentTokenEndpoints
{
    private const long LeastLife = 60;
    private const long MostLife = 86_400;
    private const long MostLifeOfMany = 30 * 86_400;
    private const int MostUses = 10_000;

    // The id is not repeated: what stands in its place may be a token that somebody took for one.
    private const string NoSuch = "There is no unused enrollment token with that id.";

    /// <summary>All of them, the newest first; secrets are not known any more.</summary>
    public static async Task<Ok<Page<TokenDto>>> List(
        HttpContext context, Database database, CancellationToken cancellationToken)
    {
        _ = new QueryReader(context);
        var tokens = await database.ReadAsync(EnrollmentTokenStore.ReadAll, cancellationToken);
        return TypedResults.Ok(
            new Page<TokenDto>([.. tokens.OrderByDescending(token => token.CreatedAt).Select(ViewOf)], null));
    }

    public static async Task<Results<Created<CreatedTokenDto>, Problem>> Create(
        HttpContext context,
        EnrollmentTokens tokens,
        ServerOptions options,
        JoinFacts join,
        CancellationToken cancellationToken)
    {
        var request = await PeopleBody.ReadAsync<CreateEnrollmentTokenRequest>(context);
        var uses = request.Uses ?? 1;
        if (uses is < 1 or > MostUses)
        {
            return Problem.InvalidRequest($"\"uses\" is not between 1 and {MostUses}");
        }

        var isLegacy = request.Legacy is true;
        if (uses > 1 && isLegacy)
        {
            return Problem.InvalidRequest("a token for the older protocol lets one host join: leave out \"uses\"");
        }

        if (uses > 1 && !options.ReusableTokens)
        {
            return Problem.Conflict(
                "A token lets one host join; server.enrollment.reusable_tokens: true in the server's drover.yaml "
                    + "allows tokens for several.");
        }

        var longest = uses > 1 ? MostLifeOfMany : MostLife;
        if (request.ExpiresInSeconds < LeastLife || request.ExpiresInSeconds > longest)
        {
            return Problem.InvalidRequest($"\"expires_in_seconds\" is not between {LeastLife} and {longest}");
        }

        if (request.Name is not null && !HostNames.IsValid(request.Name))
        {
            return Problem.InvalidRequest($"\"name\" {HostNames.Rule}");
        }

        var life =
            request.ExpiresInSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : EnrollmentTokens.DefaultLife;
        var created = await tokens.CreateAsync(
            request.Name, life, uses, isLegacy, context.Person().ToActor(), cancellationToken);
        return TypedResults.Created(
            $"{Routes.EnrollmentTokens}/{created.TokenId}", isLegacy ? created : created with { Join = join.Now() });
    }

    public static async Task<Results<NoContent, Problem>> Revoke(
        string id, HttpContext context, EnrollmentTokens tokens, CancellationToken cancellationToken) =>
        await tokens.RevokeAsync(id, context.Person().ToActor(), cancellationToken)
            ? TypedResults.NoContent()
            : Problem.NotFound(NoSuch);

    private static TokenDto ViewOf(EnrollmentToken token) => new(
        token.TokenId,
        "enrollment",
        token.Name,
        null,
        token.CreatedBy,
        token.CreatedAt,
        token.ExpiresAt,
        token.UsedAt,
        token.RevokedAt,
        token.Uses,
        token.MostUses);
}
