using Drover.Core.Components;
using Drover.Core.Health;
using Drover.Runtime.Probing;
using Drover.Supervisor.Documents;

namespace Drover.Cli.Tests;

/// <summary><c>supervisor.components</c> of drover.yaml, from text to document.</summary>
public sealed class SupervisorConfigurationTests
{
    private const string Example = """
        supervisor:
          components:
            api:      { command: [./api, --port, "7234"], liveness: {grpc: "127.0.0.1:7234"}, startup: {tcp: 7234, failure_threshold: 30} }
            worker:   { command: ./worker.sh, depends_on: {api: ready}, readiness: {temporal: {address: "127.0.0.1:7233", task_queue: jobs}}, min_uptime: 10s }
            runner:   { display_name: "Agent Runner (Docker)", container: {image: "runner:local", network: host, secrets: {TOKEN: "file:/etc/runner.token"}}, liveness: {log: {fatal: "panic|Traceback"}} }
            temporal: { external: "localhost:7233" }   # watched, never started
        """;

    [Fact]
    public void The_example_of_the_product_is_read_as_it_is_meant()
    {
        using var file = new SupervisorFile(Example);
        var document = Drover.Configuration.Settings
            .Load(file.Path, new Drover.Runtime.Configuration.EnvironmentVariables(_ => null)).Supervisor();

        Assert.Equal(["api", "worker", "runner", "temporal"], document.Components.Select(one => one.Name));
        var api = document.Find("api")!;
        var process = Assert.IsType<ProcessLaunch>(api.Launch);
        Assert.Equal([Path.Combine(file.Directory, "api"), "--port", "7234"], process.Command);
        Assert.Equal(file.Directory, process.WorkingDirectory);
        Assert.Equal(new ProbeTarget.Grpc(new ProbeAddress("127.0.0.1", 7234)), api.Liveness);
        Assert.Equal(new ProbeTarget.Tcp(new ProbeAddress("127.0.0.1", 7234)), api.Startup);
        Assert.Equal(30, api.Spec.Health.Startup!.FailureThreshold);
        Assert.Equal("Api", api.DisplayName);

        var worker = document.Find("worker")!;
        Assert.Equal([Path.Combine(file.Directory, "worker.sh")], ((ProcessLaunch)worker.Launch).Command);
        Assert.Equal([new("api", DependencyCondition.Ready)], worker.DependsOn);
        Assert.Equal("jobs", Assert.IsType<ProbeTarget.Temporal>(worker.Readiness).TaskQueue);
        Assert.Equal(TimeSpan.FromSeconds(10), worker.Spec.Restart.MinUptime);

        var runner = document.Find("runner")!;
        var container = Assert.IsType<ContainerLaunch>(runner.Launch);
        Assert.Equal(("runner:local", "runner", "host"), (container.Image, container.ContainerName, container.Network));
        Assert.Equal("/etc/runner.token", container.Secrets["TOKEN"].FilePath);
        Assert.Equal("Agent Runner (Docker)", runner.DisplayName);
        Assert.Equal("panic|Traceback", Assert.IsType<ProbeTarget.Log>(runner.Liveness).Fatal);

        var temporal = document.Find("temporal")!;
        Assert.Equal(new ExternalAddress("localhost:7233"), temporal.Launch);
        Assert.Equal(Ownership.Watched, temporal.Spec.Ownership);
        Assert.Equal(new ProbeTarget.Tcp(new ProbeAddress("localhost", 7233)), temporal.Readiness);
        Assert.Null(temporal.Liveness);
        Assert.Equal(["api", "worker", "runner", "temporal"], document.Graph.StartOrder);
    }

