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
    public void What_is_wrong_with_the_supervisors_own_work_stands_above_the_components()
    {
        var status = Status(Api) with
        {
            Warnings = ["the disk of \"/data\" is full: components lose what they log; make room on it"],
        };
        Assert.Equal(
            [
                "Drover Status:",
                "─────────────────────────────────────",
                "Warning: the disk of \"/data\" is full: components lose what they log; make room on it",
                "",
                "Api:",
            ],
            StatusText.Lines(status, Now, verbose: false, new Paint(false)).Take(5));
        Assert.StartsWith(
            "Warning: the disk of ",
            StatusTable.Lines(status, Now, new Paint(false), width: 120, height: 5)[0],
            StringComparison.Ordinal);
    }

    [Fact]
    public void Trouble_is_shown_with_its_cause_and_what_comes_next_and_the_unwell_at_the_foot() => Assert.Equal(
        """
        Drover Status:
        ─────────────────────────────────────
        Api:
          Status:       ↻ Backoff
          Health:       ✗ Unhealthy
          Restarts:     4
          Last Restart: 12s ago (was ended by SIGKILL)
          Last Error:   exited with code 7
          Next Start:   in 8s

        Worker:
          Status:    ↻ Waiting
          Health:    ↻ Starting
          Restarts:  0
          Waits For: api: ready

        ✗ 1 of 2 not well: api
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
                LastRestartCause = new CauseStatus("signal", "was ended by SIGKILL"),
                LastCause = new CauseStatus("exit", "exited with code 7"),
                LastError = "exited with code 7",
                NextStartAt = Now + TimeSpan.FromSeconds(7.2),
            },
            Api with
            {
                Name = "worker",
                DisplayName = "Worker",
                State = ComponentState.Stopped,
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

    [Theory]
    [InlineData(ComponentState.Running, ComponentHealth.Healthy, "✓ Running")]
    [InlineData(ComponentState.Starting, ComponentHealth.Starting, "↻ Not seen yet")]
    [InlineData(ComponentState.Starting, ComponentHealth.Unhealthy, "✗ Unreachable")]
    [InlineData(ComponentState.Unhealthy, ComponentHealth.Unhealthy, "✗ Unreachable")]
    [InlineData(ComponentState.Stopped, ComponentHealth.Stopped, "○ Not watched")]
    [InlineData(ComponentState.Stopped, ComponentHealth.Unknown, "? Not watched")]
    public void What_others_keep_alive_is_reached_or_not_and_never_said_to_start_or_stop(
        ComponentState state, ComponentHealth health, string text) => Assert.Contains(
        $"Temporal:\n  Status:   {text}\n  Address:  localhost:7233",
        Text([Temporal with { State = state, Health = health }]),
        StringComparison.Ordinal);

    [Fact]
    public void An_instance_that_is_not_ready_says_by_its_probe_why()
    {
        var text = Text(
        [
            Api with
            {
                State = ComponentState.Starting,
                Health = ComponentHealth.Starting,
                Probes =
                [
                    new()
                    {
                        Kind = ProbeKind.Startup,
                        Target = "tcp 127.0.0.1:7234",
                        Result = ProbeResult.Unknown,
                        LastOutcome = ProbeOutcome.Failure,
                        Message = "nothing listens there (refused)",
                    },
                ],
            },
        ]);

        Assert.EndsWith(
            "\n  Not Ready: startup probe: nothing listens there (refused)", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Trouble_that_is_over_does_not_shout()
    {
        var lines = StatusText.Lines(
            Status(Api with { LastError = "exited with code 7" }), Now, verbose: false, new Paint(true));

        Assert.Contains("  Last Error: \x1b[2mexited with code 7\x1b[0m", lines);
    }

    [Fact]
    public void The_answer_to_an_order_tells_the_trouble_of_what_is_unwell_and_of_nothing_else()
    {
        var stopped = Api with
        {
            State = ComponentState.Stopped,
            Health = ComponentHealth.Stopped,
            Pid = null,
            LastError = "exited with code 7",
        };

        Assert.Equal("○ Stopped", StatusText.InOneLine(stopped));
        Assert.Equal("✓ Running (PID 12345)", StatusText.InOneLine(Api with { LastError = "exited with code 7" }));
        Assert.Equal(
            "↻ Waiting for db: ready",
            StatusText.InOneLine(stopped with { Health = ComponentHealth.Starting, WaitsFor = ["db: ready"] }));
        Assert.Equal(
            "↻ Backoff: exited with code 7",
            StatusText.InOneLine(
                stopped with { State = ComponentState.Backoff, Health = ComponentHealth.Unhealthy }));
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

        Assert.Contains("Api:\n  Name:     api\n  Status:", text, StringComparison.Ordinal);
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

    [Fact]
    public void On_a_terminal_too_low_for_the_blocks_each_component_has_a_line()
    {
        var lines = StatusTable.Lines(Status(Api, Runner), Now, new Paint(false), width: 120, height: 20);

        Assert.Equal(
            [
                "COMPONENT  STATUS     HEALTH     PID     UPTIME  RESTARTS  LAST ERROR",
                "api        ✓ Running  ✓ Healthy  12345   2h 15m  0         -",
                "runner     ✓ Running  ✓ Healthy  runner  2h 14m  0         -",
            ],
            lines.Select(line => line.TrimEnd()));
    }

    [Fact]
    public void Where_even_lines_are_too_many_the_unwell_come_first_and_the_rest_is_counted()
    {
        var many = Enumerable.Range(0, 30).Select(number => Api with
        {
            Name = $"c{number}",
            Health = number == 29 ? ComponentHealth.Unhealthy : ComponentHealth.Healthy,
            LastError = number == 29 ? "exited with code 7" : null,
        });

        var lines = StatusTable.Lines(Status([.. many]), Now, new Paint(false), width: 120, height: 10);

        Assert.Equal(10, lines.Count);
        Assert.StartsWith("c29 ", lines[1], StringComparison.Ordinal);
        Assert.EndsWith("exited with code 7", lines[1].TrimEnd(), StringComparison.Ordinal);
        Assert.Equal("and 22 more; a higher terminal shows them", lines[^1]);
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

        Assert.Contains("Last Error: a?[2Jb?c", text, StringComparison.Ordinal);
        Assert.Contains("x?y:", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, 0, "✓ They arrive")]
    [InlineData(null, 3, "✓ They arrive, 3 wait")]
    [InlineData("cannot enroll: no token", 12, "✗ 12 wait: cannot enroll: no token")]
    public void Verbose_says_whether_events_reach_the_server(string? failure, long waiting, string link)
    {
        var status = Status(Api) with { Server = new ServerLinkStatus("https://10.0.0.5:7780", failure, waiting) };
        var lines = StatusText.Lines(status, Now, verbose: true, new Paint(false));

        Assert.EndsWith(
            $"\n\nEvents to a server:\n  Address:  https://10.0.0.5:7780\n  Link:     {link}",
            string.Join('\n', lines),
            StringComparison.Ordinal);
        Assert.DoesNotContain("Events to", string.Join('\n', StatusText.Lines(status, Now, false, new Paint(false))));
    }

    [Fact]
    public void Without_components_it_says_where_they_would_stand() => Assert.EndsWith(
        "no components: drover.yaml has none under supervisor.components", Text([]), StringComparison.Ordinal);

    private static string Text(IReadOnlyList<ComponentStatus> components, bool verbose = false) =>
        string.Join('\n', StatusText.Lines(Status([.. components]), Now, verbose, new Paint(false)));

    private static SupervisorStatus Status(params ComponentStatus[] components) =>
        new() { Version = "1.0.0", Pid = 1, Components = components };
}
