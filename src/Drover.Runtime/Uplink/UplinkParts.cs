using System.Security.Cryptography;
using Drover.Core.Trust;
using Drover.Runtime.Journal;
using Drover.Runtime.Uplink.Enrollment;
using Drover.Runtime.Uplink.Transport;
using Drover.Wire.Agents;
using Microsoft.Extensions.Logging;

namespace Drover.Runtime.Uplink;

/// <summary>
/// The parts by which an enrolled role and its server stay in touch, put together once for all roles: who it is, the
/// signing client, what follows the server's certificate and orders of a new key, the forwarder of events. Holds the
/// signing key. Who makes it runs the loops.
/// </summary>
public sealed class UplinkParts : IDisposable
{
    private readonly UplinkSpec _spec;
    private readonly PinKeeper _pins;
    private readonly KeyRotator _keys;
    private readonly ILoggerFactory _loggers;
    private readonly TimeProvider _time;

    /// <param name="spec">What the role was told.</param>
    /// <param name="store">Where its credentials are.</param>
    /// <param name="credentials">Its credentials, enrolled.</param>
    /// <param name="run">Number of this run.</param>
    /// <param name="spool">Where its events wait.</param>
    /// <param name="loggers">For the person at the terminal.</param>
    /// <param name="time">Paces everything.</param>
    /// <param name="recording">See <see cref="EventForwarder.Recording"/>.</param>
    /// <exception cref="EnrollmentException">The credentials name a server that cannot be used.</exception>
    public UplinkParts(
        UplinkSpec spec, CredentialsStore store, AgentCredentials credentials, long run, Spool spool,
        ILoggerFactory loggers, TimeProvider time, Lock? recording = null)
    {
        (_spec, _loggers, _time, Run) = (spec, loggers, time, run);
        var identity = IdentityOf(spec, credentials);
        var held = new HeldCredentials(store, credentials, loggers.CreateLogger<HeldCredentials>());
        _pins = new PinKeeper(held, identity, spec.Pin, loggers.CreateLogger<PinKeeper>());
        Server = identity.Server;
        Clock = new ServerClock(time);
        Client = new SignedClient(identity, ServerConnection.Create(identity.Server, _pins.Trust, time), Clock, time);
        _keys = new KeyRotator(held, identity, Client, loggers.CreateLogger<KeyRotator>());
        Forwarder = new EventForwarder(
            run, spool, Client, time, NewRandom(), loggers.CreateLogger<EventForwarder>(), recording);
    }

    /// <summary>Number of this run.</summary>
    public long Run { get; }

    /// <summary>The server's address.</summary>
    public Uri Server { get; }

    /// <summary>The signing client.</summary>
    public SignedClient Client { get; }

    /// <summary>The server's clock as far as it is known.</summary>
    public ServerClock Clock { get; }

    /// <summary>How the link stands; written by the loop of heartbeats.</summary>
    public ServerLink Link { get; } = new();

    /// <summary>Brings events from the spool to the server.</summary>
    public EventForwarder Forwarder { get; }

    /// <summary>A loop of heartbeats that says this; one to a run.</summary>
    public HeartbeatRunner NewHeartbeats(IHeartbeatSubject subject) => new(
        Run, Client, _spec.ServerKey, subject, Link, _pins, _keys, _time, NewRandom(),
        _loggers.CreateLogger<HeartbeatRunner>());

    /// <inheritdoc/>
    public void Dispose()
    {
        Forwarder.Dispose();
        Client.Dispose();
    }

    /// <summary>A source of chance of its own for each loop: one is not safe to share.</summary>
    internal static Random NewRandom() => new(RandomNumberGenerator.GetInt32(int.MaxValue));

    private static AgentIdentity IdentityOf(UplinkSpec spec, AgentCredentials credentials)
    {
        var server = spec.Server ?? new Uri(credentials.Server);
        if (ServerAddress.Objection(server) is { } objection)
        {
            throw new EnrollmentException(
                $"cannot use the server \"{server}\" of the credentials file \"{spec.CredentialsFile}\": {objection}");
        }

        _ = AgentKey.TryParse(credentials.Key, out var key);
        return new AgentIdentity(server, credentials.HostId!, credentials.DeploymentHash!, key!);
    }
}
