using Drover;
using Drover.Runtime.Auth;
using Drover.Runtime.Configuration;
using Drover.Runtime.Processes.Shim;
using Drover.Terminal;

// Before the first secret is read. Where the system refuses there is nothing better to do than to go on.
_ = ProcessMemory.KeepPrivate();

// A component that wants another user or other limits is started through here: no verb is parsed, nothing is set up.
if (args.SequenceEqual(ExecShim.Verb))
{
    return LaunchShim.Run();
}

var environment = EnvironmentVariables.OfProcess;
return (int)await CommandLine.RunAsync(
    args, new CliHost(Screen.OfProcess(environment), environment, TimeProvider.System))
    .ConfigureAwait(false);
