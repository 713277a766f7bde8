using System.Net;
using System.Net.Sockets;

namespace Drover.Runtime.Probing;

/// <summary>
/// Opens a fresh connection, as every run of a probe must: one kept open would hide that nobody listens any more. Where
/// a name has several addresses the next is tried beside the one before when that has failed or is slow, and the first
/// to answer wins (RFC 8305), so that one dead address does not use up the time of a probe.
/// </summary>
internal static class ProbeConnection
{
    private const int MostAddresses = 8;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);
    private static readonly IPAddress[] BothLoopbacks = [IPAddress.Loopback, IPAddress.IPv6Loopback];

    /// <summary>Connects, or throws a <see cref="ProbeConnectException"/> that says why not.</summary>
    public static async Task<Socket> OpenAsync(
        ProbeAddress address, TimeProvider time, CancellationToken cancellationToken)
    {
        var endpoints = await ResolveAsync(address, cancellationToken);
        using var race = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var pending = new List<Task<Socket>>();
        var failures = new List<Exception>();
        try
        {
            for (var next = 0; next < endpoints.Count || pending.Count > 0;)
            {
                if (next < endpoints.Count)
                {
                    pending.Add(ConnectAsync(endpoints[next++], race.Token));
                }

                if (await FirstAsync(pending, next < endpoints.Count, time, cancellationToken) is not { } ended)
                {
                    continue;
                }

                pending.Remove(ended);
                if (ended.IsCompletedSuccessfully)
                {
                    return await ended;
                }

                failures.Add(ended.Exception?.InnerException ?? new OperationCanceledException());
            }

            throw Failed(address, endpoints, failures);
        }
        finally
        {
            await race.CancelAsync();
            pending.ForEach(loser => _ = CloseAsync(loser));
        }
    }

    private static async Task<IReadOnlyList<IPEndPoint>> ResolveAsync(
        ProbeAddress address, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(address.Host, out var literal))
        {
            return [new IPEndPoint(literal, address.Port)];
        }

        if (address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
        {
            return [.. BothLoopbacks.Select(loopback => new IPEndPoint(loopback, address.Port))];
        }

        try
        {
            var found = await Dns.GetHostAddressesAsync(address.Host, cancellationToken);
            return found.Length > 0
                ? [.. found.Take(MostAddresses).Select(one => new IPEndPoint(one, address.Port))]
                : throw new ProbeConnectException($"cannot connect to {address}: the name has no address", null);
        }
        catch (SocketException exception)
        {
            throw new ProbeConnectException(
                $"cannot connect to {address}: the name \"{address.Host}\" is not known "
                + $"({exception.Message.TrimEnd('.')})",
                exception);
        }
    }

    private static async Task<Socket> ConnectAsync(IPEndPoint endpoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endpoint, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The first to end; null when there are more to try and none has ended in a while.</summary>
    private static async Task<Task<Socket>?> FirstAsync(
        List<Task<Socket>> pending, bool more, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            var first = Task.WhenAny(pending);
            return more
                ? await first.WaitAsync(Patience, time, cancellationToken)
                : await first.WaitAsync(cancellationToken);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    private static async Task CloseAsync(Task<Socket> loser)
    {
        await ((Task)loser).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (loser.IsCompletedSuccessfully)
        {
            (await loser).Dispose();
        }
    }

    private static ProbeConnectException Failed(
        ProbeAddress address, IReadOnlyList<IPEndPoint> endpoints, List<Exception> failures)
    {
        var reasons = failures.Select(Reason).Distinct().ToArray();
        var tried = endpoints.Count > 1 ? $", tried {string.Join(" and ", endpoints)}" : "";
        return new ProbeConnectException(
            $"cannot connect to {address}: {string.Join("; ", reasons)}{tried}", failures.FirstOrDefault());
    }

    private static string Reason(Exception failure) => failure switch
    {
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => "nothing listens there (refused)",
        SocketException { SocketErrorCode: SocketError.TimedOut } => "no answer (timed out)",
        SocketException { SocketErrorCode: SocketError.HostUnreachable or SocketError.NetworkUnreachable } =>
            "there is no way to that address (unreachable)",
        SocketException { SocketErrorCode: SocketError.AddressNotAvailable } =>
            "this machine has no address of that family",
        _ => failure.Message,
    };
}

/// <summary>No connection came about; the message says why, as a sentence.</summary>
internal sealed class ProbeConnectException(string message, Exception? inner) : IOException(message, inner);
