using System.CommandLine;

namespace Drover.Commands;

/// <summary>All verbs. Building it does no work: what a verb needs is made when it runs.</summary>
internal sealed class CommandTree
{
    public CommandTree(CliHost host)
    {
        Shared = new SharedOptions();
        var verbs = new VerbContext(host, Shared, this);
        Root = new RootCommand(
            "Keeps long-running services healthy: one machine or a fleet of Docker hosts, one place to look.")
        {
            UpCommand.Create(verbs),
            ServerCommand.Create(verbs),
            HostAgentCommand.Create(verbs),
            SupervisorCommand.Create(verbs),
            GatewayCommand.Create(verbs),
            PsCommand.Create(verbs),
            LogsCommand.Create(verbs),
            ActionCommand.Restart(verbs),
            ActionCommand.Stop(verbs),
            ActionCommand.Start(verbs),
            HostsCommand.Create(verbs),
            CommandsCommand.Create(verbs),
            EventsCommand.Create(verbs),
            AuditCommand.Create(verbs),
            TokenCommand.Create(verbs),
            LoginCommand.Login(verbs),
            LoginCommand.Logout(verbs),
            BackupCommand.Create(verbs),
            RestoreCommand.Create(verbs),
            DoctorCommand.Create(verbs),
            ConfigCommand.Create(verbs),
            CompletionCommand.Create(verbs),
            VersionCommand.Create(verbs),
            InternalCommand.Create(verbs),
            Shared.Config,
            Shared.Debug,
        };
        Help.Install(Root, host.Screen);
        if (Root.Options.OfType<VersionOption>().FirstOrDefault() is { } version)
        {
            version.Action = new VersionCommand.Print(verbs);
        }
    }

    public RootCommand Root { get; }

    public SharedOptions Shared { get; }
}
