using System.Diagnostics;
using System.Globalization;
using Drover.EndToEnd.Delivery;

namespace Drover.EndToEnd.Canary;

/// <summary>
/// A process that holds keys crashes: nothing of its memory is written down, whatever the machine's limits allow, and
/// while it lives no other process of its user can look into it.
/// </summary>
public sealed class CrashTests
{
    private const string Nobody = "65534";

    [Fact]
    public async Task A_server_that_crashes_leaves_no_dump_of_its_memory()
    {
        await using var machine = new Machine();
        await TheMachineWouldWriteADumpAsync(machine);
        using var server = await StartAsync(machine, asNobody: false);

        await AbortAsync(server);

        // 128 and SIGABRT: it ended by the signal whose default is to write a dump.
        Assert.Equal(134, server.ExitCode);
        Assert.Empty(Dumps(machine));
        Assert.True(File.Exists(Path.Combine(machine.Data, "server.db")));
    }

    [Fact]
    public async Task Another_process_of_the_same_user_cannot_read_its_memory_or_environment()
    {
        await using var machine = new Machine();
        var isRoot = Environment.UserName == "root";
        using var server = await StartAsync(machine, asNobody: isRoot);
        try
        {
            // proc(5): the files of a process that is not dumpable belong to root, whoever the process runs as.
            var user = isRoot ? Nobody : (await OutputAsync("id", "-u")).Trim();
            Assert.Equal("0", (await OutputAsync("stat", "-c", "%u", $"/proc/{server.Id}/environ")).Trim());
            string[] become = isRoot ? ["setpriv", "--reuid", Nobody, "--regid", Nobody, "--clear-groups"] : [];

            // In place of a shell of that user: it looks at an ordinary process of its own, and at the server.
            const string Look = "sleep 60 & peer=$!; head -c 1 /proc/$peer/environ >/dev/null && "
                + "head -c 1 /proc/$peer/maps >/dev/null && echo sees; kill $peer; "
                + "head -c 1 /proc/$0/environ; head -c 1 /proc/$0/maps; echo; "
                + "grep Uid: /proc/$0/status";
            var seen = await OutputAsync([.. become, "sh", "-c", Look, Number(server.Id)]);
            Assert.Contains("sees", seen, StringComparison.Ordinal);
            Assert.Contains($"/proc/{server.Id}/environ", Refusal(seen), StringComparison.Ordinal);
            Assert.Contains($"/proc/{server.Id}/maps", Refusal(seen), StringComparison.Ordinal);
            Assert.Contains($"Uid:\t{user}\t", seen, StringComparison.Ordinal);
        }
        finally
        {
            await KillAsync("TERM", server);
        }

        Assert.Equal(0, server.ExitCode);
    }

    /// <summary>A test that looks for dumps where none could be shows nothing.</summary>
    private static async Task TheMachineWouldWriteADumpAsync(Machine machine)
    {
        var pattern = (await File.ReadAllTextAsync(
            "/proc/sys/kernel/core_pattern", TestContext.Current.CancellationToken)).Trim();
        if (pattern.StartsWith('|') || pattern.StartsWith('/'))
        {
            // Dumps go to a collector or a folder of the machine; what the server leaves here is looked at still.
            return;
        }

        var control = Directory.CreateDirectory(Path.Combine(machine.Folder, "control")).FullName;
        await RunAsync(["sh", "-c", $"cd '{control}' && ulimit -c unlimited && kill -ABRT $$"]);
        Assert.NotEmpty(Directory.EnumerateFiles(control));
        Directory.Delete(control, recursive: true);
    }

    private static async Task<Process> StartAsync(Machine machine, bool asNobody)
    {
        var become = asNobody ? $"setpriv --reuid {Nobody} --regid {Nobody} --clear-groups" : "";
        var folder = machine.Folder;
        if (asNobody)
        {
            // The checkout may lie where only root can go.
            foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(Published.Path)!))
            {
                File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
            }

            await RunAsync(["chown", "-R", $"{Nobody}:{Nobody}", folder]);
        }

        var executable = asNobody ? Path.Combine(folder, Path.GetFileName(Published.Path)) : Published.Path;
        var start = new ProcessStartInfo(
            "sh", ["-c", $"ulimit -c unlimited; exec {become} '{executable}' server >out.log 2>err.log"])
        {
            WorkingDirectory = folder,
        };
        start.Environment["DROVER_DATA_DIR"] = machine.Data;
        start.Environment["HOME"] = folder;
        var server = Process.Start(start)!;
        await machine.UntilAsync(
            async () => File.Exists(Path.Combine(folder, "out.log"))
                && (await File.ReadAllTextAsync(Path.Combine(folder, "out.log")))
                    .Contains("listens on", StringComparison.Ordinal),
            "the server listens");
        return server;
    }

    private static IEnumerable<string> Dumps(Machine machine) => Directory
        .EnumerateFiles(machine.Folder, "*", SearchOption.AllDirectories)
        .Select(file => Path.GetFileName(file))
        .Where(name => name.Contains("core", StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// The runtime takes the first signal from outside as a word to itself, and puts back the default for the next.
    /// </summary>
    private static async Task AbortAsync(Process process)
    {
        for (var signal = 0; signal < 20 && !process.HasExited; signal++)
        {
            await RunAsync(["kill", "-ABRT", Number(process.Id)]);
            using var pause = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            await Task.WhenAny(process.WaitForExitAsync(pause.Token));
        }

        Assert.True(process.HasExited, "the server did not abort");
    }

    private static async Task KillAsync(string signal, Process process)
    {
        await RunAsync(["kill", $"-{signal}", Number(process.Id)]);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    private static string Refusal(string seen) =>
        string.Join('\n', seen.Split('\n').Where(line => line.StartsWith("head: cannot", StringComparison.Ordinal)));

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static async Task<string> OutputAsync(params string[] commandLine)
    {
        var (code, output) = await RunAsync(commandLine);
        Assert.Equal(0, code);
        return output;
    }

    private static Task<(int ExitCode, string Output)> RunAsync(string[] commandLine) => Tool.RunAsync(
        new Dictionary<string, string>(), commandLine, TestContext.Current.CancellationToken);
}
