using Drover.Core.Agents;
using Drover.Gateway.Documents;

namespace Drover.Gateway.Lifecycle;

/// <summary>Asks a task whether it serves.</summary>
internal interface IAgentProber
{
    /// <summary>Asks once; every answer is an outcome, and none names an address.</summary>
    /// <param name="task">Whom.</param>
    /// <param name="document">How the user wants it asked.</param>
    /// <param name="isEager">True: somebody waits for it to begin, so that what does not connect at once is asked again
    /// rather than waited for.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<ProbeAnswer> AskAsync(
        AgentTask task, AgentDocument document, bool isEager, CancellationToken cancellationToken);
}

/// <summary>What a task said.</summary>
/// <param name="IsGood">True: it serves.</param>
/// <param name="Message">For people, without an address.</param>
internal readonly record struct ProbeAnswer(bool IsGood, string Message);
