using Drover.Core.Trust;
using Drover.Gateway.Documents;

namespace Drover.Gateway.Admin;

/// <summary>
/// What opens the admin listener now: the operators' token and one of each agent that may register hostnames. Holds
/// proofs alone. It never changes: a reload puts another in its place.
/// </summary>
internal sealed class AdminKeys
{
    private readonly BearerProof _operators;
    private readonly IReadOnlyList<(string Agent, BearerProof Proof)> _agents;

    private AdminKeys(BearerProof operators, IReadOnlyList<(string, BearerProof)> agents) =>
        (_operators, _agents) = (operators, agents);

    /// <summary>Where the operators' token is kept, when it was made here.</summary>
    public string? TokenPath { get; private init; }

    /// <summary>Reads every token that the file names.</summary>
    /// <exception cref="GatewayStartException">One cannot be used, or opens two doors.</exception>
    public static AdminKeys Read(GatewayDocument document, GatewayPaths paths)
    {
        var (operators, path) = AdminToken.Open(document.Admin, paths);
        var agents = new List<(string Agent, BearerProof Proof)>();
        foreach (var agent in document.Agents)
        {
            if (agent.RegistrationToken is not { } source)
            {
                continue;
            }

            var key = $"gateway.agents.{agent.Name}.registration_token";
            var proof = AdminToken.ProofOf(key, source);
            if (proof.Verify(operators))
            {
                throw new GatewayStartException(
                    $"cannot use {key}: it is the operators' own token, which opens everything; give the agent "
                        + "another");
            }

            if (agents.Find(other => other.Proof.Verify(proof)) is { Agent: { } twin })
            {
                throw new GatewayStartException(
                    $"cannot use {key}: the agent \"{twin}\" has the same; a token says which agent registers");
            }

            agents.Add((agent.Name, proof));
        }

        return new AdminKeys(operators, agents) { TokenPath = path };
    }

    /// <summary>Whose token was presented. Takes as long for a wrong one as for any right one.</summary>
    public KeyHolder HolderOf(string token)
    {
        var presented = BearerProof.Of(token);
        var holder = _operators.Verify(presented) ? KeyHolder.Operators : KeyHolder.Nobody;
        foreach (var (agent, proof) in _agents)
        {
            if (proof.Verify(presented))
            {
                holder = new KeyHolder(agent, false);
            }
        }

        return holder;
    }
}

/// <summary>Whose a token is.</summary>
/// <param name="Agent">The agent's; null: no agent's.</param>
/// <param name="IsOperator">True: the operators'.</param>
internal readonly record struct KeyHolder(string? Agent, bool IsOperator)
{
    public static readonly KeyHolder Nobody = new(null, false);

    public static readonly KeyHolder Operators = new(null, true);
}
