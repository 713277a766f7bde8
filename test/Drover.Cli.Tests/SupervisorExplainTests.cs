using System.Text.Json;
using Drover.Supervision;
using Drover.Supervisor.Documents;
using Drover.Terminal;

namespace Drover.Cli.Tests;

/// <summary><c>drover supervisor explain</c>: the timeline of any configuration and what can never happen.</summary>
public sealed class SupervisorExplainTests
{
    [Fact]
    public void The_timeline_of_the_defaults_says_when_a_crash_loop_is_given_up_and_which_runs_never_are()
    {
        var lines = Lines("api: { command: [a] }");

        Assert.Contains(
            "  runs under 10s       restarted after 1s 2s 4s 8s 16s 32s, then 1m; failed after 10 restarts, at 5m3s to "
                + "6m53s, tried again 10m later",
            lines);
        Assert.Contains(
            "  runs of 10s to 1m    restarted at once; failed after 10 restarts, at 1m50s to 11m, tried again 10m "
                + "later",
            lines);
        Assert.Contains(
            "  runs of 1m up        restarted at once, for ever: 10 restarts take 10m and the window is 10m", lines);
        Assert.DoesNotContain(lines, line => line.StartsWith("  !", StringComparison.Ordinal));
    }

    [Fact]
    public void The_timeline_says_how_long_a_try_waits_that_the_limit_leaves_no_room_for()
    {
        var lines = Lines("api: { command: [a], restart: {limit: 2, retry_after: 1s} }");

        Assert.Contains(
            "  runs under 10s       restarted after 1s 2s; failed after 2 restarts, at 3s to 33s, tried again 9m38s to "
                + "9m58s later",
            lines);
    }

    [Fact]
    public void Probes_say_how_long_an_instance_may_take_to_start_and_when_a_hang_is_noticed()
    {
        var lines = Lines(
            "api: { command: [a], startup: {tcp: 1, failure_threshold: 5}, liveness: {grpc: 1}, readiness: {tcp: 1} }");

        Assert.Contains(
            "  startup probe        tcp every 10s; an instance that has not answered 41s after its start is ended",
            lines);
        Assert.Contains("  liveness probe       grpc every 10s; a hang is noticed after 21s to 31s and ended", lines);
        Assert.Contains(
            "  readiness probe      tcp every 10s; shown as unhealthy 21s to 31s after its last answer", lines);
    }

    [Theory]
    [InlineData(
        "restart: {limit: 20}",
        "restart: a component that dies at once is started again for ever: 20 restarts take 15m2s, and the window is "
            + "10m. "
            + "Make the window longer than that, or the limit lower.")]
    [InlineData(
        "startup: {tcp: 1, failure_threshold: 30}",
        "startup: an instance that never becomes ready is ended after 4m51s, a good run by min_uptime 10s, and started "
            + "again for ever: 10 such runs do not fit into 10m. Make the window longer than 48m30s, or give it less "
            + "time to start.")]
    [InlineData(
        "startup: {tcp: 1}, liveness: {tcp: 1, failure_threshold: 10}",
        "liveness: an instance that hangs from its start is ended after 1m31s and started again for ever: 10 such runs "
            + "take 15m10s, and the window is 10m.")]
    [InlineData(
        "restart: {retry_after: 0}",
        "restart: once failed it stays failed until somebody starts it: retry_after is 0.")]
    [InlineData(
        "restart: {limit: 2, retry_after: 1s}",
        "restart: retry_after 1s is shorter than window 10m: the try after failed counts as a restart, so it waits "
            + "until there are fewer than 2 within the window. Make retry_after as long as the window, or the window "
            + "shorter.")]
    [InlineData(
        "readiness: {tcp: 1, period: 1s, timeout: 5s}",
        "readiness: timeout 5s is longer than period 1s; while nothing answers, probes follow one another without a "
            + "pause.")]
    [InlineData(
        "liveness: {tcp: 1}",
        "liveness: an instance that needs more than 20s until it answers is killed while it starts. A startup probe "
            + "gives it time.")]
    [InlineData("depends_on: [db]", "depends_on: \"db\" has neither a startup nor a readiness probe, so it is ready "
        + "as soon as it runs.")]
    [InlineData(
        "depends_on: {db: completed}",
        "depends_on: \"db\" is started again after every end, so it is never completed. Give it restart: on-failure.")]
    [InlineData(
        "startup: {process: true}",
        "startup: process succeeds as soon as the instance runs, so it gives no time to start and holds nothing back. "
            + "Ask for a port, a page, a file or a line of the log.")]
    [InlineData(
        "startup: {tcp: 5432}, depends_on: [store]",
        "startup: 127.0.0.1:5432 is asked for \"store\" too: whichever has the port answers for both.")]
    [InlineData(
        "startup: {tcp: 1}, liveness: {tcp: \"localhost:7233\"}",
        "liveness: localhost:7233 is \"temporal\", which others keep alive: an outage there ends this component. Ask "
            + "for it in readiness.")]
    public void What_can_never_happen_and_what_was_surely_not_meant_is_told(string keys, string warning)
    {
        var document = SupervisorFile.Document(
            $"supervisor:\n  components:\n    api: {{ command: [a], {keys} }}\n    db: {{ command: [db] }}\n"
                + "    store: { command: [s], startup: {tcp: 5432} }\n"
                + "    temporal: { external: \"127.0.0.1:7233\" }\n");

        Assert.Equal([warning], ComponentExplanation.Of(document, document.Find("api")!).Warnings);
    }

