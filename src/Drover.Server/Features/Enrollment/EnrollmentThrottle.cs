using System.Security.Cryptography;
using System.Text;
using Drover.Runtime.Limits;
using Drover.Server.Features.Status;
using Drover.Server.Hosting;

namespace Drover.Server.Features.Enrollment;

/// <summary>
/// Bounds what bad enrollment tokens cost, before the database is asked: per token, whether there is such a token or
/// not, and per address. A token that is over its own limit costs the address nothing more: 10,000 machines made from
/// one image with an expired token do not keep the next host behind their address from joining.
/// </summary>
internal sealed class EnrollmentThrottle(ServerOptions options, ServerMetrics metrics, TimeProvider time)
{
    /// <summary>Refusals of one token within a minute.</summary>
    public const int MostPerToken = 10;

    private readonly FailureWindow _tokens = new(MostPerToken, time);
    private readonly FailureWindow _addresses = new(options.Limits.WrongTokens, time);

    /// <summary>The refusal of an attempt that must wait, or null.</summary>
    public Problem? Check(string network, string? token)
    {
        if (_tokens.BlockedFor(HashOf(token)) is { } forToken)
        {
            metrics.Limited("enrollment_token");
            return Problem.TooManyRequests(forToken);
        }

        if (_addresses.BlockedFor(network) is { } forAddress)
        {
            metrics.Limited("enrollment_address");
            return Problem.TooManyRequests(forAddress);
        }

        return null;
    }

    /// <summary>Counts an attempt whose token opened nothing.</summary>
    public void NoteFailure(string network, string? token)
    {
        _tokens.Note(HashOf(token));
        _addresses.Note(network);
    }

    private static string HashOf(string? token) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token ?? string.Empty)));
}