    [Fact]
    public void Every_key_of_a_component_is_read()
    {
        var document = SupervisorFile.Document(
            """
            supervisor:
              components:
                db: { command: [db], restart: on-failure }
                web:
                  command: [sh, -c, "exec web"]
                  display_name: The Web
                  depends_on: { db: { condition: completed, restart: true } }
                  working_directory: /srv/web
                  user: www-data
                  env: { PORT: 8080, NAME: "${HOME}-web", EMPTY: "" }
                  env_file: [web.env, /etc/web.env]
                  limits: { open_files: 65536, memory: 2GiB, core: 0B }
                  stop: { signal: SIGINT, grace: 30s }
                  restart: { mode: on-failure, min_uptime: 5s, limit: 3, window: 1m, retry_after: 0, backoff: { initial: 500ms, factor: 3, cap: 5s, jitter: 0 } }
                  log: { max_size: 1MiB, max_age: 1h, keep: 2, keep_for: 2d }
                  startup: { http: "http://127.0.0.1:8080/started", period: 1s, failure_threshold: 60 }
                  liveness: { exec: [./check, --fast], initial_delay: 5s, timeout: 2s, stop_grace: 1s }
                  readiness: { file: { path: ready, younger_than: 1m }, success_threshold: 2 }
            """,
            name => name == "HOME" ? "alice" : null);

        var web = document.Find("web")!;
        var launch = (ProcessLaunch)web.Launch;
        Assert.Equal(["sh", "-c", "exec web"], launch.Command);
        Assert.Equal(("/srv/web", "www-data"), (launch.WorkingDirectory, launch.User));
        Assert.Equal("8080 alice-web ", string.Join(' ', launch.Environment.Values));
        Assert.Equal("/etc/web.env", launch.EnvironmentFiles[1]);
        Assert.Equal("web.env", Path.GetFileName(launch.EnvironmentFiles[0]));
        Assert.Equal((65536L, 2L << 30, 0L), (launch.Limits!.OpenFiles, launch.Limits.Memory, launch.Limits.Core));
        Assert.Equal(new StopPolicy("SIGINT", TimeSpan.FromSeconds(30)), web.Spec.Stop);
        Assert.Equal(RestartMode.OnFailure, web.Spec.Restart.Mode);
        Assert.Equal(
            (5.0, 3, 60.0, 0.0),
            (web.Spec.Restart.MinUptime.TotalSeconds, web.Spec.Restart.Limit, web.Spec.Restart.Window.TotalSeconds,
                web.Spec.Restart.RetryAfter.TotalSeconds));
        Assert.Equal(
            [0.5, 1.5, 4.5, 5],
            Enumerable.Range(1, 4).Select(n => web.Spec.Restart.Backoff.Nominal(n).TotalSeconds));
        Assert.Equal((1L << 20, 2), (web.Log.MaxBytes, web.Log.Keep));
        Assert.Equal("/started", Assert.IsType<ProbeTarget.Http>(web.Startup).Path);
        var exec = Assert.IsType<ProbeTarget.Exec>(web.Liveness);
        Assert.Equal(("/srv/web", "www-data"), (exec.WorkingDirectory, exec.User));
        Assert.Equal(
            new ProbeSpec
            {
                InitialDelay = TimeSpan.FromSeconds(5),
                Timeout = TimeSpan.FromSeconds(2),
                StopGrace = TimeSpan.FromSeconds(1),
            },
            web.Spec.Health.Liveness);
        Assert.Equal(new ProbeTarget.File("/srv/web/ready", TimeSpan.FromMinutes(1)), web.Readiness);
        Assert.Equal(DependencyCondition.Completed, web.DependsOn["db"]);
        Assert.Equal(["db"], web.RestartsWith);
    }

