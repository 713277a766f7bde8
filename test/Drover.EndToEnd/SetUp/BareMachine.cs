using Drover.EndToEnd.Delivery;
using Drover.Testing.Agents;

namespace Drover.EndToEnd.SetUp;

/// <summary>
/// What a script of <c>eng/</c> takes for a fresh machine: a mount namespace with no system programs, a path with the
/// few tools that every machine has, and a package manager, an SDK and an engine that are played. What the package
/// manager was told is kept.
/// </summary>
internal sealed class BareMachine : IDisposable
{
    private static readonly string[] Tools =
        ["bash", "sh", "env", "sed", "grep", "id", "seq", "sleep", "dirname", "setsid", "touch", "cp", "ls", "cat"];

    private const string AptGet = """
        echo "$*" >> "$STATE/apt"
        case " $* " in
            *" install "*docker.io*) cp "$STATE/dockerd" "$STATE/bin/dockerd"; touch "$STATE/library" ;;
        esac
        """;

    private const string Docker = """
        [ -e "$STATE/engine" ]
        """;

    private const string Dockerd = """
        touch "$STATE/engine"
        """;

    private const string Ldconfig = """
        [ ! -e "$STATE/library" ] || echo "  libsqlite3.so.0 (libc6,x86-64) => /lib/libsqlite3.so.0"
        """;

    private readonly TemporaryDirectory _state = new();

    public BareMachine()
    {
        Directory.CreateDirectory(_state.File("bin"));
        foreach (var tool in Tools)
        {
            string[] places = ["/usr/bin", "/bin"];
            var place = places.Select(folder => Path.Combine(folder, tool)).First(File.Exists);
            File.CreateSymbolicLink(_state.File($"bin/{tool}"), place);
        }

        Program("bin/apt-get", AptGet);
        Program("bin/docker", Docker);
        Program("bin/ldconfig", Ldconfig);
        Program("bin/systemctl", Dockerd);
        Program("dockerd", Dockerd);
    }

    /// <summary>What the package manager was asked, a line a call; empty when it was never called.</summary>
    public string Asked => File.Exists(_state.File("apt")) ? File.ReadAllText(_state.File("apt")) : "";

    public bool EngineRuns => File.Exists(_state.File("engine"));

    public BareMachine WithSdk(string version)
    {
        Program("bin/dotnet", $"echo '{version} [/usr/share/dotnet/sdk]'");
        return this;
    }

    public BareMachine WithEngine()
    {
        File.WriteAllText(_state.File("engine"), "");
        File.WriteAllText(_state.File("library"), "");
        return this;
    }

    /// <summary>Runs <c>eng/setup.sh run</c> there.</summary>
    /// <param name="answer">What a person types at a terminal; null: there is no terminal.</param>
    /// <param name="variables">More environment, as <c>YES=1</c>.</param>
    public Task<(int ExitCode, string Output)> SetUpAsync(string? answer = null, string variables = "")
    {
        var here = $"env -i PATH='{_state.File("bin")}' STATE='{_state.Path}' {variables} bash eng/setup.sh run";
        var run = answer is null
            ? $"{here} </dev/null"
            : $"printf '{answer}\\n' | script -qefc \"{here}\" /dev/null";
        const string WithoutSystemPrograms =
            "for place in /usr/sbin /sbin /var/log; do [ -L $place ] || mount -t tmpfs tmpfs $place || exit 99; done";
        return Tool.RunAsync(
            new Dictionary<string, string>(),
            ["unshare", "-m", "bash", "-c", $"{WithoutSystemPrograms}; {run}"],
            TestContext.Current.CancellationToken);
    }

    public void Dispose() => _state.Dispose();

    private void Program(string name, string lines)
    {
        File.WriteAllText(_state.File(name), $"#!/bin/sh\n{lines}\n");
        File.SetUnixFileMode(_state.File(name), UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }
}
