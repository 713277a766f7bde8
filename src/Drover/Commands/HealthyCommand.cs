using System.CommandLine;
using Drover.Supervisor.Control;
using Drover.Terminal;

namespace Drover.Commands;

/// <summary>
/// <c>drover internal healthy</c>: the health check of an image, which has no curl. Exit code 0 or not, within seconds.
/// </summary>
internal static class HealthyCommand
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    public static Command Create(VerbContext verbs) =>
        new("healthy", "Say by the exit code whether a role of this machine works.")
        {
            Server(verbs), Agent(verbs), Supervisor(verbs), Gateway(verbs),
        };

    private static Command Server(VerbContext verbs)
    {
        var command = new Command("server", "The server that owns the data directory can take a write.");
        VerbContext.Run(command, async (parsed, cancellationToken) =>
        {
            using var link = ServerLink.OverSocket(verbs.Settings(parsed).SocketPath, verbs.Time);
            await AskAsync(verbs, link.Client.CheckReadyAsync, cancellationToken).ConfigureAwait(false);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Agent(VerbContext verbs)
    {
        var address = new Argument<string>("ADDRESS:PORT") { Description = "Where host_agent.local_api listens" };
        var command = new Command("host-agent", "The host agent answers, whatever it says of engine and server.")
        {
            address,
        };
        VerbContext.Run(command, async (parsed, cancellationToken) =>
        {
            using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
            await AskAsync(
                verbs,
                async token =>
                {
                    using var answer = await http
                        .GetAsync(new Uri($"http://{parsed.GetValue(address)}/health"), token).ConfigureAwait(false);
                    answer.EnsureSuccessStatusCode();
                    verbs.Screen.Out.WriteLine(
                        Paint.OneLine(await answer.Content.ReadAsStringAsync(token).ConfigureAwait(false)));
                },
                cancellationToken).ConfigureAwait(false);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Supervisor(VerbContext verbs)
    {
        var command = new Command(
            "supervisor", "The supervisor of the data directory answers, whatever it says of its components.");
        VerbContext.Run(command, async (parsed, cancellationToken) =>
        {
            await AskAsync(
                verbs,
                token => SupervisorLink.Open(verbs, parsed).StatusAsync(token),
                cancellationToken).ConfigureAwait(false);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Gateway(VerbContext verbs)
    {
        var command = new Command(
            "gateway", "The gateway of the data directory answers, whatever it says of its agents.");
        VerbContext.Run(command, async (parsed, cancellationToken) =>
        {
            using var link = GatewayLink.Open(verbs, parsed);
            await AskAsync(verbs, link.Client.HealthAsync, cancellationToken).ConfigureAwait(false);
            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task AskAsync(
        VerbContext verbs, Func<CancellationToken, Task> ask, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, verbs.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await ask(either.Token).ConfigureAwait(false);
            verbs.Screen.Out.WriteLine("ok");
        }
        catch (Exception error) when (error is HttpRequestException or ControlException)
        {
            throw new CliException(ExitCode.NotReachable, $"cannot reach the role: {error.Message}", null, error);
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CliException(
                ExitCode.NotReachable, $"cannot reach the role: no answer within {Limit.TotalSeconds} s", null, error);
        }
    }
}
