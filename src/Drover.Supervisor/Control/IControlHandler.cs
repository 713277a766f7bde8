using Drover.Runtime.Auth;

namespace Drover.Supervisor.Control;

/// <summary>Answers what is asked over the socket.</summary>
internal interface IControlHandler
{
    /// <summary>Completes at the next change of <see cref="Status"/>; take it before asking.</summary>
    Task NextChange { get; }

    /// <summary>What everything does now.</summary>
    SupervisorStatus Status();

    /// <summary>Answers every verb but <see cref="ControlVerb.Watch"/>.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="peer">Who asks; already known to be allowed.</param>
    /// <param name="cancellationToken">Cancelled when the caller hangs up: nobody waits for the answer, and an order
    /// that was accepted stands.</param>
    /// <exception cref="ControlException">Refused.</exception>
    Task<ControlReply> AnswerAsync(
        ControlRequest request, PeerCredentials peer, CancellationToken cancellationToken);
}
