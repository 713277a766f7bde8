namespace Drover.Server.Features.Legacy;

/// <summary>Sentences of the older protocol, word for word: its agents and scripts may compare them.</summary>
internal static class LegacyTexts
{
    public const string CommandAvailable = "Command available";
    public const string NoCommandAvailable = "No command available";
    public const string WrongDeployment = "Not authorized for this deployment";
    public const string CommandNotFound = "Command not found";
    public const string ResultAccepted = "Result accepted";

    public static string ReportAccepted(string state) => $"Command result accepted, status: {state}";
}
