namespace Drover.Runtime.Tls;

/// <summary>A listener's certificate cannot be used; the message is one sentence for people.</summary>
public sealed class CertificateUnusableException : Exception
{
    /// <summary>Makes one from a sentence.</summary>
    public CertificateUnusableException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one from a sentence and what lies behind it.</summary>
    public CertificateUnusableException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
