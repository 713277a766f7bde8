using System.CommandLine;
using Drover.Configuration;
using Drover.Core.Trust;
using Drover.HostAgent;
using Drover.Roles;
using Drover.Runtime.Configuration;
using Directories = Drover.Runtime.Configuration.DataDirectory;

namespace Drover.Commands;

/// <summary><c>drover host-agent</c>: this machine's agent alone; it dials out to a server and opens nothing.</summary>
internal static class HostAgentCommand
{
    public static Command Create(VerbContext verbs)
    {
        var enroll = new Option<string?>("--enroll")
        {
            Description =
                "One-time token; DROVER_ENROLL_TOKEN_FILE or DROVER_ENROLL_TOKEN keep it out of the process list",
            HelpName = "TOKEN",
        };
        var once = new Option<bool>("--once") { Description = "Enroll, save the credentials and end" };
        var server = new Option<string?>("--server")
        {
            Description = "Address of the server, needed to enroll",
            HelpName = "URL",
        };
        var pin = new Option<string?>("--pin")
        {
            Description = "Pin of the server's certificate, as `drover token create` prints it",
            HelpName = "sha256:PIN",
        };
        pin.Validators.Add(result =>
        {
            if (result.Tokens is [var token, ..] && !ServerPin.TryParse(token.Value, out _))
            {
                result.AddError($"--pin takes {ServerPin.Form}, not \"{token.Value}\"");
            }
        });
        var name = new Option<string?>("--name")
        {
            Description = "How people call this host (default: the machine's name)",
            HelpName = "NAME",
        };
        var localApi = new Option<string?>("--local-api")
        {
            Description = "Loopback address and port of /health, /capabilities and /metrics (default: off)",
            HelpName = "ADDRESS:PORT",
        };
        var command = new Command("host-agent", "Run this machine's host agent alone, in the foreground.")
        {
            enroll,
            once,
            server,
            pin,
            name,
            localApi,
        };
        VerbContext.Run(command, async (parsed, cancellationToken) =>
        {
            var settings = verbs.Settings(parsed);
            Directories.Ensure(settings.DataDirectory);
            var options = Options(settings, verbs.Environment);
            options = options with
            {
                EnrollToken = parsed.GetValue(enroll) is { } given
                    ? Settings.ParseToken(new Secret(given), "--enroll")
                    : options.EnrollToken,
                Once = parsed.GetValue(once),
                Server = parsed.GetValue(server) is { } address ? Address(address) : options.Server,
                ServerPin = parsed.GetValue(pin) ?? options.ServerPin,
                Name = parsed.GetValue(name) ?? options.Name,
                LocalApiListen = parsed.GetValue(localApi) ?? options.LocalApiListen,
            };
            var debug = parsed.GetValue(verbs.Shared.Debug);
            return options.Once
                ? await EnrollAsync(verbs, settings, debug, options, cancellationToken).ConfigureAwait(false)
                : await RoleHost.RunAsync(
                    verbs,
                    settings,
                    debug,
                    (roles, starting) => StartAsync(verbs, roles, options, starting),
                    cancellationToken).ConfigureAwait(false);
        });
        return command;
    }

    /// <summary>To the credentials and no further. Interrupted, it has not done what it was asked.</summary>
    private static async Task<ExitCode> EnrollAsync(
        VerbContext verbs,
        Settings settings,
        bool debug,
        HostAgentOptions options,
        CancellationToken cancellationToken)
    {
        var roles = new RoleHost(verbs, settings, debug);
        await using (roles.ConfigureAwait(false))
        {
            await roles.StartAgentAsync(options, cancellationToken).ConfigureAwait(false);
            verbs.Screen.Out.WriteLine($"enrolled; the credentials are in {options.CredentialsPath}");
            return ExitCode.Ok;
        }
    }

    private static async Task StartAsync(
        VerbContext verbs, RoleHost roles, HostAgentOptions options, CancellationToken cancellationToken)
    {
        await roles.StartAgentAsync(options, cancellationToken).ConfigureAwait(false);
        verbs.Screen.Out.WriteLine(
            $"drover host-agent {ProductVersion.Number} runs; data directory {roles.Settings.DataDirectory}");
        verbs.Screen.Out.Flush();
        roles.GiveBackWhatIsNotNeeded();
    }

    /// <summary>The options of an agent in a process of its own: file and environment.</summary>
    internal static HostAgentOptions Options(Settings settings, EnvironmentVariables environment)
    {
        var options = settings.HostAgentOptions();
        return options with
        {
            CredentialsPath = settings.CredentialsPath(),
            EnrollToken = TokenOf(environment) ?? options.EnrollToken,
        };
    }

    /// <summary>The one-time token of the environment; null where there is none.</summary>
    internal static SecretToken? TokenOf(EnvironmentVariables environment)
    {
        if (environment[EnvironmentVariables.EnrollTokenFile] is { } file)
        {
            return Settings.ParseToken(Secret.FromFile(file), EnvironmentVariables.EnrollTokenFile);
        }

        return environment[EnvironmentVariables.EnrollToken] is { } text
            ? Settings.ParseToken(new Secret(text), EnvironmentVariables.EnrollToken)
            : null;
    }

    private static Uri Address(string text) => Uri.TryCreate(text, UriKind.Absolute, out var address)
        ? address
        : throw new CliException(
            ExitCode.Usage, $"cannot use --server \"{text}\": it is not an address", "write https://HOST:PORT");
}
