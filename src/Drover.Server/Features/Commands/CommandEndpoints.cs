using System.Globalization;
using Drover.Runtime.Events;
using Drover.Runtime.Requests;
using Drover.Runtime.Storage;
using Drover.Server.Features.Hosts;
using Drover.Server.Hosting;
using Drover.Wire.Commands;
using Drover.Wire.People;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Drover.Server.Features.Commands;

/// <summary>What people and tools read of commands.</summary>
internal static class CommandEndpoints
{
    public const int DefaultPage = 50;
    public const int LargestPage = 500;
    public const int LongestWait = 60;

    /// <summary>Queue and history without results, the newest first.</summary>
    public static async Task<Results<Ok<Page<CommandDto>>, Problem>> List(
        HttpContext context, Database database, HostRegistry hosts, CancellationToken cancellationToken)
    {
        var query = new QueryReader(context, "after", "limit", "host", "state", "type", "app_code");
        var states = query.Texts("state");
        if (states.FirstOrDefault(state => !CommandStates.All.Contains(state)) is { } unknown)
        {
            return Problem.InvalidRequest(
                $"cannot read the query: state \"{unknown}\" is not one of {string.Join(", ", CommandStates.All)}");
        }

        string? hostId = null;
        if (query.Text("host") is { } name)
        {
            if (hosts.Find(name) is not { } host)
            {
                return Problem.NotFound($"There is no host \"{name}\".");
            }

            hostId = host.HostId;
        }

        var limit = query.Number("limit", 1, LargestPage) ?? DefaultPage;
        var before = query.Cursor("after");
        var filter = new CommandFilter(hostId, states, query.OneOf("type", CommandTypes.All), query.Text("app_code"));
        var rows = await database.ReadAsync(
            session => CommandStore.List(session, filter, before, limit + 1), cancellationToken);
        var next = rows.Count > limit ? rows[limit - 1].Number.ToString(CultureInfo.InvariantCulture) : null;
        return TypedResults.Ok(new Page<CommandDto>([.. rows.Take(limit).Select(row => row.ToPeople())], next));
    }

    /// <summary>One command; with <c>wait</c> seconds, not before it ended or they are over.</summary>
    public static async Task<Results<Ok<CommandDto>, Problem>> Get(
        string id,
        HttpContext context,
        Database database,
        CommandWatch watch,
        ServerStopping stopping,
        TimeProvider time)
    {
        var wait = new QueryReader(context, "wait").Number("wait", 0, LongestWait) ?? 0;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping.Token);
        var row = await FindAsync(database, id, context.RequestAborted);
        if (row is null)
        {
            return Problem.NotFound($"There is no command \"{id}\".");
        }

        if (wait > 0 && !row.IsFinal)
        {
            var end = watch.EndOf(id);
            row = await FindAsync(database, id, context.RequestAborted) ?? row;
            if (row.IsFinal)
            {
                // It ended between the two looks and nobody will wake this watch.
                watch.Ended(id);
            }
            else
            {
                await EndsAsync(end, TimeSpan.FromSeconds(wait), time, ending.Token, context.RequestAborted);
                row = await FindAsync(database, id, context.RequestAborted) ?? row;
            }
        }

        return TypedResults.Ok(row.ToPeople());
    }

    private static async Task EndsAsync(
        Task end, TimeSpan wait, TimeProvider time, CancellationToken ending, CancellationToken gone)
    {
        try
        {
            await end.WithinAsync(wait, time, ending);
        }
        catch (OperationCanceledException) when (!gone.IsCancellationRequested)
        {
            // The server stops: the caller gets the state as it stands and asks again.
        }
    }

    private static Task<CommandRow?> FindAsync(Database database, string id, CancellationToken cancellationToken) =>
        database.ReadAsync(session => CommandStore.Find(session, id), cancellationToken);
}
