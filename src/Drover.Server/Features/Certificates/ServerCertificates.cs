using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using Drover.Core.Trust;
using Drover.Runtime.Tls;

namespace Drover.Server.Features.Certificates;

/// <summary>
/// The certificate of the TLS listener, and the one that follows it. Either the operator's files, or one the server
/// made for itself. A certificate with another key is announced to the host agents first and taken into use later, so
/// that those that pinned the old key follow by themselves. Holds the private keys; whole states are swapped, so that a
/// handshake needs no lock.
/// </summary>
internal sealed class ServerCertificates
{
    /// <summary>How long before its end a self-made certificate gets a follower.</summary>
    public static readonly TimeSpan RenewAhead = TimeSpan.FromDays(90);

    /// <summary>How long before its end that follower is taken into use.</summary>
    public static readonly TimeSpan SwitchAhead = TimeSpan.FromDays(30);

    private readonly Lock _gate = new();
    private readonly CertificateFiles? _files;
    private readonly CertificateStore? _store;
    private readonly ServerOptions _options;
    private readonly TimeProvider _time;
    private CertificateState? _state;
    private string _stamp = "";
    private string _currentPem = "";
    private string? _nextPem;

    private ServerCertificates(ServerOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        if (!options.UsesTls)
        {
            return;
        }

        if (options.TlsCertificatePath is { } certificate && options.TlsKeyPath is { } key)
        {
            _files = new CertificateFiles("server.tls", certificate, key);
            _stamp = _files.Stamp;
            _state = new CertificateState(ReadAtStart(_files, time.GetUtcNow()), null, null);
        }
        else
        {
            _store = new CertificateStore(Path.Combine(options.DataDirectory, "server-tls.json"));
            _state = OpenOrCreate(_store);
        }
    }

    /// <summary>What is in use and what follows; null without TLS.</summary>
    public CertificateState? Now => Volatile.Read(ref _state);

    /// <summary>True when the operator gave files.</summary>
    public bool AreFiles => _files is not null;

    /// <summary>Reads the files, or the server's own certificate, which is made at the first start.</summary>
    /// <exception cref="ServerStartException">It cannot be used; the sentence says why and what to do.</exception>
    public static ServerCertificates Open(ServerOptions options, TimeProvider time) => new(options, time);

    /// <summary>What a handshake that begins now is answered with.</summary>
    public SslServerAuthenticationOptions Handshake() => new()
    {
        ServerCertificateContext = Now!.Current.Context,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ApplicationProtocols = [SslApplicationProtocol.Http11],
    };

