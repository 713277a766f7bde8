using System.Net.Sockets;
using Drover.Gateway;
using Drover.HostAgent;
using Drover.Runtime.Configuration;
using Drover.Runtime.Files;
using Drover.Server;
using Drover.Supervisor;

namespace Drover.Roles;

/// <summary>Why a role could not start, as a sentence with the exit code that says whose turn it is.</summary>
internal static class RoleFailure
{
    /// <summary>The failure for people, or null when it is a defect of ours.</summary>
    public static CliException? Explain(Exception error)
    {
        if (error is CliException known)
        {
            return known;
        }

        var sentence = error is ServerStartException or HostAgentStartException or SupervisorStartException
            or GatewayStartException or FileLockedException or DirectoryUnusableException;
        var causes = Causes(error).ToList();
        if (causes.OfType<FileLockedException>().Any())
        {
            return new CliException(
                ExitCode.Busy,
                error.Message,
                $"stop the other drover, or give this one its own directory with {EnvironmentVariables.DataDirectory}",
                error);
        }

        if (causes.OfType<SocketException>().Any(cause => cause.SocketErrorCode == SocketError.AddressAlreadyInUse))
        {
            var another = error is GatewayStartException
                ? "gateway.listen in drover.yaml chooses another"
                : "--listen 127.0.0.1:PORT or server.listen in drover.yaml choose another";
            return new CliException(
                ExitCode.Busy, error.Message, $"`ss -ltnp` shows what has the port; {another}", error);
        }

        if (causes.OfType<DirectoryUnusableException>().Any())
        {
            return new CliException(
                ExitCode.ConfigInvalid,
                error.Message,
                $"{EnvironmentVariables.DataDirectory} or data_dir in drover.yaml choose another directory",
                error);
        }

        if (causes.OfType<HostAgentStartException>().Any(cause => cause.IsRefused))
        {
            return new CliException(ExitCode.Refused, error.Message, null, error);
        }

        return sentence ? new CliException(ExitCode.Failed, error.Message, null, error) : null;
    }

    private static IEnumerable<Exception> Causes(Exception error)
    {
        for (var at = error; at is not null; at = at.InnerException)
        {
            yield return at;
        }
    }
}
