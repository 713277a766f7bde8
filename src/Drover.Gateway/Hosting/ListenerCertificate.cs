using System.Net.Security;
using System.Security.Authentication;
using Drover.Gateway.Documents;
using Drover.Runtime.Tls;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Drover.Gateway.Hosting;

/// <summary>
/// The certificate of the TLS listener. Each handshake asks for it anew, so that another one needs no restart and cuts
/// no connection. Holds the private key.
/// </summary>
internal sealed class ListenerCertificate
{
    private readonly CertificateFiles _files;
    private readonly TimeProvider _time;
    private ServerCertificate _now;

    private ListenerCertificate(CertificateFiles files, ServerCertificate now, TimeProvider time) =>
        (_files, _now, _time) = (files, now, time);

    /// <summary>Reads the files.</summary>
    /// <exception cref="GatewayStartException">They cannot be used; the sentence says why.</exception>
    public static ListenerCertificate Open(TlsDocument document, TimeProvider time)
    {
        var files = new CertificateFiles("gateway.tls", document.CertificatePath, document.KeyPath);
        return new ListenerCertificate(files, Read(files, time), time);
    }

    /// <summary>Reads the files again; handshakes from now on show what they hold.</summary>
    /// <exception cref="GatewayStartException">They cannot be used, and the one of before stays.</exception>
    public void Reload() => Volatile.Write(ref _now, Read(_files, _time));

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
}
