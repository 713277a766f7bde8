namespace Drover.Runtime.Uplink.Enrollment;

/// <summary>
/// A role cannot be what its server knows it as: enroll, or use the credentials it has. The message is one sentence for
/// people and says what to do.
/// </summary>
/// <param name="message">The sentence.</param>
/// <param name="innerException">What the world said, where it said something.</param>
public sealed class EnrollmentException(string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>The server refuses the token: what helps is another token, not another try.</summary>
    public bool IsRefused { get; init; }
}
