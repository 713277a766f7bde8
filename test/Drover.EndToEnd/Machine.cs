using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Drover.EndToEnd.Delivery;
using Drover.Testing.Docker;

namespace Drover.EndToEnd;

/// <summary>How a verb ended and what it printed.</summary>
internal sealed record Ended(int Code, string Out, string Error)
{
    public JsonElement Json => JsonDocument.Parse(Out).RootElement;

    public Ended MustBe(int code)
    {
        Assert.True(Code == code, $"exit code {Code} instead of {code}\n--- out\n{Out}\n--- error\n{Error}");
        return this;
    }

    /// <summary>It did not work, and this is what it said.</summary>
    public string MustBeRefused()
    {
        Assert.NotEqual(0, Code);
        return Error;
    }
}

/// <summary>
/// A machine of the test's own: an empty data directory, a home, a free port, and the Docker Engine it is given.
/// </summary>
internal sealed class Machine : IAsyncDisposable
{
    private readonly List<DroverProcess> _processes = [];
    private readonly string? _docker;

    public Machine(DockerEngine? docker = null)
    {
        _docker = docker?.Address;
        Folder = Directory.CreateTempSubdirectory("drover-e2e-").FullName;
        Data = Path.Combine(Folder, "data");
        Port = FreePort();
        File.WriteAllText(
            Path.Combine(Folder, "drover.yaml"),
            $"server:\n  listen: 127.0.0.1:{Port}\n  heartbeat_interval: 2s\nhost_agent:\n  name: box\n");
    }

    public string Folder { get; }

    public string Data { get; }

    public int Port { get; }

    public string Address => $"http://127.0.0.1:{Port}";

    /// <summary>Writes drover.yaml anew.</summary>
    public Machine WithConfiguration(string text)
    {
        File.WriteAllText(Path.Combine(Folder, "drover.yaml"), text);
        return this;
    }

    public DroverProcess Start(params string[] arguments) => Start([], arguments);

    public DroverProcess Start((string Name, string Value)[] environment, params string[] arguments)
    {
        var process = DroverProcess.Start(Folder, Environment(environment), arguments);
        _processes.Add(process);
        return process;
    }

    /// <summary>Starts a role as process 1 of a process namespace of its own.</summary>
    public DroverProcess StartAsProcessOne(params string[] arguments)
    {
        var process = DroverProcess.StartAsProcessOne(Folder, Environment([]), arguments);
        _processes.Add(process);
        return process;
    }

    /// <summary>Starts a role by way of a program that becomes it with other rights.</summary>
    public DroverProcess StartAs(string[] way, params string[] arguments)
    {
        var process = DroverProcess.StartBy(way, Folder, Environment([]), arguments);
        _processes.Add(process);
        return process;
    }

    /// <summary>Runs a verb to its end.</summary>
    public Task<Ended> RunAsync(params string[] arguments) => RunAsync([], arguments);

    public async Task<Ended> RunAsync((string Name, string Value)[] environment, params string[] arguments)
    {
        await using var process = DroverProcess.Start(Folder, Environment(environment), arguments);
        var code = await process.ExitCodeAsync();
        return new Ended(code, process.Out, process.Error);
    }

    /// <summary>Starts <c>drover up</c> and waits until its host is live.</summary>
    public async Task<DroverProcess> UpAsync()
    {
        var up = Start("up");
        await UntilAsync(
            async () => (await RunAsync("hosts", "-o", "json")) is { Code: 0 } hosts
                && hosts.Json.EnumerateArray().Any(host => State(host) == "live"),
            "the host is live",
            up);
        return up;
    }

    /// <summary>Starts <c>drover server</c> and waits until it listens.</summary>
    public async Task<DroverProcess> ServerAsync()
    {
        var server = Start("server");
        await server.UntilAsync(one => one.Out.Contains("listens on", StringComparison.Ordinal), "the server listens");
        return server;
    }

    /// <summary>Waits until an app's container is in the list.</summary>
    public Task AppearsAsync(string app, DroverProcess up) =>
        UntilAsync(async () => (await PsAsync()).ContainsKey(app), "the container appears", up);

    /// <summary>Runs a verb to its end as a person does, on a terminal; gives all that the terminal showed.</summary>
    public Task<(int ExitCode, string Output)> RunOnTerminalAsync(params string[] arguments) => Tool.RunAsync(
        Environment([]),
        [
            "script",
            "-qefc",
            $"cd '{Folder}' && '{Published.Path}' {string.Join(' ', arguments.Select(one => $"'{one}'"))}",
            "/dev/null",
        ],
        TestContext.Current.CancellationToken);

    /// <summary>Runs a line in a shell that finds <c>drover</c> by its name; gives both outputs.</summary>
    public Task<(int ExitCode, string Output)> ShellAsync(string line)
    {
        var bin = Directory.CreateDirectory(Path.Combine(Folder, "bin")).FullName;
        if (!File.Exists(Path.Combine(bin, "drover")))
        {
            File.CreateSymbolicLink(Path.Combine(bin, "drover"), Published.Path);
        }

        var path = $"{bin}:{System.Environment.GetEnvironmentVariable("PATH")}";
        return Tool.RunAsync(
            Environment([("PATH", path)]),
            ["bash", "-c", $"cd '{Folder}' && {line}"],
            TestContext.Current.CancellationToken);
    }

    public async Task UntilAsync(Func<Task<bool>> condition, string what, DroverProcess? up = null)
    {
        try
        {
            await Eventually.TrueAsync(condition, what, TestContext.Current.CancellationToken);
        }
        catch (TimeoutException error) when (up is not null)
        {
            throw new TimeoutException($"{error.Message}\n--- out\n{up.Out}\n--- error\n{up.Error}");
        }
    }

    /// <summary>The rows of <c>drover ps</c> by app code.</summary>
    public async Task<IReadOnlyDictionary<string, JsonElement>> PsAsync() =>
        (await RunAsync("ps", "--output", "json")).MustBe(0).Json.EnumerateArray()
            .ToDictionary(row => row.GetProperty("app_code").GetString()!, row => row.GetProperty("container"));

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }

        Directory.Delete(Folder, recursive: true);
    }

    private static string State(JsonElement host) => host.GetProperty("state").GetString()!;

    private Dictionary<string, string> Environment((string Name, string Value)[] more)
    {
        var environment = new Dictionary<string, string>
        {
            ["HOME"] = Folder,
            ["DROVER_DATA_DIR"] = Data,
            ["DOCKER_HOST"] = _docker ?? $"unix://{Folder}/no-docker.sock",
        };
        foreach (var (name, value) in more)
        {
            environment[name] = value;
        }

        return environment;
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
