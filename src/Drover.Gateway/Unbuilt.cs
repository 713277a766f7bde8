using Drover.Gateway.Documents;

namespace Drover.Gateway;

/// <summary>
/// What the file can ask for and this version does not do: said at the start, so that nobody believes it is done. Each
/// room that is built takes its line away, and the last one this file.
/// </summary>
internal static class Unbuilt
{
    /// <summary>What cannot be done; null when all can.</summary>
    public static string? Objection(GatewayDocument document) =>
        document.Capacity != new CapacityDocument()
            ? "gateway.capacity: this version puts no agent to sleep yet; leave it out"
            : null;
}
