using Drover.Runtime.Metrics;
using Drover.Runtime.Storage;
using Drover.Server.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Drover.Server.Features.Status;

/// <summary>Whether the server lives, whether it can work, and what it counts.</summary>
internal static class StatusEndpoints
{
    /// <summary>The process answers. Depends on nothing else.</summary>
    public static Ok Live() => TypedResults.Ok();

    /// <summary>The database answers, and the last commit succeeded.</summary>
    public static async Task<Results<Ok, Problem>> Ready(
        Database database, ServerStopping stopping, CancellationToken cancellationToken)
    {
        if (stopping.Token.IsCancellationRequested)
        {
            return Problem.NotReady("The server is stopping.");
        }

        try
        {
            await database.ReadAsync(
                session => session.Number("SELECT COUNT(*) FROM schema_version"), cancellationToken);
            return await database.CheckWritableAsync(cancellationToken) is { } failure
                ? Problem.StorageUnavailable(failure.Message)
                : TypedResults.Ok();
        }
        catch (StorageException exception)
        {
            return Problem.StorageUnavailable(exception.Message);
        }
    }

    public static ContentHttpResult Metrics(ServerMetrics metrics) =>
        TypedResults.Text(metrics.Write(), MetricRegistry.ContentType);
}
