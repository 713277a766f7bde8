using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Drover.Runtime.Docker.Containers;
using Drover.Testing.Docker;

namespace Drover.EndToEnd.Canary;

/// <summary>
/// Secrets never in logs, errors, arguments, answers or the database: the published executable is driven through good
/// and bad days with everything it can say switched on, and then all it wrote is searched.
/// </summary>
public sealed class CanaryTests(SharedDockerEngine docker)
{
    private const string App = "canary-app";

    private readonly Secrets _secrets = new();
    private readonly Evidence _evidence = new();
    private readonly HashSet<string> _holders = new(StringComparer.Ordinal);

    [Fact]
    public async Task No_secret_that_was_planted_or_made_is_in_anything_the_system_wrote()
    {
        var engine = await docker.GetAsync();
        await using var machine = new Machine(engine);
        machine.WithConfiguration(
            $"server:\n  listen: 127.0.0.1:{machine.Port}\n  heartbeat_interval: 1s\n");
        var container = await StartContainerAsync(engine);
        try
        {
            var server = machine.Start("server", "--debug");
            await server.UntilAsync(
                one => one.Out.Contains("listens on", StringComparison.Ordinal), "the server listens");
            var admin = _secrets.Add("the admin token", Hold(Path.Combine(machine.Data, "admin-token")));
            var api = await TokenAsync(machine, "api-token", "the API token", "--role", "operator");
            var agent = await StartAgentAsync(machine);

            await GoodDayAsync(machine, agent, api);
            await BadDayAsync(machine, server, api);
            await CollectAnswersAsync(machine, admin);
            _evidence.AddCommandLine(server);
            _evidence.AddCommandLine(agent);
            // Stopped in order: what is only written at the end is searched too.
            await StopAsync(agent, "the host agent");
            await StopAsync(server, "the server");
            Hold(Path.Combine(machine.Data, "server.key"));
            _evidence.AddFiles(machine.Folder, _holders);
        }
        finally
        {
            await engine.RemoveAsync(container);
        }

        MustBeAbleToFail(machine);
        Assert.Empty(_evidence.Find(_secrets));
    }

    /// <summary>A search that cannot find what is there shows nothing: the secrets are where they belong.</summary>
    private void MustBeAbleToFail(Machine machine)
    {
        var control = new Evidence();
        foreach (var holder in _holders)
        {
            control.Add(holder, File.ReadAllText(holder));
        }

        var found = control.Find(_secrets);
        Assert.Contains(found, one => one.StartsWith("the admin token", StringComparison.Ordinal));
        Assert.Contains(found, one => one.StartsWith("the host's key", StringComparison.Ordinal));
        Assert.Contains(found, one => one.StartsWith("the enrollment token", StringComparison.Ordinal));
        Assert.Contains("data/server.db", _evidence.Places);
        Assert.Contains(_evidence.Places, place => place.StartsWith("agent-data/", StringComparison.Ordinal));
        Assert.True(File.Exists(Path.Combine(machine.Data, "server.db")));
    }

    private async Task<string> StartContainerAsync(DockerEngine engine)
    {
        var log = $"""
            echo "login password={_secrets.Plant("a password in a log")}"
            echo "Authorization: Bearer {_secrets.Plant("a bearer token in a log")}"
            echo "postgres://app:{_secrets.Plant("a URL's password in a log")}@db/app"
            echo '{"{"}"client_secret":"{_secrets.Plant("a JSON field in a log")}"{"}"}' >&2
            """;
        var create = new CreateContainer
        {
            Image = DockerEngine.Image,
            Cmd =
            [
                .. DockerEngine.Shell($"trap 'exit 0' TERM; {log}\nwhile :; do sleep 3600 & wait $!; done"),
                "canary",
                $"--db-password={_secrets.Plant("an argument of a container")}",
            ],
            Env = [$"DB_PASSWORD={_secrets.Plant("a variable of a container")}", "MODE=canary"],
            Labels = new Dictionary<string, string>
            {
                ["drover.app"] = App,
                ["com.example.api-key"] = _secrets.Plant("a label of a container"),
                ["com.example.url"] = $"https://user:{_secrets.Plant("a URL's password in a label")}@example.test/",
            },
            HostConfig = new HostConfig { NetworkMode = "none" },
        };
        var id = (await engine.Client.Containers.CreateAsync(create, App, TestContext.Current.CancellationToken)).Id;
        await engine.Client.Containers.StartAsync(id, TestContext.Current.CancellationToken);
        return id;
    }

