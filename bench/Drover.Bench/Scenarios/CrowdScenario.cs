using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Drover.Bench.Supervision;

namespace Drover.Bench.Scenarios;

/// <summary>
/// Half of the components crash as soon as they are started, without end; the other half are asked for a TCP connection
/// every second. How much later than the beat of its period a probe's connection comes in is what the crashes cost the
/// others.
/// </summary>
internal static class CrowdScenario
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    public static async Task<IReadOnlyList<Figure>> RunAsync(
        string published, Scale scale, CancellationToken cancellationToken)
    {
        using var program = await StampProgram.CompileAsync(cancellationToken);
        var doors = Enumerable.Range(0, scale.Crowd / 2).Select(_ => new Door()).ToList();
        try
        {
            await using var keeper = new DroverKeeper(published, program)
            {
                Component = number => number % 2 == 0
                    ? Crashing(program)
                    : Healthy(program, doors[number / 2].Port),
            };
            await keeper.StartAsync(scale.Crowd, cancellationToken);
            await Task.Delay(Settling, cancellationToken);
            doors.ForEach(door => door.Forget());
            await Task.Delay(scale.Window, cancellationToken);
            var late = doors.SelectMany(door => door.Lateness(Period)).ToList();
            var crashing = $"while {scale.Crowd / 2} of {scale.Crowd} components crash";
            return
            [
                new Figure($"lateness of probes {crashing}", "ms", late, "p99", 50),
                new Figure($"latest of all probes {crashing}", "ms", late, "max", 50),
            ];
        }
        finally
        {
            doors.ForEach(door => door.Dispose());
        }
    }

    // The first delay of the default policy, again and again, and no limit that would end it.
    private static string Crashing(StampProgram program) =>
        $$"""{ command: ["{{program.Path}}", exit], restart: { limit: 10000, backoff: { factor: 1 } } }""";

    private static string Healthy(StampProgram program, int port) =>
        $$"""
        { command: ["{{program.Path}}", none], liveness: { tcp: {{port}}, period: {{Period.TotalSeconds}}s } }
        """;

    /// <summary>What one component's probe connects to; notes when.</summary>
    private sealed class Door : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly List<long> _arrivals = [];
        private readonly Thread _thread;

        public Door()
        {
            _listener.Start();
            Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
            _thread = new Thread(Accept) { IsBackground = true };
            _thread.Start();
        }

        public int Port { get; }

        public void Forget()
        {
            lock (_arrivals)
            {
                _arrivals.Clear();
            }
        }

        /// <summary>
        /// In ms, behind the beat that fits all arrivals best. A beat without an arrival is a whole period late.
        /// </summary>
        public IReadOnlyList<double> Lateness(TimeSpan period)
        {
            lock (_arrivals)
            {
                var instants = _arrivals.Select(at => Stopwatch.GetElapsedTime(_arrivals[0], at)).ToList();
                var best = instants.Select(LatenessBehind).MinBy(late => late.Max())!;
                var beats = (int)Math.Round(instants[^1] / period) + 1;
                var missed = Enumerable.Repeat(period.TotalMilliseconds, Math.Max(0, beats - instants.Count));
                return [.. best, .. missed];

                List<double> LatenessBehind(TimeSpan beat) =>
                [
                    .. instants.Select(at =>
                        TimeSpan.FromTicks((at - beat + (instants.Count * period)).Ticks % period.Ticks)
                            .TotalMilliseconds),
                ];
            }
        }

        public void Dispose()
        {
            _listener.Stop();
            _thread.Join();
        }

        private void Accept()
        {
            try
            {
                while (true)
                {
                    using var arrived = _listener.AcceptSocket();
                    lock (_arrivals)
                    {
                        _arrivals.Add(Stopwatch.GetTimestamp());
                    }
                }
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                // The listener was stopped.
            }
        }
    }
}
