using System.CommandLine;
using Drover.Core.Trust;
using Drover.Login;
using Drover.Runtime.Configuration;
using Drover.Runtime.Tls;
using Drover.Terminal;
using Drover.Wire;
using Drover.Wire.Client;

namespace Drover.Commands;

/// <summary>
/// <c>drover login</c> and <c>drover logout</c>: which server the verbs of this person speak to. The token comes from a
/// file, standard input or a prompt, is tried, and kept with the address and the pin in a file of mode 0600. A
/// certificate that no authority signed is only trusted after a person saw its pin and said yes, or by <c>--pin</c>.
/// </summary>
internal static class LoginCommand
{
    private const int DefaultPort = 7780;

    public static Command Login(VerbContext verbs)
    {
        var server = new Argument<string>("SERVER") { Description = "Its address: https://HOST:PORT, or HOST" };
        var pin = new Option<string?>("--pin")
        {
            Description = "Pin of its certificate, as `drover server certificate show` prints it there",
            HelpName = "sha256:PIN",
        };
        pin.Validators.Add(result =>
        {
            if (result.Tokens is [var token, ..] && !ServerPin.TryParse(token.Value, out _))
            {
                result.AddError($"--pin takes {ServerPin.Form}, not \"{token.Value}\"");
            }
        });
        var file = new Option<string?>("--token-file")
        {
            Description = "File with an API token; else standard input, or a prompt on a terminal",
            HelpName = "FILE",
        };
        var command = new Command(
            "login",
            "Speak to a server elsewhere from now on. DROVER_SERVER and DROVER_DATA_DIR still win over it.")
        {
            server,
            pin,
            file,
        };
        VerbContext.Run(command, async (parsed, cancellationToken) =>
        {
            var address = Address(parsed.GetValue(server)!);
            var trusted = ServerPin.TryParse(parsed.GetValue(pin), out var given)
                ? given
                : await AskForPinAsync(verbs, address, cancellationToken).ConfigureAwait(false);
            var token = Token(verbs, parsed.GetValue(file));
            using var link = ServerLink.OverNetwork(address, token, trusted?.ToString(), verbs.Time);
            var who = await WhoAmIAsync(link.Client, address, cancellationToken).ConfigureAwait(false);
            var store = new LoginStore(verbs.Environment);
            store.Write(address.GetLeftPart(UriPartial.Authority), trusted?.ToString(), token);
            verbs.Screen.Out.WriteLine(
                Paint.OneLine($"logged in at {link.Description} as {who.Name} ({who.Role}); saved in {store.File}"));
            return ExitCode.Ok;
        });
        return command;
    }

    public static Command Logout(VerbContext verbs)
    {
        var command = new Command(
            "logout", "Forget the server of `drover login`; its token stays valid until it is revoked.");
        VerbContext.Run(command, (_, _) =>
        {
            var store = new LoginStore(verbs.Environment);
            verbs.Screen.Out.WriteLine(
                store.Forget() ? $"logged out; removed {store.File}" : "there was no login to forget");
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    private static Uri Address(string text)
    {
        var whole = text.Contains("://", StringComparison.Ordinal) ? text : $"https://{text}";
        if (!Uri.TryCreate(whole, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https")
            || address.PathAndQuery != "/" || address.UserInfo.Length > 0)
        {
            throw new CliException(
                ExitCode.Usage, $"cannot log in at \"{text}\": it is not an address", "write https://HOST:PORT");
        }

        return address.IsDefaultPort && whole != text
            ? new UriBuilder(address) { Port = DefaultPort }.Uri
            : address;
    }

    /// <summary>Null when this machine's authorities vouch for the server, or there is nothing to vouch for.</summary>
    private static async Task<ServerPin?> AskForPinAsync(
        VerbContext verbs, Uri address, CancellationToken cancellationToken)
    {
        if (address.Scheme == Uri.UriSchemeHttp)
        {
            return null;
        }

        var distrust = await ProbeAsync(verbs, address, cancellationToken).ConfigureAwait(false);
        if (distrust is null)
        {
            return null;
        }

        if (distrust.Shown is not { } shown || !verbs.Input.IsTerminal || !verbs.Screen.ErrorIsTerminal)
        {
            throw new CliException(
                ExitCode.Refused,
                $"cannot log in at \"{address.GetLeftPart(UriPartial.Authority)}\": {distrust.Message}",
                "`drover server certificate show` on the server's machine prints the pin; give it with --pin");
        }

        verbs.Screen.Error.WriteLine(
            $"No authority this machine trusts vouches for {address.GetLeftPart(UriPartial.Authority)}. Its key has "
                + $"the pin\n\n  {shown}\n\n"
                + "`drover server certificate show` on the server's machine must print the same.");
        verbs.Screen.Error.Write("Does it? Type yes to trust it: ");
        verbs.Screen.Error.Flush();
        return verbs.Input.ReadLine()?.Trim() is "yes"
            ? shown
            : throw new CliException(ExitCode.Refused, "not trusted; nothing was sent and nothing is saved", null);
    }

    /// <summary>Sends nothing that is secret, only to see the certificate.</summary>
    private static async Task<ServerCertificateException?> ProbeAsync(
        VerbContext verbs, Uri address, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler
        {
            UseProxy = !address.IsLoopback,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            SslOptions = new ServerTrust().OptionsFor(address, verbs.Time),
        };
        using var http = new HttpClient(handler) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(20) };
        try
        {
            var live = new Uri(Routes.Live, UriKind.Relative);
            using var answer = await http
                .GetAsync(live, HttpCompletionOption.ResponseHeadersRead, cancellationToken)
                .ConfigureAwait(false);
            return null;
        }
        catch (HttpRequestException error) when (ServerCertificateException.Behind(error) is { } distrust)
        {
            return distrust;
        }
        catch (HttpRequestException error)
        {
            throw new ServerUnreachableException($"cannot reach the server: {error.Message}", error);
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ServerUnreachableException("cannot reach the server: no answer within 20 s", error);
        }
    }

    private static Secret Token(VerbContext verbs, string? file)
    {
        if (file is not null)
        {
            return Secret.FromFile(file);
        }

        string? text;
        if (verbs.Input.IsTerminal)
        {
            verbs.Screen.Error.Write("API token: ");
            verbs.Screen.Error.Flush();
            text = verbs.Input.ReadHiddenLine();
            verbs.Screen.Error.WriteLine();
        }
        else
        {
            text = verbs.Input.ReadAll();
        }

        return text?.Trim() is { Length: > 0 } token
            ? new Secret(token)
            : throw new CliException(
                ExitCode.Usage,
                "cannot log in: no token was given",
                "pipe it in, or name its file with --token-file; on the server's machine " + ProblemAdvice.MakesToken);
    }

    private static async Task<Wire.People.WhoAmIDto> WhoAmIAsync(
        DroverClient client, Uri address, CancellationToken cancellationToken)
    {
        try
        {
            return await client.WhoAmIAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ServerProblemException problem) when (problem.Name == Problems.Unauthorized)
        {
            throw new CliException(
                ExitCode.Refused,
                $"cannot log in at \"{address.GetLeftPart(UriPartial.Authority)}\": the token is wrong, expired or "
                    + "revoked",
                "on the server's machine " + ProblemAdvice.MakesToken,
                problem);
        }
    }
}