    [Theory]
    [InlineData("api: { command: [a], depends_on: {apii: ready} }",
        "3:39: supervisor.components.api.depends_on: there is no component \"apii\"; did you mean \"api\"?")]
    [InlineData("api: { command: [a], depends_on: [api] }",
        "3:39: supervisor.components.api.depends_on: the components wait for one another: api -> api")]
    [InlineData("Api: { command: [a] }",
        "3:5: supervisor.components: \"Api\" is no name for a component; take 1 to 63 of a-z, 0-9, \"_\", \".\" and "
            + "\"-\", "
            + "a letter or digit first")]
    [InlineData("api: { liveness: {tcp: 1} }", "3:10: supervisor.components.api needs one of command, container, "
        + "external")]
    [InlineData("api: { command: [a], external: 7233 }",
        "3:26: supervisor.components.api takes one of command, external, not several")]
    [InlineData("api: { command: [a], livenes: {tcp: 1} }",
        "3:26: unknown key \"supervisor.components.api.livenes\"; did you mean \"liveness\"?")]
    [InlineData("api: { command: [a], liveness: {tpc: 1} }",
        "3:37: unknown key \"supervisor.components.api.liveness.tpc\"; did you mean \"tcp\"?")]
    [InlineData("api: { command: [a], liveness: {period: 1s} }",
        "3:36: supervisor.components.api.liveness needs one of process, tcp, http, grpc, exec, file, log, "
            + "docker_state, "
            + "docker_health, temporal")]
    [InlineData("api: { command: [a], liveness: {tcp: 1, http: 'http://localhost/'} }",
        "3:45: supervisor.components.api.liveness takes one of tcp, http, not several")]
    [InlineData("api: { command: [a], liveness: {tcp: 1, success_threshold: 2} }",
        "3:64: supervisor.components.api.liveness.success_threshold must be 1 for a startup or liveness probe")]
    [InlineData("api: { command: [a], readiness: {tcp: 1, stop_grace: 1s} }",
        "3:58: supervisor.components.api.readiness.stop_grace has no meaning for a readiness probe: it ends nothing")]
    [InlineData("api: { command: [a], liveness: {temporal: {address: 7233, task_queue: q}} }",
        "3:47: supervisor.components.api.liveness: temporal is for readiness only: a worker with all its slots busy "
            + "does not poll, and an outage of Temporal would restart it")]
    [InlineData("api: { command: [a], readiness: {temporal: {address: 7233}} }",
        "3:48: supervisor.components.api.readiness.temporal needs the key task_queue: the task queue it works for")]
    [InlineData("api: { command: [a], liveness: {docker_health: true} }",
        "3:52: supervisor.components.api.liveness: docker_health is for containers")]
    [InlineData("api: { container: i, liveness: {process: true} }",
        "3:46: supervisor.components.api.liveness: process is for processes; a container has docker_state")]
    [InlineData("api: { external: 7233, liveness: {tcp: 1} }",
        "3:38: supervisor.components.api.liveness has no meaning for something external: it is watched, never "
            + "started or ended")]
    [InlineData("api: { container: i, limits: {open_files: 1} }",
        "3:34: supervisor.components.api.limits has no meaning for a container")]
    [InlineData("api: { command: [a], restart: sometimes }",
        "3:35: supervisor.components.api.restart takes always, on-failure, never, not \"sometimes\"")]
    [InlineData("api: { command: [a], min_uptime: 5s, restart: {min_uptime: 5s} }",
        "3:38: supervisor.components.api.min_uptime is written in restart too; leave one of them")]
    [InlineData("api: { command: [a], restart: {backoff: {initial: 2m}} }",
        "3:55: supervisor.components.api.restart.backoff.cap of 1m is shorter than initial of 2m")]
    [InlineData("api: { command: [a], restart: {limit: 0} }",
        "3:43: supervisor.components.api.restart.limit takes a whole number from 1 to 10000, not \"0\"")]
    [InlineData("api: { command: [a], liveness: {tcp: 70000} }",
        "3:42: supervisor.components.api.liveness.tcp: \"70000\" is not an address and port; write 7234, "
            + "localhost:7234 or "
            + "[::1]:7234")]
    [InlineData("api: { command: [a], liveness: {log: {}} }",
        "3:42: supervisor.components.api.liveness: log takes a fatal or a ready pattern")]
    [InlineData("api: { command: [a], env: {1A: x} }",
        "3:32: supervisor.components.api.env: \"1A\" is no name for a variable; take letters, digits and \"_\", no "
            + "digit first")]
    [InlineData("api: { container: {network: host} }",
        "3:23: supervisor.components.api.container needs the key image: the image, with its tag or digest")]
    [InlineData("api: { container: {image: i, secrets: {T: hunter2}} }",
        "3:47: supervisor.components.api.container.secrets.T is a secret and secrets do not stand in this file; write "
            + "file:/path or ${NAME}")]
    [InlineData("a: { container: {image: i, network: host} }",
        "3:21: supervisor.components.a.container: a container's name has two characters or more; give it a name")]
    public void What_is_wrong_with_a_component_is_told_with_place_path_and_what_to_do(
        string component, string problem) =>
        Assert.Equal(
            problem, Assert.Single(SupervisorFile.Problems($"supervisor:\n  components:\n    {component}\n")));

