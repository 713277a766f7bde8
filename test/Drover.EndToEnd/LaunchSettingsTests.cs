using System.Globalization;
using System.Text.Json;

namespace Drover.EndToEnd;

/// <summary>
/// env, env_file, working_directory, user and limits of a component, from the file to the process, on the published
/// file; and each of them wrong, in the sentence that status shows.
/// </summary>
public sealed class LaunchSettingsTests : IAsyncDisposable
{
    private readonly Machine _machine = new();

    public async ValueTask DisposeAsync()
    {
        await _machine.WithConfiguration("supervisor: { components: {} }\n").RunAsync("supervisor", "stop");
        await _machine.DisposeAsync();
    }

    [Fact]
    public async Task A_component_gets_its_variables_its_directory_its_user_and_its_limits()
    {
        File.WriteAllText(Path.Combine(_machine.Folder, "first.env"), "A=first\nB=first\nC=first\n");
        File.WriteAllText(
            Path.Combine(_machine.Folder, "second.env"), "# later wins\nexport B='second file'\nC=second\n");
        Directory.CreateDirectory(Path.Combine(_machine.Folder, "work"));
        await StartAsync("""
            plain:
                  command: [sh, -c, 'echo "$A|$B|$C|$SECRET|"; pwd; exec sleep 1000']
                  env: { C: own }
                  env_file: [first.env, second.env]
                  working_directory: work
                shown:
                  command:
                    - sh
                    - -c
                    - id -un; id -gn; for l in Sn Hn v c f s; do ulimit -$l; done; pwd; exec sleep 1000
                  user: nobody:daemon
                  working_directory: /
                  limits:
                    { open_files: 123, memory: 1GiB, core: 0B, file_size: 10MiB, stack: 4MiB, processes: 5000,
                      locked_memory: 1MiB }
            """);
        await UntilAsync("plain", "running");
        await UntilAsync("shown", "running");

        Assert.Equal(
            ["first|second file|own||", Path.Combine(_machine.Folder, "work")], await LinesAsync("plain", 2));

        // dash counts the memory in KiB and files in blocks of 512 bytes.
        Assert.Equal(
            ["nobody", "daemon", "123", "123", "1048576", "0", "20480", "4096", "/"], await LinesAsync("shown", 9));
    }

