using Drover.Runtime.Docker;
using Drover.Wire.Commands;

namespace Drover.HostAgent.Commands;

/// <summary>Turns what the Docker client throws into a report's error.</summary>
internal static class DockerErrors
{
    /// <summary>The error that this exception means for a command.</summary>
    /// <param name="exception">As thrown.</param>
    /// <param name="code">The code where the engine answered and said no.</param>
    public static CommandErrorDto Of(DockerException exception, string code) => exception switch
    {
        DockerApiException { IsNotFound: true } => new(
            CommandErrors.ContainerNotFound, $"{exception.Message}; it was removed meanwhile"),
        DockerApiException => new(code, exception.Message),
        _ => new(CommandErrors.DockerUnavailable, exception.Message),
    };
}