    [Fact]
    public void A_dependency_cycle_is_told_with_its_path() => Assert.Equal(
        ["4:37: supervisor.components.b.depends_on: the components wait for one another: b -> c -> d -> b"],
        SupervisorFile.Problems(
            """
            supervisor:
              components:
                a: { command: [a], depends_on: {b: ready} }
                b: { command: [b], depends_on: {c: started} }
                c: { command: [c], depends_on: [d] }
                d: { command: [d], depends_on: {b: completed} }
            """));

    [Fact]
    public void All_problems_of_a_file_are_told_at_once() => Assert.Equal(
        [3, 4, 5],
        SupervisorFile.Problems(
            """
            supervisor:
              components:
                a: { command: [a], min_uptime: soon }
                b: { command: [b], depends_on: [x] }
                c: { command: [c], bogus: 1 }
            """).Select(problem => int.Parse(problem.Split(':')[0])));

    [Fact]
    public void Two_components_cannot_have_one_container() => Assert.Equal(
        ["4:23: supervisor.components.api.container: the name \"web\" is that of web's container"],
        SupervisorFile.Problems(
            """
            supervisor:
              components:
                web: { container: i }
                api: { container: {image: i, name: web} }
            """));

    [Fact]
    public void The_same_launch_is_known_again_and_every_change_of_it_is_seen()
    {
        string[] variants =
        [
            "command: [a]",
            "command: [a, b]",
            "command: [a], env: {A: b}",
            "command: [a], env: {A: c}",
            "command: [a], env_file: x",
            "command: [a], user: alice",
            "command: [a], working_directory: /tmp",
            "command: [a], limits: {open_files: 10}",
            "container: a",
            "container: {image: a, network: host}",
            "container: {image: a, secrets: {T: 'file:/t'}}",
            "container: {image: a, volumes: ['v:/v']}",
            "external: 7233",
            "external: 7234",
        ];
        using var file = new SupervisorFile("");
        LaunchDocument Launch(string component)
        {
            File.WriteAllText(file.Path, $"supervisor:\n  components:\n    web: {{ {component} }}\n");
            return Drover.Configuration.Settings
                .Load(file.Path, new Drover.Runtime.Configuration.EnvironmentVariables(_ => null))
                .Supervisor().Components[0].Launch;
        }

        foreach (var one in variants)
        {
            foreach (var other in variants)
            {
                Assert.Equal(one == other, Launch(one).IsSame(Launch(other)));
            }
        }
    }

    [Fact]
    public async Task Config_check_takes_the_example_and_refuses_a_cycle_with_exit_code_8()
    {
        using var good = new SupervisorFile(Example);
        using var bad = new SupervisorFile("supervisor:\n  components:\n    a: { command: [a], depends_on: [a] }\n");
        var run = new CliRun();

        Assert.Equal(ExitCode.Ok, await run.RunAsync("--config", good.Path, "config", "check"));
        Assert.Equal(ExitCode.ConfigInvalid, await run.RunAsync("--config", bad.Path, "config", "check"));
        Assert.Contains("a -> a", run.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Config_check_names_the_components_that_explain_warns_of_and_takes_the_file_all_the_same()
    {
        using var file = new SupervisorFile(
            "supervisor:\n  components:\n    odd: { command: [a], startup: {process: true} }\n"
                + "    b: { command: [b] }\n");
        var run = new CliRun();

        Assert.Equal(ExitCode.Ok, await run.RunAsync("--config", file.Path, "config", "check"));
        Assert.Equal($"{file.Path}: ok\n", run.Out.ToString());
        Assert.Equal("`drover supervisor explain` has warnings for odd\n", run.Error.ToString());
    }
}
