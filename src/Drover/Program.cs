using Drover;
using Drover.Runtime.Configuration;
using Drover.Terminal;

var environment = EnvironmentVariables.OfProcess;
return (int)await CommandLine.RunAsync(
    args, new CliHost(Screen.OfProcess(environment), environment, TimeProvider.System))
    .ConfigureAwait(false);
