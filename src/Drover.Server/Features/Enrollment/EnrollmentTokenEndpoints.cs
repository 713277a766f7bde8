using Drover.Runtime.Storage;
using Drover.Server.Features.Access;
using Drover.Server.Features.Audit;
using Drover.Server.Hosting;
using Drover.Wire;
using Drover.Wire.People;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Drover.Server.Features.Enrollment;

/// <summary>One-time tokens that let a host join, for admins.</summary>
internal static class EnrollmentTokenEndpoints
{
    private const long LeastLife = 60;
    private const long MostLife = 86_400;

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
        HttpContext context, EnrollmentTokens tokens, CancellationToken cancellationToken)
    {
        var request = await PeopleBody.ReadAsync<CreateEnrollmentTokenRequest>(context);
        if (request.ExpiresInSeconds is < LeastLife or > MostLife)
        {
            return Problem.InvalidRequest($"\"expires_in_seconds\" is not between {LeastLife} and {MostLife}");
        }

        if (request.Name is not null && !HostNames.IsValid(request.Name))
        {
            return Problem.InvalidRequest($"\"name\" {HostNames.Rule}");
        }

        var life =
            request.ExpiresInSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : EnrollmentTokens.DefaultLife;
        var created = await tokens.CreateAsync(
            request.Name, life, request.Legacy is true, context.Person().ToActor(), cancellationToken);
        return TypedResults.Created($"{Routes.EnrollmentTokens}/{created.TokenId}", created);
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
        token.RevokedAt);
}
