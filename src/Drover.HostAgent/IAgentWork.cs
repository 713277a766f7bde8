namespace Drover.HostAgent;

/// <summary>The running part of a host agent: toward a Drover server, or toward one of the older protocol.</summary>
internal interface IAgentWork : IAsyncDisposable
{
    /// <summary>Where the local API listens; null when it is off.</summary>
    Uri? LocalApi { get; }

    /// <summary>Ends when all loops have; fails when one had a defect.</summary>
    Task Completion { get; }

    /// <summary>Ends the loops in order. A second call waits for the first.</summary>
    Task StopAsync(CancellationToken cancellationToken);
}
