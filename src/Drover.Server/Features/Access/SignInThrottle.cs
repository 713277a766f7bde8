using Drover.Runtime.Limits;
using Drover.Server.Features.Status;
using Drover.Server.Hosting;

namespace Drover.Server.Features.Access;

/// <summary>
/// Slows down who sends wrong API tokens: after too many within a minute an address gets 429 for each further one until
/// the minute is over. A right token passes all the same: it is found by its hash at no cost, 256 bits are not guessed
/// at any rate, and one broken script must not lock out everybody behind its address.
/// </summary>
internal sealed class SignInThrottle(ServerOptions options, ServerMetrics metrics, TimeProvider time)
{
    private readonly FailureWindow _addresses = new(options.Limits.WrongTokens, time);

    /// <summary>Counts a wrong token; gives the refusal once there were too many.</summary>
    public Problem? NoteFailure(string network)
    {
        if (_addresses.BlockedFor(network) is { } seconds)
        {
            metrics.Limited("sign_in");
            return Problem.TooManyRequests(seconds);
        }

        _addresses.Note(network);
        return null;
    }
}
