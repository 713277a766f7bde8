using Drover.Core.Trust;

namespace Drover.Runtime.Uplink;

/// <summary>What a role is told about its server: enough to enroll there, come back, and to keep what waits.</summary>
public sealed record UplinkSpec
{
    /// <summary>What <see cref="EventSpoolBytes"/> is unless the user says otherwise.</summary>
    public const long UsualEventSpoolBytes = 16L << 20;

    /// <summary>What cannot be done without the server, in sentences: <c>start the host agent</c>.</summary>
    public required string Purpose { get; init; }

    /// <summary>What it enrolls as: one of <see cref="Wire.Agents.AgentKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>A directory of its own, which is there: number of the run, events that wait.</summary>
    public required string Directory { get; init; }

    /// <summary>The credentials file.</summary>
    public required string CredentialsFile { get; init; }

    /// <summary>The server's base address; null: that of the credentials.</summary>
    public Uri? Server { get; init; }

    /// <summary>Where a person writes that address, for the sentence that misses it.</summary>
    public required string ServerKey { get; init; }

    /// <summary>Pin of the server's certificate; once enrolled it is trusted beside the stored ones.</summary>
    public ServerPin? Pin { get; init; }

    /// <summary>The one-time token. Needed while there are no credentials; ignored once they are there.</summary>
    public SecretToken? Token { get; init; }

    /// <summary>How people call it. Null: the machine's own name.</summary>
    public string? Name { get; init; }

    /// <summary>Version of the executable, as the server shows it.</summary>
    public required string Version { get; init; }

    /// <summary>How long a server that does not answer is tried to enroll at; null for ever.</summary>
    public TimeSpan? GiveUpAfter { get; init; }

    /// <summary>Most bytes of events kept on disk while the server is away; the oldest are dropped and
    /// counted.</summary>
    public long EventSpoolBytes { get; init; } = UsualEventSpoolBytes;

    /// <summary>The file with the number of the run.</summary>
    internal string RunFile => Path.Combine(Directory, "run");

    /// <summary>Where events wait.</summary>
    internal string EventsDirectory => Path.Combine(Directory, "events");
}
