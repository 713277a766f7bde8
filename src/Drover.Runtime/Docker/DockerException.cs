namespace Drover.Runtime.Docker;

/// <summary>Whatever goes wrong between this client and an engine. The message is a sentence for people.</summary>
public abstract class DockerException : Exception
{
    private protected DockerException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}

/// <summary>An address or a certificate that cannot be used at all; nothing was tried.</summary>
public sealed class DockerConfigurationException : DockerException
{
    internal DockerConfigurationException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
