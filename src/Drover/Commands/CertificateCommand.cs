using System.CommandLine;
using Drover.Terminal;
using Drover.Wire;
using Drover.Wire.People;

namespace Drover.Commands;

/// <summary><c>drover server certificate</c>: what the server proves itself with.</summary>
internal static class CertificateCommand
{
    private static readonly TimeSpan LongestAnnouncement = TimeSpan.FromDays(30);

    public static Command Create(VerbContext verbs) =>
        new("certificate", "Show or change the certificate of the running server.") { Show(verbs), Rotate(verbs) };

    private static Command Show(VerbContext verbs)
    {
        var output = SharedOptions.Output();
        var command = new Command("show", "Show the pin of the certificate, how long it lasts, and what follows.")
        {
            output,
        };
        verbs.RunWithServer(command, async (parsed, client, cancellationToken) =>
        {
            var certificate = await client.GetCertificateAsync(cancellationToken).ConfigureAwait(false);
            Write(verbs, certificate, isJson: parsed.GetValue(output) == SharedOptions.Json);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Rotate(VerbContext verbs)
    {
        var after = SharedOptions.Duration(
            "--after",
            "How long the hosts are told before it is used (default 1d); 0 uses it at once",
            TimeSpan.Zero,
            LongestAnnouncement);
        var output = SharedOptions.Output();
        var command = new Command(
            "rotate",
            "Make a certificate with a new key, tell the hosts, and use it later. Hosts that are heard from until then "
                + "follow by themselves; run it again to move the time.")
        {
            after, output,
        };
        verbs.RunWithServer(command, async (parsed, client, cancellationToken) =>
        {
            var seconds = parsed.GetValue(after) is { } time ? (long?)time.TotalSeconds : null;
            var certificate = await client.RotateCertificateAsync(
                new RotateCertificateRequest(seconds), cancellationToken).ConfigureAwait(false);
            Write(verbs, certificate, isJson: parsed.GetValue(output) == SharedOptions.Json);
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Write(VerbContext verbs, CertificateDto certificate, bool isJson)
    {
        var screen = verbs.Screen;
        if (isJson)
        {
            JsonText.WriteOne(screen, certificate, WireJson.Default.CertificateDto);
            return;
        }

        if (!certificate.Tls)
        {
            screen.Out.WriteLine("The server listens without TLS, on loopback: there is no certificate.");
            return;
        }

        Line(screen, "pin", certificate.Pin!);
        Line(screen, "made by", certificate.Source == "files" ? "the files of server.tls" : "this server");
        Line(
            screen,
            "valid",
            $"until {TimeText.Clock(certificate.NotAfter.GetValueOrDefault(), TimeZoneInfo.Local)}");
        if (certificate.NeedsPin is false)
        {
            Line(screen, "trusted", "by this machine's authorities; hosts need no pin");
        }

        if (certificate.Next is { } next)
        {
            Line(screen, "next pin", next.Pin);
            Line(screen, "used from", TimeText.Clock(next.SwitchAt, TimeZoneInfo.Local));
            Line(
                screen,
                "known to",
                next.HostsWaiting.Count == 0
                    ? $"all {next.HostsReady} hosts"
                    : $"{next.HostsReady} hosts; not yet to {string.Join(", ", next.HostsWaiting)}");
        }
    }

    private static void Line(Screen screen, string name, string value) =>
        screen.Out.WriteLine($"{screen.OutPaint.Apply(Tone.Dim, name.PadRight(10))} {Paint.OneLine(value)}");
}
