using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Drover.Core.Trust;

namespace Drover.Runtime.Tls;

/// <summary>
/// Decides, at each TLS handshake, whether the server is the right one. With pins, the key must be a pinned one, and
/// nothing else is asked: neither name nor authority nor validity, so that a host with a wrong clock still finds its
/// server. Without pins, the authorities of this machine decide, by name and validity. Thread-safe.
/// </summary>
public sealed class ServerTrust
{
    private IReadOnlyList<ServerPin> _pins;

    /// <param name="pins">The keys to trust; none leaves it to the machine's authorities.</param>
    public ServerTrust(params IReadOnlyList<ServerPin> pins) => _pins = pins;

    /// <summary>The keys that are trusted; none leaves it to the machine's authorities.</summary>
    public IReadOnlyList<ServerPin> Pins => Volatile.Read(ref _pins);

    /// <summary>Told of the pin by which a server was just recognised, on the handshake's thread.</summary>
    public Action<ServerPin>? Recognised { get; set; }

    /// <summary>From the next handshake on, these are trusted.</summary>
    public void Accept(IReadOnlyList<ServerPin> pins) => Volatile.Write(ref _pins, pins);

    /// <summary>TLS 1.2 or newer, judged here.</summary>
    /// <param name="server">Whose name the certificate must have when there is no pin.</param>
    /// <param name="time">Says whether a certificate is expired, in the sentence only.</param>
    public SslClientAuthenticationOptions OptionsFor(Uri server, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(server);
        return new SslClientAuthenticationOptions
        {
            TargetHost = server.IdnHost,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            RemoteCertificateValidationCallback =
                (_, certificate, chain, errors) => Judge(server, certificate, chain, errors, time.GetUtcNow()),
        };
    }

    /// <summary>The pin of a certificate.</summary>
    public static ServerPin PinOf(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return ServerPin.Of(certificate.PublicKey.ExportSubjectPublicKeyInfo());
    }

    private bool Judge(
        Uri server, X509Certificate? shown, X509Chain? chain, SslPolicyErrors errors, DateTimeOffset now)
    {
        if (shown is null)
        {
            throw new ServerCertificateException("it showed no certificate", null);
        }

        using var certificate = X509CertificateLoader.LoadCertificate(shown.GetRawCertData());
        var pin = PinOf(certificate);
        var pins = Pins;
        if (pins.Count == 0)
        {
            return errors is SslPolicyErrors.None
                ? true
                : throw new ServerCertificateException(Objection(server, certificate, chain, errors, pin, now), pin);
        }

        // Every pin is compared, whichever is right.
        if (pins.Where(pin.Equals).ToList() is [var known, ..])
        {
            Recognised?.Invoke(known);
            return true;
        }

        throw new ServerCertificateException(
            $"its certificate has another key than the pinned one (pinned {string.Join(" or ", pins)}, shown {pin}); "
                + "either this is another server, or its key was changed while this machine was away: compare with "
                + "`drover server certificate show` on the server's machine, and give the new one with --pin",
            pin);
    }

    private static string Objection(
        Uri server,
        X509Certificate2 certificate,
        X509Chain? chain,
        SslPolicyErrors errors,
        ServerPin pin,
        DateTimeOffset now)
    {
        var (begin, end) = (certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime());
        if (end < now.UtcDateTime)
        {
            return $"its certificate expired on {end:yyyy-MM-dd HH:mm} UTC; renew it on the server's machine, or look "
                + "at this machine's clock";
        }

        if (begin > now.UtcDateTime)
        {
            return $"its certificate is only valid from {begin:yyyy-MM-dd HH:mm} UTC on; look at this machine's clock";
        }

        if (errors == SslPolicyErrors.RemoteCertificateNameMismatch)
        {
            return $"its certificate is not made for \"{server.Host}\"; use the name it is made for, or the pin of its "
                + "key (--pin)";
        }

        var why = chain?.ChainStatus.Select(status => status.StatusInformation.Trim().TrimEnd('.'))
            .FirstOrDefault(text => text.Length > 0);
        return $"no authority this machine trusts signed its certificate{(why is null ? "" : $" ({why})")}; if it is "
            + $"Drover's own, give its pin with --pin. What was shown has {pin}: believe it only when `drover server "
            + "certificate show` on the server's machine prints the same";
    }
}
