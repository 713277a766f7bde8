using Drover.Core.Health;
using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Containers;
using Drover.Runtime.Probing;
using Drover.Testing.Docker;

namespace Drover.Runtime.Tests.Probing;

/// <summary>The probes of containers against a real engine.</summary>
public sealed class DockerProbeTests(SharedDockerEngine shared)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_container_that_runs_is_a_success_and_paused_ended_or_gone_it_is_a_failure()
    {
        var engine = await shared.GetAsync();
        var containers = engine.Client.Containers;
        var id = await engine.RunAsync("probed", DockerEngine.Shell("trap 'exit 7' TERM; while :; do sleep 1; done"));
        var probe = Make(new ProbeTarget.DockerState(), engine.Client);
        var subject = Subject(id);

        (await probe.AskAsync(subject)).Succeeded("container \"probed\" runs");
        await containers.PauseAsync(id, Token);
        (await probe.AskAsync(subject)).Failed("container \"probed\" is paused");
        await containers.UnpauseAsync(id, Token);
        await containers.StopAsync(id, TimeSpan.FromSeconds(5), Token);
        (await probe.AskAsync(subject)).Failed("container \"probed\" ended with exit code 7");
        await engine.RemoveAsync(id);
        (await probe.AskAsync(subject)).Failed($"there is no container {id[..12]} any more");
    }

    [Fact]
    public async Task A_container_that_was_not_started_is_told_as_created()
    {
        var engine = await shared.GetAsync();
        var id = await engine.CreateAsync("probed-created");

        (await Make(new ProbeTarget.DockerState(), engine.Client).AskAsync(Subject(id)))
            .Failed("container \"probed-created\" is created");
        await engine.RemoveAsync(id);
    }

    [Fact]
    public async Task Starting_counts_for_nothing_then_healthy_is_a_success_and_unhealthy_fails_with_its_last_words()
    {
        var engine = await shared.GetAsync();
        var id = await engine.RunAsync("probed-health", healthcheck: new HealthCheck
        {
            Test = ["CMD-SHELL", "cat /tmp/verdict && ! grep bad /tmp/verdict"],
            Interval = TimeSpan.FromMilliseconds(200),
            Timeout = TimeSpan.FromSeconds(2),
            StartPeriod = TimeSpan.FromSeconds(60),
            Retries = 1,
        });
        var probe = Make(new ProbeTarget.DockerHealth(), engine.Client);
        (await probe.AskAsync(Subject(id)))
            .Erred("the health check of container \"probed-health\" has no verdict yet (starting)");

        await RunIn(engine, id, "echo fine > /tmp/verdict");
        (await Until(probe, id, ProbeOutcome.Success)).Succeeded("container \"probed-health\" is healthy");
        await RunIn(engine, id, "echo bad database > /tmp/verdict");
        (await Until(probe, id, ProbeOutcome.Failure)).Failed(
            "container \"probed-health\" is unhealthy: exit code 1: bad database | bad database");
        await engine.RemoveAsync(id);
    }

    [Fact]
    public async Task A_container_without_a_health_check_is_an_error_that_says_what_to_do()
    {
        var engine = await shared.GetAsync();
        var id = await engine.RunAsync("probed-without");

        (await Make(new ProbeTarget.DockerHealth(), engine.Client).AskAsync(Subject(id))).Erred(
            "container \"probed-without\" has no health check to ask; "
            + "add a HEALTHCHECK to its image or use another probe");
        await engine.RemoveAsync(id);
    }

    [Fact]
    public async Task An_engine_that_is_stopped_is_an_error_and_counts_against_no_container()
    {
        using var nobody = new DockerClient(
            DockerEndpoint.Parse("unix:///nowhere/docker.sock"), TimeProvider.System);

        foreach (var target in (ProbeTarget[])[new ProbeTarget.DockerState(), new ProbeTarget.DockerHealth()])
        {
            var report = await Make(target, nobody).AskAsync(Subject("0123456789ab"));
            Assert.Equal(ProbeOutcome.Error, report.Outcome);
            Assert.Contains("there is no such socket", report.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_component_that_is_no_container_cannot_be_asked()
    {
        using var nobody = new DockerClient(
            DockerEndpoint.Parse("unix:///nowhere/docker.sock"), TimeProvider.System);

        (await Make(new ProbeTarget.DockerState(), nobody).AskAsync())
            .Erred("cannot ask Docker: the component is not a container");
    }

    private static IProbe Make(ProbeTarget target, DockerClient client) =>
        target.Make(new ProbeServices(TimeProvider.System) { Docker = () => client });

    private static ProbeSubject Subject(string id) => new(1, null, id, ProbeBench.LongAgo);

    private static async Task<ProbeReport> Until(IProbe probe, string id, ProbeOutcome outcome)
    {
        var report = default(ProbeReport);
        await Eventually.TrueAsync(
            async () => (report = await probe.AskAsync(Subject(id))).Outcome == outcome, $"{outcome}", Token);
        return report;
    }

    private static async Task RunIn(DockerEngine engine, string id, string line)
    {
        var exec = await engine.Client.Exec.CreateAsync(id, new CreateExec { Cmd = DockerEngine.Shell(line) }, Token);
        await foreach (var _ in engine.Client.Exec.StartAsync(exec, tty: false, Token))
        {
            // Until it has ended.
        }
    }
}
