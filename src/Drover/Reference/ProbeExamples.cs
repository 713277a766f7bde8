namespace Drover.Reference;

/// <summary>
/// An example for each kind of probe: a whole drover.yaml that a test has read by the real reader. Written for what the
/// kind is good for, with the thresholds that go with it.
/// </summary>
internal static class ProbeExamples
{
    /// <summary>By the name of the kind.</summary>
    internal static string Of(string type) => All.First(one => one.Type == type).Yaml;

    /// <summary>In the order of the reference.</summary>
    internal static readonly IReadOnlyList<(string Type, string Yaml)> All =
    [
        ("process", """
            supervisor:
              components:
                worker:
                  command: ./worker.sh
                  liveness: { process: true }
            """),
        ("tcp", """
            supervisor:
              components:
                db:
                  command: [./db, --port, "5433"]
                  startup: { tcp: 5433, period: 1s, failure_threshold: 30 }    # half a minute to open the port
            """),
        ("http", """
            supervisor:
              components:
                web:
                  command: [./web, --port, "8080"]
                  startup: { http: "http://127.0.0.1:8080/livez", period: 1s, failure_threshold: 30 }
                  liveness: { http: "http://127.0.0.1:8080/livez", timeout: 2s }
                  readiness:
                    http: { url: "http://127.0.0.1:8080/readyz", headers: { Host: web.example } }
                    period: 5s
                    success_threshold: 2
            """),
        ("grpc", """
            supervisor:
              components:
                api:
                  command: [./api, --port, "7234"]
                  startup: { tcp: 7234, period: 1s, failure_threshold: 30 }
                  liveness: { grpc: "127.0.0.1:7234" }
                  readiness: { grpc: { address: "127.0.0.1:7234", service: orders.v1.Orders } }
            """),
        ("exec", """
            supervisor:
              components:
                postgres:
                  command: [postgres, -D, /srv/pg]
                  user: postgres
                  readiness: { exec: [pg_isready, -q], timeout: 3s }
            """),
        ("file", """
            supervisor:
              components:
                importer:
                  command: ./importer.sh
                  liveness: { file: { path: heartbeat, younger_than: 20s }, initial_delay: 20s }
            """),
        ("log", """
            supervisor:
              components:
                runner:
                  container: { image: "runner:local" }
                  startup: { log: { ready: "listening on" }, period: 1s, failure_threshold: 30 }
                  liveness: { log: { fatal: "panic|Traceback" }, failure_threshold: 1 }
            """),
        ("docker_state", """
            supervisor:
              components:
                cache:
                  container: { image: "redis:7" }
                  liveness: { docker_state: true }
            """),
        ("docker_health", """
            supervisor:
              components:
                search:
                  container: { image: "search:local" }      # its image has a HEALTHCHECK
                  liveness: { docker_health: true, failure_threshold: 1 }
            """),
        ("temporal", """
            supervisor:
              components:
                worker:
                  command: ./worker.sh
                  min_uptime: 10s
                  liveness: { process: true }
                  readiness: { temporal: { address: "127.0.0.1:7233", task_queue: jobs, max_age: 2m } }
            """),
    ];
}
