using System.Text.Json;
using Drover.Gateway.Answers;
using Drover.Gateway.Documents;
using Drover.Gateway.Registration;
using Drover.Gateway.Routing;
using Drover.Runtime.Requests;
using Drover.Wire;
using Drover.Wire.Gateway;
using Drover.Wire.People;
using Microsoft.AspNetCore.Http;

namespace Drover.Gateway.Admin;

/// <summary>
/// What agents register, and what operators see and end of it. No request carries a target: a registration leads to the
/// task of the agent whose token was shown.
/// </summary>
internal static class ServiceEndpoints
{
    private const int ShortestTtl = 10;
    private const int LongestTtl = 24 * 60 * 60;
    private const int UsualTtl = 5 * 60;

    // What other gateways take as a target.
    private static readonly string[] Targets =
        ["target", "url", "uri", "address", "host", "ip", "backend", "upstream", "service", "scheme", "agent"];

    public static Task ListAsync(AdminCall call)
    {
        _ = new QueryReader(call.Context);
        var own = (call.Caller as AdminCaller.Agent)?.Seat.Name;
        var leases = call.Desk.Registrar.All.Where(lease => own is null || lease.Agent == own);
        return AdminAnswer.WriteAsync(
            call.Context,
            new Page<ServiceDto>([.. leases.Select(lease => Of(lease, call))], null),
            WireJson.Default.PageServiceDto);
    }

    public static async Task RegisterAsync(AdminCall call)
    {
        _ = new QueryReader(call.Context);
        if (AgentOf(call, out var objection) is not { } caller)
        {
            await objection!.WriteAsync(call.Context);
            return;
        }

        var request = StrictJson.Read<RegisterServiceRequest>((await BodyAsync(call)).Span);
        var pattern = PatternOf(request.Hostname);
        var port = request.Port is >= 1 and <= 65_535
            ? request.Port.Value
            : throw new InvalidRequestException(
                $"cannot register \"{pattern}\": port is the one of the agent's own task, 1 to 65535");
        await RegisterAsync(call, caller, pattern, port, TtlOf(request.TtlSeconds, pattern));
    }

    public static async Task RenewAsync(AdminCall call)
    {
        _ = new QueryReader(call.Context);
        if (AgentOf(call, out var objection) is not { } caller)
        {
            await objection!.WriteAsync(call.Context);
            return;
        }

        if (Find(call) is not { } lease)
        {
            await Missing(call).WriteAsync(call.Context);
            return;
        }

        await RegisterAsync(call, caller, lease.Pattern, lease.Port, lease.Ttl);
    }

