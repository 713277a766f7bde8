using System.Globalization;
using Drover.Server.Features.Hosts;
using Drover.Server.Hosting;
using Drover.Wire.Commands;
using Drover.Wire.People;

namespace Drover.Server.Features.Commands;

/// <summary>
/// Checks an order before anything is looked up: pure, one sentence for the first thing that is wrong.
/// </summary>
internal static class OrderCheck
{
    public const string AllApps = "all";

    private const int LongestText = 500;

    /// <summary>What is wrong with the request, or null.</summary>
    public static Problem? Check(OrderRequest request, CommandParameters parameters)
    {
        if (request.Type is null || !CommandTypes.All.Contains(request.Type))
        {
            return Invalid($"type \"{request.Type}\" is not one of {string.Join(", ", CommandTypes.All)}");
        }

        if (request.Priority is not null && !CommandPriorities.Ascending.Contains(request.Priority))
        {
            return Invalid(
                $"priority \"{request.Priority}\" is not one of {string.Join(", ", CommandPriorities.Ascending)}");
        }

        if (request.RequestId is not null && !Guid.TryParse(request.RequestId, out _))
        {
            return Invalid($"request_id \"{request.RequestId}\" is not a UUID");
        }

        if (request.Reason?.Length > LongestText)
        {
            return Invalid($"reason is longer than {LongestText} characters");
        }

        return Range("timeout_seconds", request.TimeoutSeconds, 1, 3600) ?? CheckParameters(request.Type, parameters);
    }

    /// <summary>The parameters that count: some callers wrap them once more.</summary>
    public static CommandParameters Unwrap(CommandParameters? parameters) =>
        (parameters?.Params ?? parameters ?? new CommandParameters()) with { Params = null };

    /// <summary>True when the command works on the host as a whole.</summary>
    public static bool IsForTheHost(string type, string? appCode) =>
        type == CommandTypes.List || (type == CommandTypes.Health && appCode is null or AllApps);

    /// <summary>
    /// What the host's own policy refuses, so that the person learns it now rather than from a failed report.
    /// </summary>
    public static Problem? CheckPolicy(EnrolledHost host, string type, string? appCode)
    {
        if (host.Facts?.Policy is not { } policy)
        {
            return null;
        }

        var what = appCode is null ? type : $"{type} \"{appCode}\"";
        if (policy.MonitorOnly && CommandTypes.ChangesHost(type))
        {
            return Problem.PolicyDenied(
                $"cannot {what} on host \"{host.Name}\": the host is monitor-only by its own policy");
        }

        if (policy.AllowedTypes is { Count: > 0 } allowed && !allowed.Contains(type))
        {
            return Problem.PolicyDenied(
                $"cannot {what} on host \"{host.Name}\": its own policy allows {string.Join(", ", allowed)}");
        }

        return type is CommandTypes.Restart or CommandTypes.Stop && appCode is not null
            && policy.ProtectedApps?.Contains(appCode) is true
            ? Problem.PolicyDenied(
                $"cannot {what} on host \"{host.Name}\": the host protects that app by its own policy")
            : null;
    }

    private static Problem? CheckParameters(string type, CommandParameters parameters)
    {
        if (!IsForTheHost(type, parameters.AppCode)
            && (string.IsNullOrWhiteSpace(parameters.AppCode) || parameters.AppCode == AllApps))
        {
            return Invalid($"{type} needs parameters.app_code, the app it works on");
        }

        foreach (var (name, text) in new[]
        {
            ("app_code", parameters.AppCode), ("container", parameters.Container), ("cursor", parameters.Cursor),
            ("since", parameters.Since),
        })
        {
            if (text?.Length > LongestText)
            {
                return Invalid($"parameters.{name} is longer than {LongestText} characters");
            }
        }

        if (parameters.Streams?.FirstOrDefault(stream => stream is not ("stdout" or "stderr")) is { } unknown)
        {
            return Invalid($"parameters.streams \"{unknown}\" is not stdout or stderr");
        }

        if (parameters.Redact is false)
        {
            return Invalid("parameters.redact cannot be false: secrets never leave the host");
        }

        return Range("parameters.limit", parameters.Limit, 1, 1000)
            ?? Range("parameters.stop_timeout", parameters.StopTimeout, 1, 300);
    }

    private static Problem? Range(string name, int? value, int least, int most) => value < least || value > most
        ? Invalid(string.Create(CultureInfo.InvariantCulture, $"{name} {value} is not between {least} and {most}"))
        : null;

    private static Problem Invalid(string why) => Problem.InvalidRequest($"cannot order the command: {why}");
}
