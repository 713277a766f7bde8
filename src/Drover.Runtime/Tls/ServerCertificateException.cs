using System.Security.Authentication;
using Drover.Core.Trust;

namespace Drover.Runtime.Tls;

/// <summary>
/// The certificate that a server showed is not one to trust: the message is a clause for people, which goes on after
/// "cannot reach ...: ". Trying again helps only when somebody changes something.
/// </summary>
/// <param name="message">The clause.</param>
/// <param name="shown">The pin of what was shown.</param>
public sealed class ServerCertificateException(string message, ServerPin? shown) : AuthenticationException(message)
{
    /// <summary>The pin of the certificate that was shown, for a person to compare; null when none was.</summary>
    public ServerPin? Shown { get; } = shown;

    /// <summary>The one behind a failed request, or null when it failed for another cause.</summary>
    public static ServerCertificateException? Behind(Exception? error)
    {
        for (var at = error; at is not null; at = at.InnerException)
        {
            if (at is ServerCertificateException found)
            {
                return found;
            }
        }

        return null;
    }
}