    public static Task DeleteAsync(AdminCall call)
    {
        _ = new QueryReader(call.Context);
        try
        {
            if (Find(call) is not { } lease || !call.Desk.Registrar.Remove(lease.Pattern))
            {
                return Missing(call).WriteAsync(call.Context);
            }
        }
        catch (Exception error) when (IsOfDisk(error))
        {
            return GatewayProblem.StorageUnavailable(error.Message).WriteAsync(call.Context);
        }

        call.Context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private static async Task RegisterAsync(
        AdminCall call, AdminCaller.Agent caller, HostPattern pattern, int port, TimeSpan ttl)
    {
        RegisterOutcome outcome;
        try
        {
            outcome = call.Desk.Registrar.Register(caller.Seat, pattern, port, ttl);
        }
        catch (Exception error) when (IsOfDisk(error))
        {
            await GatewayProblem.StorageUnavailable(error.Message).WriteAsync(call.Context);
            return;
        }

        switch (outcome)
        {
            case RegisterOutcome.Done done:
                await AdminAnswer.WriteAsync(
                    call.Context,
                    Of(done.Lease, call),
                    WireJson.Default.ServiceDto,
                    done.IsNew ? StatusCodes.Status201Created : StatusCodes.Status200OK);
                break;
            case RegisterOutcome.NotYours refused:
                await GatewayProblem.Forbidden(refused.Reason).WriteAsync(call.Context);
                break;
            case RegisterOutcome.TooMany refused:
                await GatewayProblem.Conflict(refused.Reason).WriteAsync(call.Context);
                break;
            case RegisterOutcome.TooFast fast:
                await GatewayProblem.TooMany(
                    $"The agent \"{caller.Seat.Name}\" registers too often; hostnames are renewed once within their "
                        + "time, not all the time.",
                    Math.Max(1, (int)Math.Ceiling(fast.Wait.TotalSeconds))).WriteAsync(call.Context);
                break;
        }
    }

    private static bool IsOfDisk(Exception error) => error is IOException or UnauthorizedAccessException;

    private static AdminCaller.Agent? AgentOf(AdminCall call, out GatewayProblem? objection)
    {
        objection = call.Caller switch
        {
            AdminCaller.Agent { Seat.Document.Target: AgentTarget.Service } => null,
            AdminCaller.Agent agent => GatewayProblem.Conflict(
                $"cannot register for the agent \"{agent.Seat.Name}\": it has a fixed address and no task"),
            _ => GatewayProblem.Forbidden(
                "A hostname is registered by the agent that it leads to, with that agent's own token."),
        };
        return objection is null ? call.Caller as AdminCaller.Agent : null;
    }

    /// <summary>The lease that the path names, when the caller may see it.</summary>
    private static Lease? Find(AdminCall call) =>
        HostPattern.TryParse(call.Value!, out var pattern) is null
        && call.Desk.Registrar.Find(pattern) is { } lease
        && (call.Caller is not AdminCaller.Agent caller || lease.Agent == caller.Seat.Name)
            ? lease
            : null;

    private static GatewayProblem Missing(AdminCall call) =>
        GatewayProblem.NotFound($"cannot find the registration of \"{call.Value}\": there is none");

    private static HostPattern PatternOf(string? text) => text is null
        ? throw new InvalidRequestException("cannot register: hostname is missing")
        : HostPattern.TryParse(text, out var pattern) is { } why
            ? throw new InvalidRequestException($"cannot register: {why}")
            : pattern;

    private static TimeSpan TtlOf(int? seconds, HostPattern pattern) => seconds switch
    {
        null => TimeSpan.FromSeconds(UsualTtl),
        >= ShortestTtl and <= LongestTtl => TimeSpan.FromSeconds(seconds.Value),
        _ => throw new InvalidRequestException(
            $"cannot register \"{pattern}\": ttl_seconds is {ShortestTtl} to {LongestTtl}, not {seconds}"),
    };

    /// <summary>The body, of which nothing may look like a target.</summary>
    private static async Task<ReadOnlyMemory<byte>> BodyAsync(AdminCall call)
    {
        using var body = new MemoryStream();
        await call.Context.Request.Body.CopyToAsync(body, call.Context.RequestAborted);
        var bytes = body.GetBuffer().AsMemory(0, (int)body.Length);
        if (NamesTarget(bytes) is { } field)
        {
            throw new InvalidRequestException(
                $"cannot register: \"{field}\" would name a target, and none can be chosen; a hostname leads to the "
                    + "agent's own task, and port says by which of its ports");
        }

        return bytes;
    }

    private static string? NamesTarget(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.ValueKind is JsonValueKind.Object
                ? json.RootElement.EnumerateObject().Select(field => field.Name)
                    .FirstOrDefault(name => Targets.Contains(name, StringComparer.OrdinalIgnoreCase))
                : null;
        }
        catch (JsonException)
        {
            // What it is instead is said by whoever reads it whole.
            return null;
        }
    }

    private static ServiceDto Of(Lease lease, AdminCall call) => new(
        lease.Pattern.ToString(),
        lease.Agent,
        lease.Port,
        (int)lease.Ttl.TotalSeconds,
        call.Desk.Routes.Table.All.Any(route => route.IsRegistered && route.Pattern == lease.Pattern),
        lease.ExpiresAt);
}