    [Theory]
    [InlineData("user: no-such-user", "there is no user \"no-such-user\"")]
    [InlineData("user: \"nobody:no-such-group\"", "there is no group \"no-such-group\"")]
    [InlineData("working_directory: /no/such/place", "there is no working directory \"/no/such/place\"")]
    [InlineData(
        "{ working_directory: /no/such/place, user: nobody }", "there is no working directory \"/no/such/place\"")]
    [InlineData("env_file: no.env", "cannot read the environment file \"{0}/no.env\": there is no such file")]
    [InlineData("env_file: .", "cannot read the environment file \"{0}\": it is a directory")]
    [InlineData("env_file: pipe.env", "cannot read the environment file \"{0}/pipe.env\": it is not a regular file")]
    [InlineData("env_file: bad.env", "cannot read the environment file \"{0}/bad.env\": line 2 is not NAME=value")]
    [InlineData(
        "{ limits: { memory: 100MiB }, working_directory: /no/such/place }",
        "there is no working directory \"/no/such/place\"")]
    [InlineData(
        "limits: { open_files: 1073741824 }",
        "its limit \"open_files\" cannot be set to 1073741824: the kernel allows {1} at most; the sysctl fs.nr_open "
            + "raises that")]
    public async Task What_is_wrong_is_a_failed_start_whose_sentence_names_it(string setting, string why)
    {
        File.WriteAllText(Path.Combine(_machine.Folder, "bad.env"), "A=hunter2\nhunter2\n");
        await _machine.ShellAsync("mkfifo pipe.env");
        var flow = setting.StartsWith('{') ? setting[1..^1] : setting;

        await StartAsync($"web: {{ command: [sleep, \"1000\"], {flow} }}\n    other: {{ command: [sleep, \"1000\"] }}");

        var web = await UntilAsync("web", "backoff");
        Assert.Equal("failed_start", web.GetProperty("last_cause").GetProperty("word").GetString());
        var most = File.ReadAllText("/proc/sys/fs/nr_open").Trim();
        Assert.EndsWith(
            string.Format(CultureInfo.InvariantCulture, why, _machine.Folder, most),
            web.GetProperty("last_error").GetString(),
            StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", web.ToString(), StringComparison.Ordinal);
        await UntilAsync("other", "running");
    }

    [Fact]
    public async Task A_supervisor_without_rights_says_whom_it_cannot_become_and_what_it_may_not_raise()
    {
        _machine.WithConfiguration("""
            supervisor:
              components:
                other: { command: [sleep, "1000"], user: daemon }
                more: { command: [sleep, "1000"], limits: { open_files: 200 } }
                same: { command: [sh, -c, "ulimit -Hn; exec sleep 1000"], limits: { open_files: 50 } }
                hidden: { command: [sleep, "1000"], env_file: hidden.env }
                closed: { command: [sleep, "1000"], working_directory: closed }
            """);
        var hidden = Path.Combine(_machine.Folder, "hidden.env");
        File.WriteAllText(hidden, "A=1\n");
        File.SetUnixFileMode(hidden, UnixFileMode.UserRead);
        Directory.CreateDirectory(Path.Combine(_machine.Folder, "closed"), UnixFileMode.UserRead);
        var run = await StartAsNobodyAsync();

        Assert.EndsWith(
            "this supervisor is not root and cannot become the user \"daemon\"; run it as root or as that user",
            Error(await UntilAsync("other", "backoff")),
            StringComparison.Ordinal);
        Assert.EndsWith(
            "its limit \"open_files\" cannot be set to 200: the supervisor's own hard limit is 150, which it may not "
                + "raise; raise it where the supervisor is started (ulimit -H, a unit's Limit...=), or ask for less",
            Error(await UntilAsync("more", "backoff")),
            StringComparison.Ordinal);
        Assert.EndsWith(
            $"cannot read the environment file \"{hidden}\": this user may not read it",
            Error(await UntilAsync("hidden", "backoff")),
            StringComparison.Ordinal);
        Assert.EndsWith(
            $"this user may not enter its working directory \"{_machine.Folder}/closed\"",
            Error(await UntilAsync("closed", "backoff")),
            StringComparison.Ordinal);
        await UntilAsync("same", "running");
        Assert.Equal(["50"], await LinesAsync("same", 1));

        run.Signal("TERM");
        Assert.Equal(0, await run.ExitCodeAsync());
    }

    private static string? Error(JsonElement component) => component.GetProperty("last_error").GetString();

    private async Task StartAsync(string components)
    {
        _machine.WithConfiguration($"supervisor:\n  components:\n    {components}\n");
        var run = _machine.Start([("SECRET", "not inherited")], "supervisor", "run");
        await run.UntilAsync(one => one.Out.Contains(" keeps ", StringComparison.Ordinal), "the supervisor answers");
    }

    /// <summary>A supervisor of an ordinary user whose hard limit on open files is low.</summary>
    private async Task<DroverProcess> StartAsNobodyAsync()
    {
        Directory.CreateDirectory(_machine.Data);
        var own = await Delivery.Tool.RunAsync(
            new Dictionary<string, string>(),
            [
                "sh", "-c",
                $"chown nobody '{_machine.Data}' && chmod 700 '{_machine.Data}' && chmod 755 '{_machine.Folder}'",
            ],
            TestContext.Current.CancellationToken);
        Assert.True(own.ExitCode == 0, own.Output);
        var run = _machine.StartAs(
            ["prlimit", "--nofile=150:150", "setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"],
            "supervisor",
            "run");
        await run.UntilAsync(one => one.Out.Contains(" keeps ", StringComparison.Ordinal), "the supervisor answers");
        return run;
    }

    private async Task<JsonElement> UntilAsync(string name, string state)
    {
        JsonElement found = default;
        try
        {
            await _machine.UntilAsync(
                async () =>
                {
                    var status = (await _machine.RunAsync("supervisor", "status", "-o", "json")).MustBe(0).Json;
                    found = status.GetProperty("components").EnumerateArray()
                        .Single(one => one.GetProperty("name").GetString() == name);
                    return found.GetProperty("state").GetString() == state;
                },
                $"{name} is {state}");
            return found;
        }
        catch (TimeoutException error)
        {
            throw new TimeoutException($"{error.Message}; it is {found}", error);
        }
    }

    /// <summary>What it wrote, once that are so many lines.</summary>
    private async Task<string[]> LinesAsync(string name, int count)
    {
        string[] lines = [];
        await _machine.UntilAsync(
            async () =>
            {
                lines = (await _machine.RunAsync("supervisor", "logs", name)).MustBe(0).Out
                    .Split('\n', StringSplitOptions.RemoveEmptyEntries);
                return lines.Length >= count;
            },
            $"{name} has written {count} lines");
        return lines;
    }
}
