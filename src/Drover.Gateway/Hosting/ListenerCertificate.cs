using System.Net.Security;
using System.Security.Authentication;
using Drover.Gateway.Documents;
using Drover.Runtime.Tls;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace Drover.Gateway.Hosting;

/// <summary>
/// The certificate of a TLS listener. Each handshake asks for it anew, so that another one needs no restart and cuts
/// no connection. Looks now and then whether its files changed, for who renews certificates rarely knows who uses them.
/// Holds the private key, a timer, and the lock under which files are read one time after another.
/// </summary>
internal sealed partial class ListenerCertificate : IDisposable
{
    // Two looks at the file system; a renewal has days.
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly CertificateFiles _files;
    private readonly TimeProvider _time;
    private readonly ILogger<ListenerCertificate> _logger;
    private readonly ITimer _timer;
    private ServerCertificate _now;
    private string _stamp;

    private ListenerCertificate(CertificateFiles files, TimeProvider time, ILogger<ListenerCertificate> logger)
    {
        _files = files;
        _time = time;
        _logger = logger;
        _stamp = files.Stamp;
        _now = Read(files, time);
        _timer = time.CreateTimer(_ => Look(), null, LookEvery, LookEvery);
    }

    /// <summary>Reads the files, and again whenever they have changed.</summary>
    /// <exception cref="GatewayStartException">They cannot be used; the sentence says why.</exception>
    public static ListenerCertificate Open(
        TlsDocument document, TimeProvider time, ILogger<ListenerCertificate> logger) =>
        new(new CertificateFiles("gateway.tls", document.CertificatePath, document.KeyPath), time, logger);

    /// <summary>The same for the admin listener; null where it has no certificate.</summary>
    /// <exception cref="GatewayStartException">They cannot be used; the sentence says why.</exception>
    public static ListenerCertificate? Open(
        AdminDocument document, TimeProvider time, ILogger<ListenerCertificate> logger) =>
        document is { CertificatePath: { } certificate, KeyPath: { } key }
            ? new(new CertificateFiles("gateway.admin", certificate, key), time, logger)
            : null;

    /// <summary>Reads the files again; handshakes from now on show what they hold.</summary>
    /// <exception cref="GatewayStartException">They cannot be used, and the one of before stays.</exception>
    public void Reload()
    {
        lock (_gate)
        {
            _stamp = _files.Stamp;
            Volatile.Write(ref _now, Read(_files, _time));
        }
    }

    /// <summary>Has a listener speak TLS.</summary>
    public void Secure(ListenOptions listener) => listener.UseHttps(new TlsHandshakeCallbackOptions
    {
        OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
        {
            ServerCertificateContext = Volatile.Read(ref _now).Context,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
        }),
    });

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    // What cannot be used is said once: both files are rarely written in one instant, and the next look finds the rest.
    private void Look()
    {
        try
        {
            lock (_gate)
            {
                if (_stamp == _files.Stamp)
                {
                    return;
                }

                Reload();
            }

            Renewed(Volatile.Read(ref _now).NotAfter);
        }
        catch (GatewayStartException error)
        {
            Refused(error.Message);
        }
    }

    private static ServerCertificate Read(CertificateFiles files, TimeProvider time)
    {
        try
        {
            return files.Read(time.GetUtcNow());
        }
        catch (CertificateUnusableException error)
        {
            throw new GatewayStartException(error.Message, error);
        }
    }

    [LoggerMessage(
        5030,
        LogLevel.Information,
        "The certificate's files changed and were read again; it is valid until {NotAfter:u}")]
    private partial void Renewed(DateTimeOffset notAfter);

    [LoggerMessage(5031, LogLevel.Warning, "{Why}; the certificate of before stays in use")]
    private partial void Refused(string why);
}