    private async Task<DroverProcess> StartAgentAsync(Machine machine)
    {
        await TokenAsync(machine, "enroll-token", "the enrollment token", "--name", "box");
        var agent = machine.Start(
            [
                ("DROVER_DATA_DIR", Path.Combine(machine.Folder, "agent-data")),
                ("DROVER_ENROLL_TOKEN_FILE", Path.Combine(machine.Folder, "enroll-token")),
            ],
            "host-agent", "--debug", "--server", machine.Address);
        await machine.UntilAsync(
            async () => (await machine.PsAsync()).ContainsKey(App), "the container appears", agent);
        AddKey("the host's key", Path.Combine(machine.Folder, "agent-data/agent.json"));

        // A second host that joins by the environment instead of a file.
        var token = await TokenAsync(machine, "second-token", "the second enrollment token", "--name", "second");
        var second = Path.Combine(machine.Folder, "second-data");
        _evidence.Add("host-agent --once", (await machine.RunAsync(
            [("DROVER_DATA_DIR", second), ("DROVER_ENROLL_TOKEN", token)],
            "host-agent", "--debug", "--once", "--server", machine.Address)).MustBe(0));
        AddKey("the second host's key", Path.Combine(second, "agent.json"));
        return agent;
    }

    private async Task GoodDayAsync(Machine machine, DroverProcess agent, string api)
    {
        var logs = await RunAsync(machine, "logs", App, "-n", "50");
        Assert.Contains("***", logs.MustBe(0).Out, StringComparison.Ordinal);
        Assert.Equal(4, logs.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        var ps = (await RunAsync(machine, "ps", "-o", "json")).MustBe(0);
        Assert.Contains("com.example.api-key", ps.Out, StringComparison.Ordinal);
        Assert.Contains("canary --db-password=", ps.Out, StringComparison.Ordinal);
        var follow = machine.Start("logs", App, "--follow", "-n", "10");
        await follow.UntilAsync(one => one.Out.Contains("***", StringComparison.Ordinal), "the follow prints lines");
        follow.Signal("INT");
        await follow.ExitCodeAsync();
        _evidence.Add("logs --follow", follow.Out + follow.Error);

        (await RunAsync(machine, "restart", App, "--timeout", "1s", "--reason", "canary")).MustBe(0);
        (await RunAsync(
            machine,
            [("DROVER_SERVER", machine.Address), ("DROVER_TOKEN", api)],
            "restart", App, "--timeout", "1s")).MustBe(0);
        foreach (var verb in new[] { "hosts", "commands", "events", "token list", "audit list", "audit verify" })
        {
            (await RunAsync(machine, [.. verb.Split(' '), "-o", "json"])).MustBe(0);
            (await RunAsync(machine, verb.Split(' '))).MustBe(0);
        }

        Assert.False(agent.HasExited);
    }

    private async Task BadDayAsync(Machine machine, DroverProcess server, string api)
    {
        var wrong = _secrets.PlantToken("a wrong API token", "dra_");
        await RunAsync(machine, [("DROVER_SERVER", machine.Address), ("DROVER_TOKEN", wrong)], "hosts", "--debug");
        var bad = _secrets.PlantToken("a wrong enrollment token", "dre_");
        var nowhere = ("DROVER_DATA_DIR", Path.Combine(machine.Folder, "refused-data"));
        var refused = await RunAsync(
            machine,
            [nowhere, ("DROVER_ENROLL_TOKEN", bad)],
            "host-agent", "--debug", "--once", "--server", machine.Address);
        Assert.Contains("refuse", refused.Error, StringComparison.OrdinalIgnoreCase);
        var pending = Path.Combine(machine.Folder, "refused-data/agent.json");
        if (File.Exists(pending))
        {
            AddKey("the key of a host that was refused", pending);
        }

        await RunAsync(
            machine,
            [nowhere, ("DROVER_ENROLL_TOKEN", _secrets.Plant("an enrollment token of the wrong form"))],
            "host-agent", "--debug", "--once", "--server", machine.Address);
        await RefuseConfigurationAsync(machine);

        using var http = new HttpClient { BaseAddress = new Uri(machine.Address) };
        await SendAsync(http, "GET", "/api/v1/hosts", null, ("Authorization", $"Bearer {wrong}"));
        var basic = _secrets.Plant("basic credentials");
        await SendAsync(http, "GET", "/api/v1/hosts", null, ("Authorization", $"Basic {basic}"));
        await SendAsync(http, "GET", "/api/v1/hosts", null, ("Cookie", $"session={_secrets.Plant("a cookie")}"));
        var token = ("Authorization", $"Bearer {api}");
        var planted = _secrets.Plant("a secret in a bad body");
        await SendAsync(http, "POST", "/api/v1/commands", $$"""{"type":"{{planted}}" """, token);
        await SendAsync(http, "POST", "/api/v1/commands", $$"""{"type":"restart","password":"{{planted}}"}""", token);
        await SendAsync(http, "POST", "/api/v1/commands", $$"""{"type":{"{{planted}}":1} }""", token);
        await SendAsync(http, "POST", "/api/v1/tokens", $$"""{"name":"x","secret":"{{planted}}"}""", token);
        var longer = planted + planted;
        const string Enroll = "/api/agent/enroll";
        await SendAsync(http, "POST", Enroll, $$"""{"token":"{{bad}}","key":"{{planted}}","hostname":"x"}""");
        await SendAsync(http, "POST", Enroll, $$"""{"token":"{{bad}}","key":"{{longer}}","hostname":"x"}""");
        await SendAsync(http, "POST", Enroll, $$"""{"token":["{{bad}}"]""");
        await SendAsync(
            http,
            "POST",
            "/api/agent/heartbeat",
            $$"""{"docker":"{{planted}}"}""",
            ("X-Agent-Id", Guid.NewGuid().ToString()),
            ("X-Timestamp", DateTimeOffset.UtcNow.ToUnixTimeSeconds().ToString()),
            ("X-Request-Id", Guid.NewGuid().ToString()),
            ("X-Agent-Signature", $"v2={_secrets.Plant("a wrong signature")}"));
        Assert.False(server.HasExited);
    }

    /// <summary>A secret written where only a reference to one may stand is refused without being shown.</summary>
    private async Task RefuseConfigurationAsync(Machine machine)
    {
        var file = Path.Combine(machine.Folder, "careless.yaml");
        await File.WriteAllTextAsync(
            file,
            $"host_agent:\n  enroll_token: {_secrets.Plant("a secret in drover.yaml")}\n",
            TestContext.Current.CancellationToken);
        _holders.Add(file);
        (await RunAsync(machine, "config", "check", "--config", file)).MustBe(8);
        await RunAsync(machine, "config", "show", "--config", file);
    }

    private async Task CollectAnswersAsync(Machine machine, string admin)
    {
        using var http = new HttpClient { BaseAddress = new Uri(machine.Address) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", admin);
        var commands = await GetAsync(http, "/api/v1/commands?limit=500");
        var ids = JsonDocument.Parse(commands).RootElement.GetProperty("items").EnumerateArray()
            .Select(command => command.GetProperty("command_id").GetString()!).ToList();
        Assert.True(ids.Count >= 3, "the commands of the good day are there");
        string[] paths =
        [
            "/api/v1/events?after=0&limit=1000", "/api/v1/containers", "/api/v1/hosts", "/api/v1/hosts/box",
            "/api/v1/tokens", "/api/v1/enrollment-tokens", "/api/v1/whoami",
            "/api/v1/audit?after=0&limit=1000", "/metrics", "/readyz",
            .. ids.Select(id => $"/api/v1/commands/{id}"),
        ];
        foreach (var path in paths)
        {
            await GetAsync(http, path);
        }
    }

    private async Task<string> GetAsync(HttpClient http, string path)
    {
        using var response = await http.GetAsync(path, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {(int)response.StatusCode} {text}");
        _evidence.Add($"the answer of {path}", text);
        return text;
    }

    private async Task SendAsync(
        HttpClient http, string method, string path, string? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path)
        {
            Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json"),
        };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.InRange((int)response.StatusCode, 400, 499);
        _evidence.Add(
            $"the refusal of {method} {path}",
            response.Headers + await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private Task<Ended> RunAsync(Machine machine, params string[] arguments) => RunAsync(machine, [], arguments);

    private async Task<Ended> RunAsync(Machine machine, (string, string)[] environment, params string[] arguments)
    {
        var ended = await machine.RunAsync(environment, arguments);
        _evidence.Add(string.Join(' ', arguments), ended);
        return ended;
    }

    private async Task<string> TokenAsync(Machine machine, string file, string name, params string[] options)
    {
        var path = Path.Combine(machine.Folder, file);
        (await RunAsync(machine, ["token", "create", .. options, "--file", path])).MustBe(0);
        return _secrets.Add(name, Hold(path));
    }

    private async Task StopAsync(DroverProcess process, string name)
    {
        process.Signal("TERM");
        Assert.Equal(0, await process.ExitCodeAsync());
        _evidence.Add($"what {name} printed", process.Out + process.Error);
    }

    private void AddKey(string name, string credentials) =>
        _secrets.Add(name, JsonDocument.Parse(Hold(credentials)).RootElement.GetProperty("key").GetString()!);

    /// <summary>Takes a file whose purpose is to hold a secret out of the search, and reads it.</summary>
    private string Hold(string path)
    {
        _holders.Add(path);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        return File.ReadAllText(path).Trim();
    }
}
