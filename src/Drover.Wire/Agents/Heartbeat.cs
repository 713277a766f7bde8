namespace Drover.Wire.Agents;

/// <summary>Body of <see cref="Routes.Heartbeat"/>; at most 200 bytes when nothing changed.</summary>
/// <param name="Run">Number of this run of the agent: max(stored + 1, start in Unix ms).</param>
/// <param name="Seq">Number of this heartbeat within the run, rising.</param>
/// <param name="Inv">Inventory hash the agent believes the server holds, hex; null before the first inventory.</param>
/// <param name="Docker">One of <see cref="DockerStates"/>; null from a role that watches no engine.</param>
/// <param name="At">The agent's clock, Unix milliseconds.</param>
/// <param name="Goodbye">True in the last heartbeat of an agent that stops on purpose.</param>
public sealed record HeartbeatRequest(long Run, long Seq, string? Inv, string? Docker, long At, bool? Goodbye = null)
{
    /// <summary>While the server's next certificate is announced: the pin of it that is stored on this host.</summary>
    public string? NextPin { get; init; }
}

/// <summary>Answer of <see cref="Routes.Heartbeat"/>.</summary>
/// <param name="Status">Always <c>ok</c>.</param>
/// <param name="NextIn">Seconds until the next heartbeat is due.</param>
/// <param name="Resync">True when the server holds another inventory: send a full one.</param>
/// <param name="ServerTime">The server's clock, Unix milliseconds.</param>
public sealed record HeartbeatResponse(string Status, int NextIn, bool Resync, long ServerTime)
{
    /// <summary>
    /// Pins the server may have next, to be stored before they are needed; none takes back what was announced. Null: no
    /// change.
    /// </summary>
    public IReadOnlyList<string>? NextPins { get; init; }

    /// <summary>True while the host is ordered to make a new key.</summary>
    public bool? NewKey { get; init; }

    /// <summary>MAC over <see cref="NextPins"/> (Core's PinAnnouncement).</summary>
    public string? PinsMac { get; init; }
}

/// <summary>What an agent says of its Docker Engine.</summary>
public static class DockerStates
{
    /// <summary>It answers.</summary>
    public const string Up = "up";

    /// <summary>It cannot be reached.</summary>
    public const string Down = "down";

    /// <summary>It takes connections and does not answer in time.</summary>
    public const string Hung = "hung";
}
