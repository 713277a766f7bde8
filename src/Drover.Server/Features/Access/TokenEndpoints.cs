using Drover.Runtime.Requests;
using Drover.Runtime.Storage;
using Drover.Server.Features.Audit;
using Drover.Server.Hosting;
using Drover.Wire;
using Drover.Wire.People;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Drover.Server.Features.Access;

/// <summary>API tokens, for admins, and who the caller is, for everybody.</summary>
internal static class TokenEndpoints
{
    private const int LongestName = 100;
    private const long LeastLife = 60;

    // The id is not repeated: what stands in its place may be a token that somebody took for one.
    private const string NoSuch = "There is no valid API token with that id.";

    /// <summary>All API tokens, the newest first; secrets are not known any more.</summary>
    public static async Task<Ok<Page<TokenDto>>> List(
        HttpContext context, Database database, CancellationToken cancellationToken)
    {
        _ = new QueryReader(context);
        var tokens = await database.ReadAsync(ApiTokenStore.ReadAll, cancellationToken);
        var items = tokens.Select(ViewOf).OrderByDescending(token => token.CreatedAt);
        return TypedResults.Ok(new Page<TokenDto>([.. items], null));
    }

    public static async Task<Results<Created<CreatedTokenDto>, Problem>> Create(
        HttpContext context, ApiTokens tokens, CancellationToken cancellationToken)
    {
        var request = await PeopleBody.ReadAsync<CreateTokenRequest>(context);
        if (string.IsNullOrWhiteSpace(request.Name) || request.Name.Length > LongestName)
        {
            return Problem.InvalidRequest($"\"name\" is missing or longer than {LongestName} characters");
        }

        if (Roles.Parse(request.Role) is not { } role)
        {
            return Problem.InvalidRequest($"\"role\" is not one of {string.Join(", ", Roles.Names)}");
        }

        if (request.ExpiresInSeconds is < LeastLife or > 10L * 365 * 86_400)
        {
            return Problem.InvalidRequest($"\"expires_in_seconds\" is not between {LeastLife} and ten years");
        }

        var life = request.ExpiresInSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : (TimeSpan?)null;
        var (token, secret) =
            await tokens.CreateAsync(request.Name.Trim(), role, life, context.Person().ToActor(), cancellationToken);
        return TypedResults.Created(
            $"{Routes.Tokens}/{token.TokenId}", new CreatedTokenDto(token.TokenId, secret.Reveal(), token.ExpiresAt));
    }

    public static async Task<Results<NoContent, Problem>> Revoke(
        string id, HttpContext context, ApiTokens tokens, CancellationToken cancellationToken) =>
        await tokens.RevokeAsync(id, context.Person().ToActor(), cancellationToken)
            ? TypedResults.NoContent()
            : Problem.NotFound(NoSuch);

    public static Ok<WhoAmIDto> WhoAmI(HttpContext context)
    {
        var person = context.Person();
        return TypedResults.Ok(new WhoAmIDto(person.Name, Roles.NameOf(person.Role), person.Via, ServerVersion.Text));
    }

    private static TokenDto ViewOf(ApiToken token) => new(
        token.TokenId,
        "api",
        token.Name,
        Roles.NameOf(token.Role),
        token.CreatedBy,
        token.CreatedAt,
        token.ExpiresAt,
        token.LastUsedAt,
        token.RevokedAt);
}
