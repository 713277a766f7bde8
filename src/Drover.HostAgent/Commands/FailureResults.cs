using System.Text.Json;
using Drover.Wire;
using Drover.Wire.Commands;

namespace Drover.HostAgent.Commands;

/// <summary>
/// Builds the result of a command that failed, in the schema of its type, so that the server can always take the
/// report.
/// </summary>
internal static class FailureResults
{
    /// <summary>Stands for an app code that was never given: the schema wants one.</summary>
    public const string NoAppCode = "unknown";

    /// <summary>The outcome of a command of that type that failed for that reason.</summary>
    public static CommandOutcome Of(
        string type, string deploymentHash, string? appCode, params CommandErrorDto[] errors) =>
        new(
            false,
            Result(type, deploymentHash, string.IsNullOrWhiteSpace(appCode) ? NoAppCode : appCode, errors),
            errors);

    /// <summary>The outcome of a command whose parameters are known.</summary>
    public static CommandOutcome Of(CommandContext context, params CommandErrorDto[] errors) =>
        Of(context.Type, context.DeploymentHash, context.AppCode, errors);

    private static JsonElement Result(string type, string hash, string appCode, CommandErrorDto[] errors) => type switch
    {
        CommandTypes.Health => JsonSerializer.SerializeToElement(
            new HealthResult(
                type, hash, appCode, HealthStates.UnknownStatus, HealthStates.UnknownState, null, null, errors),
            WireJson.Default.HealthResult),
        CommandTypes.Logs => JsonSerializer.SerializeToElement(
            new LogsResult(type, hash, appCode, null, false, [], errors), WireJson.Default.LogsResult),
        CommandTypes.List =>
            JsonSerializer.SerializeToElement(new ListResult(type, hash, [], errors), WireJson.Default.ListResult),
        _ => JsonSerializer.SerializeToElement(
            new ActionResult(type, hash, appCode, "failed", HealthStates.UnknownState, errors),
            WireJson.Default.ActionResult),
    };
}
