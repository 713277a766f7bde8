using Drover.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Drover.Server.Features.Description;

/// <summary>
/// Serves docs/reference/openapi.json, which is generated from <see cref="ApiDescription"/> and embedded when the
/// server is built: what is read here is what was reviewed.
/// </summary>
internal static class DescriptionFeature
{
    private const string Resource = "openapi.json";

    public static void MapDescription(this IEndpointRouteBuilder routes) => routes.MapGet(Routes.OpenApi, Document);

    private static FileStreamHttpResult Document() => TypedResults.Stream(
        typeof(DescriptionFeature).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"{Resource} is not embedded in the server."),
        "application/json");
}
