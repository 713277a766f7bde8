using System.CommandLine;
using System.Net.Sockets;
using Drover.Commands;
using Drover.Core.Trust;
using Drover.Gateway.Admin;
using Drover.Runtime.Configuration;
using Drover.Wire;
using Drover.Wire.Client;

namespace Drover;

/// <summary>
/// The way to a gateway: the unix socket in this machine's data directory, where the kernel says who calls, or the
/// address in <c>DROVER_GATEWAY</c> with a token. Owns the connections.
/// </summary>
internal sealed class GatewayLink : IDisposable
{
    private readonly HttpClient _http;

    private GatewayLink(HttpClient http, TimeProvider time)
    {
        _http = http;
        Client = new GatewayClient(http, time);
    }

    public GatewayClient Client { get; }

    /// <summary>The way that this command line and the environment mean; that it answers shows only in use.</summary>
    public static GatewayLink Open(VerbContext verbs, ParseResult parsed)
    {
        var environment = verbs.Environment;
        if (environment[EnvironmentVariables.Gateway] is { } address)
        {
            return OverNetwork(address, environment, verbs.Time);
        }

        var path = AdminSocket.PathIn(verbs.DataDirectory(parsed));
        return new GatewayLink(ServerLink.HttpOverSocket(path, error => NoGateway(path, error)), verbs.Time);
    }

    /// <summary>Gives a command its action; what the gateway refuses becomes a sentence with an exit code.</summary>
    public static void Run(
        VerbContext verbs, Command command, Func<ParseResult, GatewayClient, CancellationToken, Task<ExitCode>> run) =>
        VerbContext.Run(command, async (parsed, cancellationToken) =>
        {
            using var link = Open(verbs, parsed);
            try
            {
                return await run(parsed, link.Client, cancellationToken).ConfigureAwait(false);
            }
            catch (ServerProblemException problem)
            {
                throw Explain(problem, verbs.Environment);
            }
        });

    public void Dispose() => _http.Dispose();

    private static CliException Explain(ServerProblemException problem, EnvironmentVariables environment) =>
        problem.Name switch
        {
            Problems.Unauthorized => new CliException(
                ExitCode.Refused,
                environment[EnvironmentVariables.GatewayTokenFile] is { } file
                    ? $"cannot sign in at the gateway: the token in \"{file}\" is wrong"
                    : "cannot sign in at the gateway: it belongs to another user",
                environment[EnvironmentVariables.Gateway] is null
                    ? "ask as the user that runs the gateway, or as root"
                    : "the token is the one of gateway.admin.token, else the one in gateway/admin-token of the "
                        + "gateway's data directory",
                problem),
            Problems.NotFound => new CliException(
                ExitCode.NotFound, Sentence(problem), "`drover gateway agents` shows them", problem),
            _ => new CliException(ProblemAdvice.Of(problem).Code, Sentence(problem), null, problem),
        };

    private static string Sentence(ServerProblemException problem) => problem.Message.TrimEnd('.');

    private static GatewayLink OverNetwork(string text, EnvironmentVariables environment, TimeProvider time)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            throw new ConfigurationException(
                $"cannot use {EnvironmentVariables.Gateway} \"{text}\": it is not an address")
            {
                Hint = "write https://HOST:PORT, the address of gateway.admin.listen",
            };
        }

        var pin = environment[EnvironmentVariables.GatewayPin];
        if (pin is not null && !ServerPin.TryParse(pin, out _))
        {
            throw new ConfigurationException(
                $"cannot use {EnvironmentVariables.GatewayPin} \"{pin}\": it is not {ServerPin.Form}");
        }

        var file = environment[EnvironmentVariables.GatewayTokenFile] ?? throw new ConfigurationException(
            $"cannot sign in at the gateway: {EnvironmentVariables.Gateway} is set and no token is")
        {
            Hint = $"set {EnvironmentVariables.GatewayTokenFile} to a file with the gateway's admin token",
        };
        return new GatewayLink(
            ServerLink.HttpOverNetwork(address, Secret.FromFile(file), pin, "the gateway", time), time);
    }

    private static NoServerException NoGateway(string path, SocketException error) =>
        error.SocketErrorCode == SocketError.AccessDenied
            ? new NoServerException(
                $"at \"{path}\" this user may not open the socket", "ask as the user that runs the gateway, or as root")
            : new NoServerException(
                $"at \"{path}\" none listens",
                $"start it with `drover gateway`; where it runs with another data directory set "
                    + $"{EnvironmentVariables.DataDirectory}, on another machine {EnvironmentVariables.Gateway}");
}