    [Theory]
    [InlineData("startup: {tcp: 1, failure_threshold: 30, period: 1s}")]
    [InlineData("startup: {tcp: 1}, liveness: {tcp: 1}")]
    [InlineData("liveness: {log: {fatal: panic}}")]
    [InlineData("restart: never")]
    [InlineData("restart: on-failure")]
    public void What_is_in_order_is_not_warned_of(string keys)
    {
        var document = SupervisorFile.Document($"supervisor:\n  components:\n    api: {{ command: [a], {keys} }}\n");

        Assert.Empty(ComponentExplanation.Of(document, document.Components[0]).Warnings);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData(", network: host", false)]
    [InlineData(", ports: [\"127.0.0.1:8080:80\"]", false)]
    [InlineData(", ports: [\"127.0.0.1:9090:8080\"]", true)]
    public void A_probe_that_can_never_reach_its_container_is_told(string keys, bool isTold)
    {
        var document = SupervisorFile.Document(
            $"supervisor:\n  components:\n    web: {{ container: {{ image: a{keys} }}, readiness: {{tcp: 8080}} }}\n");
        string[] told = isTold
            ?
            [
                "readiness: 127.0.0.1:8080 can never be reached: it is asked from this machine, and the container "
                    + "publishes no such port. Add it to ports, take network: host, or ask inside with exec.",
            ]
            : [];

        Assert.Equal(told, ComponentExplanation.Of(document, document.Components[0]).Warnings);
    }

    [Fact]
    public async Task The_verb_warns_of_missing_files_prints_json_and_knows_what_was_meant()
    {
        using var file = new SupervisorFile(
            "supervisor:\n  components:\n    api: { command: [./api], env_file: [x.env], user: no-such-user, "
                + "readiness: {exec: [./ask]} }\n"
                + "    web: { external: 7233 }\n");
        var run = new CliRun();

        Assert.Equal(
            ExitCode.Ok, await run.RunAsync("--config", file.Path, "supervisor", "explain", "api", "-o", "json"));
        using var json = JsonDocument.Parse(run.Out.ToString());
        var api = Assert.Single(json.RootElement.GetProperty("items").EnumerateArray());
        Assert.Equal(303, api.GetProperty("timeline")[0].GetProperty("failed_at").GetDouble());
        Assert.Equal(10, api.GetProperty("timeline")[0].GetProperty("restarts").GetArrayLength());
        Assert.Equal(
            [
                $"command: there is no file \"{file.Directory}/api\".",
                $"env_file: there is no file \"{file.Directory}/x.env\".",
                "user: there is no user \"no-such-user\".",
                $"readiness: exec: there is no file \"{file.Directory}/ask\".",
            ],
            api.GetProperty("warnings").EnumerateArray().Select(warning => warning.GetString()));

        Assert.Equal(ExitCode.NotFound, await run.RunAsync("--config", file.Path, "supervisor", "explain", "ap"));
        Assert.Contains("did you mean \"api\"?", run.Error.ToString(), StringComparison.Ordinal);
    }

    private static List<string> Lines(string component)
    {
        var document = SupervisorFile.Document($"supervisor:\n  components:\n    {component}\n");
        var explanation = ComponentExplanation.Of(document, document.Components[0]);
        return [.. ExplanationText.Lines(explanation with { Warnings = [] }, new Paint(false))];
    }
}
