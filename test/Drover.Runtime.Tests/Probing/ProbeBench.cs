using System.Net;
using System.Net.Sockets;
using Drover.Core.Health;
using Drover.Runtime.Probing;

namespace Drover.Runtime.Tests.Probing;

/// <summary>Makes and runs probes as the supervisor does.</summary>
internal static class ProbeBench
{
    public static readonly DateTimeOffset LongAgo = DateTimeOffset.UnixEpoch;

    /// <summary>An instance that is nothing of ours.</summary>
    public static readonly ProbeSubject Nothing = new(1, null, null, LongAgo);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static IProbe Make(this ProbeTarget target, ProbeServices? services = null) =>
        new ProbeFactory(services ?? new ProbeServices(TimeProvider.System)).Create(target);

    /// <summary>Runs it with all the time it may want.</summary>
    public static async Task<ProbeReport> AskAsync(this IProbe probe, ProbeSubject? subject = null) =>
        (await ProbeExecution.RunAsync(probe, subject ?? Nothing, Patience, TimeProvider.System, Token)).Report;

    public static Task<ProbeReport> AskAsync(this ProbeTarget target) => target.Make().AskAsync();

    public static void Succeeded(this ProbeReport report) => report.Is(ProbeOutcome.Success);

    public static void Succeeded(this ProbeReport report, string message) =>
        Assert.Equal(new ProbeReport(ProbeOutcome.Success, message), report);

    public static void Failed(this ProbeReport report, string message) =>
        Assert.Equal(new ProbeReport(ProbeOutcome.Failure, message), report);

    public static void Erred(this ProbeReport report, string message) =>
        Assert.Equal(new ProbeReport(ProbeOutcome.Error, message), report);

    /// <summary>A port that nothing listens on just now.</summary>
    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static void Is(this ProbeReport report, ProbeOutcome outcome) =>
        Assert.True(report.Outcome == outcome, $"{report.Outcome}: {report.Message}");
}
