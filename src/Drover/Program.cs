using Drover;
using Drover.Runtime.Auth;
using Drover.Runtime.Configuration;
using Drover.Terminal;

// Before the first secret is read. Where the system refuses there is nothing better to do than to go on.
_ = ProcessMemory.KeepPrivate();

var environment = EnvironmentVariables.OfProcess;
return (int)await CommandLine.RunAsync(
    args, new CliHost(Screen.OfProcess(environment), environment, TimeProvider.System))
    .ConfigureAwait(false);
