using Drover.Runtime.Processes.Shim;
using Drover.Runtime.Tests.Processes.Played;
using Xunit.Runner.InProc.SystemConsole;

return args switch
{
    _ when PlayedProcess.IsShim(args) => LaunchShim.Run(),
    [PlayedProcess.Verb, var part] => await PlayedProcess.RunAsync(part),
    _ => await ConsoleRunner.Run(args),
};
