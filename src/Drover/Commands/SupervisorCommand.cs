using System.CommandLine;

namespace Drover.Commands;

/// <summary><c>drover supervisor</c>: keeps processes and containers of this machine alive.</summary>
internal static class SupervisorCommand
{
    public static Command Create(VerbContext verbs) =>
        new(
            "supervisor",
            "Keep processes and containers of this machine alive, as drover.yaml says under supervisor.components.")
        {
            SupervisorRunCommand.Create(verbs),
            SupervisorStartCommand.Create(verbs),
            SupervisorOrderCommand.Stop(verbs),
            SupervisorOrderCommand.Restart(verbs),
            SupervisorOrderCommand.Reload(verbs),
            SupervisorStatusCommand.Create(verbs),
            SupervisorLogsCommand.Create(verbs),
            SupervisorExplainCommand.Create(verbs),
            SupervisorHistoryCommand.Create(verbs),
        };
}
