using Drover.Core.Trust;
using Drover.Runtime.Uplink;

namespace Drover.Supervisor;

/// <summary>What a supervisor is told about the server that its events go to.</summary>
public sealed record SupervisorServerOptions
{
    /// <summary>The server's base address; null: that of the credentials.</summary>
    public Uri? Address { get; init; }

    /// <summary>Pin of the server's certificate, for one that no authority signed.</summary>
    public ServerPin? Pin { get; init; }

    /// <summary>The one-time token. Needed while there are no credentials; ignored once they are there.</summary>
    public SecretToken? Token { get; init; }

    /// <summary>How people call this supervisor. Null: the machine's name with <c>-supervisor</c> behind it.</summary>
    public string? Name { get; init; }

    /// <summary>The credentials file. Null: in the supervisor's part of the data directory.</summary>
    public string? CredentialsPath { get; init; }

    /// <summary>Most bytes of events kept on disk while the server is away; the oldest are dropped and counted.
    /// Default 16 MiB.</summary>
    public long EventSpoolBytes { get; init; } = UplinkSpec.UsualEventSpoolBytes;
}
