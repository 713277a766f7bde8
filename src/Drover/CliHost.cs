using Drover.Runtime.Configuration;
using Drover.Terminal;

namespace Drover;

/// <summary>What a verb gets from the world around the process.</summary>
/// <param name="Screen">Where it writes.</param>
/// <param name="Environment">The process's environment.</param>
/// <param name="Time">The clock.</param>
internal sealed record CliHost(Screen Screen, EnvironmentVariables Environment, TimeProvider Time)
{
    /// <summary>Where a person answers.</summary>
    public TerminalInput Input { get; init; } = TerminalInput.OfProcess();

    /// <summary>What SIGHUP does instead of asking for an orderly end; a verb that runs a daemon sets it.</summary>
    public Action? OnHangUp { get; set; }
}