    /// <summary>
    /// Makes the certificate that follows the self-made one, to be taken into use after <paramref name="after"/>. One
    /// that is announced already stays and gets the new time.
    /// </summary>
    /// <exception cref="InvalidOperationException">The certificate is not the server's own.</exception>
    public CertificateState Announce(TimeSpan after)
    {
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            return AnnounceAt(now, now + after);
        }
    }

    /// <summary>
    /// Looks whether files changed, a follower is due, or one must be made. Called now and then.
    /// </summary>
    public CertificateChange? Look()
    {
        lock (_gate)
        {
            if (_state is null)
            {
                return null;
            }

            var now = _time.GetUtcNow();
            if (_state is { Next: not null, SwitchAt: { } due } && due <= now)
            {
                return Switch();
            }

            if (_files is not null)
            {
                return LookAtFiles(_files, now);
            }

            return _state.Next is null && _state.Current.NotAfter - now <= RenewAhead
                ? new CertificateChange.Announced(AnnounceAt(now, Latest(now, _state.Current.NotAfter - SwitchAhead)))
                : null;
        }
    }

    private CertificateState AnnounceAt(DateTimeOffset now, DateTimeOffset switchAt)
    {
        var store = _store
            ?? throw new InvalidOperationException("Only a certificate that the server made is followed by another.");
        var next = _nextPem ?? SelfSignedCertificate.Create(now, Names());
        store.Write(_currentPem, next, switchAt);
        _nextPem = next;
        return Keep(new CertificateState(_state!.Current, ServerCertificate.FromPem(next, next), switchAt));
    }

    private CertificateChange.Switched Switch()
    {
        var before = _state!;
        if (_nextPem is { } pem)
        {
            _store!.Write(pem, next: null, switchAt: null);
            (_currentPem, _nextPem) = (pem, null);
        }

        return new CertificateChange.Switched(before.Current.Pin, Keep(new CertificateState(before.Next!, null, null)));
    }

    /// <summary>
    /// A renewal for the same key, or one that no agent pinned, is used at once. Another key is announced first, for as
    /// long as configured or as the old certificate lasts. Until a restart, which uses what the files hold.
    /// </summary>
    private CertificateChange? LookAtFiles(CertificateFiles files, DateTimeOffset now)
    {
        var stamp = files.Stamp;
        if (stamp == _stamp)
        {
            return null;
        }

        _stamp = stamp;
        ServerCertificate read;
        try
        {
            read = files.Read(now);
        }
        catch (CertificateUnusableException error)
        {
            return new CertificateChange.Refused(error.Message);
        }

        var current = _state!.Current;
        if (read.Pin.Equals(current.Pin) || current.IsKnownToAuthorities)
        {
            return new CertificateChange.Switched(current.Pin, Keep(new CertificateState(read, null, null)));
        }

        var switchAt = Earliest(now + _options.TlsRotationGrace, current.NotAfter);
        return new CertificateChange.Announced(Keep(new CertificateState(current, read, switchAt)));
    }

    private static ServerCertificate ReadAtStart(CertificateFiles files, DateTimeOffset now)
    {
        try
        {
            return files.Read(now);
        }
        catch (CertificateUnusableException error)
        {
            throw new ServerStartException(error.Message, error);
        }
    }

    private CertificateState OpenOrCreate(CertificateStore store)
    {
        var now = _time.GetUtcNow();
        var stored = store.Read();
        if (stored is null)
        {
            _currentPem = SelfSignedCertificate.Create(now, Names());
            store.Write(_currentPem, null, null);
            return new CertificateState(ServerCertificate.FromPem(_currentPem, _currentPem), null, null);
        }

        (_currentPem, _nextPem) = (stored.Current, stored.Next);
        try
        {
            var current = ServerCertificate.FromPem(_currentPem, _currentPem);
            if (current.NotAfter <= now && _nextPem is null)
            {
                // The machine was off while it should have been renewed. For the same key, so that agents know it.
                _currentPem = SelfSignedCertificate.Create(now, Names(), keyOf: _currentPem);
                store.Write(_currentPem, null, null);
                current = ServerCertificate.FromPem(_currentPem, _currentPem);
            }

            return new CertificateState(
                current, _nextPem is null ? null : ServerCertificate.FromPem(_nextPem, _nextPem), stored.SwitchAt);
        }
        catch (Exception error) when (error is System.Security.Cryptography.CryptographicException
            or ArgumentException)
        {
            throw store.Damaged(error);
        }
    }

    private List<string> Names()
    {
        var names = new List<string> { "localhost", Environment.MachineName, "127.0.0.1", "::1" };
        names.AddRange(OwnAddresses.All().Select(address => address.ToString()));
        if (!IPAddress.Any.Equals(_options.EndPoint.Address) && !IPAddress.IPv6Any.Equals(_options.EndPoint.Address))
        {
            names.Add(_options.EndPoint.Address.ToString());
        }

        if (_options.PublicUrl is { } address)
        {
            names.Add(address.IdnHost);
        }

        return names;
    }

    private CertificateState Keep(CertificateState state)
    {
        Volatile.Write(ref _state, state);
        return state;
    }

    private static DateTimeOffset Latest(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private static DateTimeOffset Earliest(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}

/// <summary>The certificates of a listener as one value.</summary>
/// <param name="Current">What handshakes get.</param>
/// <param name="Next">What follows; announced to host agents.</param>
/// <param name="SwitchAt">When it follows.</param>
internal sealed record CertificateState(ServerCertificate Current, ServerCertificate? Next, DateTimeOffset? SwitchAt)
{
    /// <summary>The pin a host agent must be given, or null when authorities vouch for the server.</summary>
    public ServerPin? PinForHosts => Current.IsKnownToAuthorities ? null : Current.Pin;
}

/// <summary>What a look at the certificates found.</summary>
internal abstract record CertificateChange
{
    private CertificateChange()
    {
    }

    /// <summary>A certificate with another key will follow.</summary>
    public sealed record Announced(CertificateState State) : CertificateChange;

    /// <summary>A certificate was taken into use.</summary>
    public sealed record Switched(ServerPin Before, CertificateState State) : CertificateChange;

    /// <summary>The files changed and cannot be used; the old certificate stays.</summary>
    public sealed record Refused(string Why) : CertificateChange;
}
