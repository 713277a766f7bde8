using System.Diagnostics;
using Drover.Testing.Network;

namespace Drover.Cli.Tests;

/// <summary>Webhooks of <c>drover supervisor run</c> as a process.</summary>
public sealed class SupervisorWebhookTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("drover-hooks-").FullName;

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_supervisor_tells_webhooks_of_its_components_also_after_it_was_killed_on_the_way()
    {
        await using var receiver = await PlayedReceiver.StartAsync(0, Ending);
        await File.WriteAllTextAsync(
            Path.Combine(_folder, "drover.yaml"),
            $$"""
            supervisor:
              name: box
              webhooks:
                ops: { url: "{{receiver.Address}}", events: [component.exited, component.started] }
              components:
                web: { command: [sh, -c, "sleep 0.2; exit 3"] }
            """,
            Ending);
        using (var doomed = Start("webhook.sent"))
        {
            await doomed.WaitForExitAsync(Ending).WaitAsync(TimeSpan.FromSeconds(20), Ending);
            Assert.Equal(137, doomed.ExitCode);
        }

        var first = Assert.Single(receiver.All);
        Assert.Equal("/supervisors/box", first.Json.GetProperty("source").GetString());
        using var second = Start(fault: null);
        try
        {
            await Until.TrueAsync(
                () => receiver.All.Any(one => one.Json.GetProperty("type").GetString() == "component.exited"),
                "an exit",
                Ending);

            Assert.Equal(first.Id, receiver.All[1].Id);
            Assert.Equal(first.Body, receiver.All[1].Body);
            var exit = receiver.All.First(one => one.Json.GetProperty("type").GetString() == "component.exited");
            Assert.Equal("web", exit.Json.GetProperty("subject").GetString());
        }
        finally
        {
            using var term = Process.Start("kill", ["-TERM", $"{second.Id}"]);
            await term.WaitForExitAsync(CancellationToken.None);
            await second.WaitForExitAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30), Ending);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private Process Start(string? fault)
    {
        var start = new ProcessStartInfo(
            Path.Combine(AppContext.BaseDirectory, "drover"),
            ["supervisor", "run", "--config", Path.Combine(_folder, "drover.yaml")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["DROVER_DATA_DIR"] = Path.Combine(_folder, "data") },
        };
        if (fault is not null)
        {
            start.Environment["DROVER_FAULT"] = fault;
        }

        var process = Process.Start(start)!;
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        return process;
    }
}
