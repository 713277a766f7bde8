using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Drover.Runtime.Auth;

namespace Drover.Supervisor.Control;

/// <summary>
/// Asks the supervisor of a data directory over its socket. Each call is a connection of its own; safe to use from
/// many threads.
/// </summary>
public sealed class ControlClient(string socketPath)
{
    private const int LongestLine = 16 << 20;

    /// <summary>What everything does now.</summary>
    /// <exception cref="ControlException">Refused, or nobody answers.</exception>
    public async Task<SupervisorStatus> StatusAsync(CancellationToken cancellationToken)
    {
        var reply = await AskAsync(new ControlRequest { Verb = ControlVerb.Status }, cancellationToken);
        return reply.Status ?? throw Nonsense();
    }

    /// <summary>Gives an order: start, stop, restart or shutdown.</summary>
    /// <param name="verb">One of those.</param>
    /// <param name="component">Which; null for all.</param>
    /// <param name="wait">How long to wait until it is carried out; zero not at all, null as long as it takes.</param>
    /// <param name="cancellationToken">Hangs up; the order stands.</param>
    /// <exception cref="ControlException">Refused, or nobody answers.</exception>
    public async Task<OrderOutcome> OrderAsync(
        ControlVerb verb, string? component, TimeSpan? wait, CancellationToken cancellationToken)
    {
        var request = new ControlRequest { Verb = verb, Component = component, WaitSeconds = wait?.TotalSeconds };
        return (await AskAsync(request, cancellationToken)).Order ?? throw Nonsense();
    }

    /// <summary>Has the user's file read again.</summary>
    /// <exception cref="ControlException">The file cannot be used, and nothing changed; or nobody answers.</exception>
    public async Task<ReloadOutcome> ReloadAsync(CancellationToken cancellationToken)
    {
        var reply = await AskAsync(new ControlRequest { Verb = ControlVerb.Reload }, cancellationToken);
        return reply.Reload ?? throw Nonsense();
    }

    /// <summary>The last ends of instances, newest first.</summary>
    /// <exception cref="ControlException">Refused, or nobody answers.</exception>
    public async Task<IReadOnlyList<HistoryEntry>> HistoryAsync(
        string? component, int limit, CancellationToken cancellationToken)
    {
        var request = new ControlRequest { Verb = ControlVerb.History, Component = component, Limit = limit };
        return (await AskAsync(request, cancellationToken)).History ?? throw Nonsense();
    }

    /// <summary>The status now and after every change, until the supervisor ends or the caller stops.</summary>
    /// <exception cref="ControlException">Refused, or nobody answers.</exception>
    public async IAsyncEnumerable<SupervisorStatus> WatchAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var lines = await ConnectAsync(cancellationToken);
        await SendAsync(lines, new ControlRequest { Verb = ControlVerb.Watch }, cancellationToken);
        while (await ReadAsync(lines, cancellationToken) is { } reply)
        {
            yield return reply.Status ?? throw Nonsense();
        }
    }

    /// <summary>
    /// The process that answers, by its number here; null where it is in a container that this process cannot look
    /// into. What it calls itself would be another process's number on this side.
    /// </summary>
    /// <exception cref="ControlException">Nobody answers.</exception>
    internal async Task<int?> FindProcessAsync(CancellationToken cancellationToken)
    {
        using var socket = await OpenAsync(cancellationToken);
        return PeerCredentials.Of(socket).ProcessId is var pid and > 0 ? pid : null;
    }

    private async Task<ControlReply> AskAsync(ControlRequest request, CancellationToken cancellationToken)
    {
        await using var lines = await ConnectAsync(cancellationToken);
        await SendAsync(lines, request, cancellationToken);
        return await ReadAsync(lines, cancellationToken) ?? throw HungUp(inner: null);
    }

    private static async Task SendAsync(LineStream lines, ControlRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await lines.WriteAsync(request, ControlJson.Default.ControlRequest, cancellationToken);
        }
        catch (IOException error)
        {
            // Who is turned away is told why before he could say anything.
            await ReadAsync(lines, cancellationToken);
            throw HungUp(error);
        }
    }

    private static async Task<ControlReply?> ReadAsync(LineStream lines, CancellationToken cancellationToken)
    {
        try
        {
            var reply = await lines.ReadAsync(ControlJson.Default.ControlReply, cancellationToken);
            return reply?.Fault is { } fault
                ? throw new ControlException(fault.Message, fault.Hint) { Refusal = fault.Refusal }
                : reply;
        }
        catch (Exception error) when (error is JsonException or InvalidDataException)
        {
            throw new ControlException(
                $"cannot understand the supervisor's answer: {error.Message}",
                "it may be of another version: restart it",
                error);
        }
        catch (IOException error)
        {
            throw HungUp(error);
        }
    }

    private async Task<LineStream> ConnectAsync(CancellationToken cancellationToken) =>
        new(new NetworkStream(await OpenAsync(cancellationToken), ownsSocket: true), LongestLine);

    private async Task<Socket> OpenAsync(CancellationToken cancellationToken)
    {
        if (ControlPath.Objection(socketPath) is { } objection)
        {
            throw new ControlException(objection);
        }

        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellationToken);
            return socket;
        }
        catch (SocketException error)
        {
            socket.Dispose();
            throw error.SocketErrorCode switch
            {
                SocketError.AccessDenied => new ControlException(
                    $"cannot reach the supervisor at \"{socketPath}\": permission denied",
                    "it answers the user that runs it, and root: ask as that user, or with sudo",
                    error)
                { Refusal = ControlRefusal.NotAllowed },

                // No such file, no such directory, or a socket that a killed supervisor left behind.
                SocketError.AddressNotAvailable or SocketError.ConnectionRefused =>
                    new SupervisorNotRunningException(socketPath, error),
                _ => new ControlException(
                    $"cannot reach the supervisor at \"{socketPath}\": {error.Message}", hint: null, error),
            };
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static ControlException HungUp(Exception? inner) => new(
        "cannot hear the supervisor's answer: it closed the connection",
        "it may be ending; ask again",
        inner);

    private static ControlException Nonsense() => new(
        "cannot understand the supervisor's answer: it answered something else",
        "it may be of another version: restart it");
}
