using Drover.Supervisor.Tests.Daemon;
using Xunit.Runner.InProc.SystemConsole;

return args switch
{
    [PlayedSupervisor.Verb, var directory] => await PlayedSupervisor.RunAsync(directory),
    _ => await ConsoleRunner.Run(args),
};
