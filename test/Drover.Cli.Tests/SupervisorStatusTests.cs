using Drover.Core.Components;
using Drover.Core.Health;
using Drover.Supervision;
using Drover.Supervisor.Control;
using Drover.Terminal;

namespace Drover.Cli.Tests;

/// <summary>The layout of <c>drover supervisor status</c>, to the letter.</summary>
public sealed class SupervisorStatusTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private static readonly ComponentStatus Api = new()
    {
        Name = "api",
        DisplayName = "Api",
        Kind = ComponentKind.Process,
        State = ComponentState.Running,
        Health = ComponentHealth.Healthy,
        Ready = true,
        Instance = 1,
        Pid = 12345,
        StartedAt = Now - new TimeSpan(2, 15, 30),
    };

    private static readonly ComponentStatus Runner = new()
    {
        Name = "runner",
        DisplayName = "Agent Runner (Docker)",
        Kind = ComponentKind.Container,
        State = ComponentState.Running,
        Health = ComponentHealth.Healthy,
        Ready = true,
        Instance = 1,
        Container = "runner",
        StartedAt = Now - new TimeSpan(2, 14, 5),
    };

    private static readonly ComponentStatus Temporal = new()
    {
        Name = "temporal",
        DisplayName = "Temporal",
        Kind = ComponentKind.External,
        State = ComponentState.Running,
        Health = ComponentHealth.Healthy,
        Ready = true,
        Instance = 1,
        Address = "localhost:7233",
        StartedAt = Now - new TimeSpan(2, 14, 5),
    };

    [Fact]
    public void The_layout_is_that_of_the_product_to_the_letter() => Assert.Equal(
        """
        Drover Status:
        ─────────────────────────────────────
        Api:
          Status:   ✓ Running
          Health:   ✓ Healthy
          PID:      12345
          Uptime:   2h 15m
          Restarts: 0

        Agent Runner (Docker):
          Status:    ✓ Running
          Health:    ✓ Healthy
          Container: runner
          Uptime:    2h 14m
          Restarts:  0

        Temporal:
          Status:   ✓ Running
          Address:  localhost:7233
        """,
        Text([Api, Runner, Temporal]));

    [Fact]
    public void Trouble_is_shown_with_its_cause_and_what_comes_next() => Assert.Equal(
        """
        Drover Status:
        ─────────────────────────────────────
        Api:
          Status:       ↻ Backoff
          Health:       ✗ Unhealthy
          Restarts:     4
          Last restart: 12s ago (exited with code 7)
          Last error:   exited with code 7
          Next start:   in 8s

        Worker:
          Status:    ↻ Starting
          Health:    ↻ Starting
          Restarts:  0
          Waits for: api: ready
        """,
        Text(
        [
            Api with
            {
                State = ComponentState.Backoff,
                Health = ComponentHealth.Unhealthy,
                Pid = null,
                StartedAt = null,
                Restarts = 4,
                LastRestartAt = Now - TimeSpan.FromSeconds(12),
                LastCause = new CauseStatus("exit", "exited with code 7"),
                LastError = "exited with code 7",
                NextStartAt = Now + TimeSpan.FromSeconds(8),
            },
            Api with
            {
                Name = "worker",
                DisplayName = "Worker",
                State = ComponentState.Starting,
                Health = ComponentHealth.Starting,
                Pid = null,
                StartedAt = null,
                WaitsFor = ["api: ready"],
            },
        ]));

    [Theory]
    [InlineData(ComponentState.Starting, ComponentHealth.Starting, "↻ Starting", "↻ Starting")]
    [InlineData(ComponentState.Running, ComponentHealth.Healthy, "✓ Running", "✓ Healthy")]
    [InlineData(ComponentState.Running, ComponentHealth.Unknown, "? Running", "? Unknown")]
    [InlineData(ComponentState.Unhealthy, ComponentHealth.Unhealthy, "✗ Unhealthy", "✗ Unhealthy")]
    [InlineData(ComponentState.Backoff, ComponentHealth.Unhealthy, "↻ Backoff", "✗ Unhealthy")]
    [InlineData(ComponentState.Stopping, ComponentHealth.Stopped, "↻ Stopping", "○ Stopped")]
    [InlineData(ComponentState.Stopped, ComponentHealth.Stopped, "○ Stopped", "○ Stopped")]
    [InlineData(ComponentState.Failed, ComponentHealth.Unhealthy, "✗✗ Failed", "✗ Unhealthy")]
    public void Every_state_and_health_has_a_symbol_and_a_word(
        ComponentState state, ComponentHealth health, string stateText, string healthText)
    {
        var lines = Text([Api with { State = state, Health = health }]).Split('\n');

        Assert.Contains($"  Status:   {stateText}", lines);
        Assert.Contains($"  Health:   {healthText}", lines);
    }

    [Fact]
    public void What_did_its_work_and_rests_is_completed() => Assert.Contains(
        "  Status:   ○ Completed",
        Text(
        [
            Api with { State = ComponentState.Stopped, LastCause = new CauseStatus("exit", "exited with code 0") },
        ]).Split('\n'));

    [Fact]
    public void Health_is_green_yellow_or_red_on_a_terminal_and_without_colour_elsewhere()
    {
        string[] lines =
        [
            .. StatusText.Lines(
                Status(
                    Api,
                    Api with { State = ComponentState.Starting, Health = ComponentHealth.Starting },
                    Api with { State = ComponentState.Failed, Health = ComponentHealth.Unhealthy }),
                Now, verbose: false, new Paint(true)),
        ];

        Assert.Contains("  Health:   \x1b[32m✓ Healthy\x1b[0m", lines);
        Assert.Contains("  Health:   \x1b[33m↻ Starting\x1b[0m", lines);
        Assert.Contains("  Status:   \x1b[31m✗✗ Failed\x1b[0m", lines);
        Assert.Contains("  Health:   \x1b[31m✗ Unhealthy\x1b[0m", lines);
        Assert.DoesNotContain('\x1b', Text([Api, Runner, Temporal]));
    }

    [Fact]
    public void Verbose_shows_every_probe_with_its_last_run_latency_count_and_next_run()
    {
        var text = Text(
            [
                Api with
                {
                    Probes =
                    [
                        new()
                        {
                            Kind = ProbeKind.Liveness,
                            Target = "grpc 127.0.0.1:7234",
                            Result = ProbeResult.Success,
                            LastOutcome = ProbeOutcome.Success,
                            InARow = 812,
                            Message = "SERVING",
                            LastRunAt = Now - TimeSpan.FromSeconds(4),
                            LatencyMs = 0.42,
                            NextRunAt = Now + TimeSpan.FromSeconds(6),
                        },
                        new()
                        {
                            Kind = ProbeKind.Readiness,
                            Target = "tcp 127.0.0.1:7234",
                            Result = ProbeResult.Failure,
                            OnHold = true,
                        },
                    ],
                },
            ],
            verbose: true);

        Assert.EndsWith(
            """
              Restarts: 0
              Probes:
                PROBE      ASKS                 RESULT   LAST RUN        IN A ROW  LATENCY  NEXT RUN  SAID
                liveness   grpc 127.0.0.1:7234  success  success 4s ago  812       0.4 ms   in 6s     SERVING
                readiness  tcp 127.0.0.1:7234   failure  -               -         -        on hold   -
            """,
            text,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(59.9, "59s")]
    [InlineData(61, "1m 1s")]
    [InlineData(3_599, "59m 59s")]
    [InlineData(8_130, "2h 15m")]
    [InlineData(90_000, "1d 1h")]
    [InlineData(-5, "0s")]
    public void Uptime_is_told_in_its_two_largest_units(double seconds, string text) =>
        Assert.Equal(text, StatusText.Span(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void Text_of_a_component_cannot_steer_the_terminal()
    {
        var text = Text([Api with { LastError = "a\x1b[2Jb\nc", DisplayName = "x\ty" }]);

        Assert.Contains("Last error: a?[2Jb?c", text, StringComparison.Ordinal);
        Assert.Contains("x?y:", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_components_it_says_where_they_would_stand() => Assert.EndsWith(
        "no components: drover.yaml has none under supervisor.components", Text([]), StringComparison.Ordinal);

    private static string Text(IReadOnlyList<ComponentStatus> components, bool verbose = false) =>
        string.Join('\n', StatusText.Lines(Status([.. components]), Now, verbose, new Paint(false)));

    private static SupervisorStatus Status(params ComponentStatus[] components) =>
        new() { Version = "1.0.0", Pid = 1, Components = components };
}
