using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Drover.Cli.Tests;

/// <summary><c>drover gateway</c> as a process: in the foreground, told by signals.</summary>
public sealed class GatewayVerbTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("drover-gateway-").FullName;
    private readonly HttpClient _client = new();

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    private string ConfigPath => Path.Combine(_folder, "drover.yaml");

    [Fact]
    public async Task Sighup_takes_up_the_file_or_says_why_not_and_sigterm_is_an_orderly_end()
    {
        Write("scout.test");
        using var process = Start();
        try
        {
            var first = await process.StandardOutput.ReadLineAsync(Ending);
            Assert.Matches("^drover gateway .* listens on http://127.0.0.1:[0-9]+, leads to 1 agent$", first);
            var address = first!.Split(' ')[5].TrimEnd(',');
            Assert.Equal(HttpStatusCode.BadGateway, await AskAsync(address, "scout.test"));

            await File.AppendAllTextAsync(ConfigPath, "    guide: { hostname: x }\n", Ending);
            await SignalAsync(process, "HUP");
            await HeardAsync(process, "unknown key \"gateway.agents.guide.hostname\"");
            Assert.Equal(HttpStatusCode.BadGateway, await AskAsync(address, "scout.test"));

            Write("new.test");
            await SignalAsync(process, "HUP");
            await HeardAsync(process, "drover.yaml was read again");
            Assert.Equal(HttpStatusCode.NotFound, await AskAsync(address, "scout.test"));
            Assert.Equal(HttpStatusCode.BadGateway, await AskAsync(address, "new.test"));

            await SignalAsync(process, "TERM");
            await process.WaitForExitAsync(Ending).WaitAsync(TimeSpan.FromSeconds(20), Ending);
            Assert.Equal(0, process.ExitCode);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    [Fact]
    public async Task A_port_that_is_taken_ends_the_start_in_words()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        await File.WriteAllTextAsync(
            ConfigPath,
            $$"""
            data_dir: {{_folder}}
            gateway:
              listen: {{taken.LocalEndpoint}}
              admin: { listen: 127.0.0.1:0 }
            """,
            Ending);
        var run = new CliRun();

        Assert.Equal(ExitCode.Busy, await run.RunAsync("gateway", "--config", ConfigPath));

        Assert.Contains($"cannot listen on \"{taken.LocalEndpoint}\": another", run.Error.ToString());
    }

    public void Dispose()
    {
        _client.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void Write(string hostname) => File.WriteAllText(
        ConfigPath,
        $$"""
        gateway:
          listen: 127.0.0.1:0
          admin: { listen: 127.0.0.1:0 }
          agents:
            scout: { hostnames: {{hostname}}, policy: unmanaged, address: "http://127.0.0.1:1" }

        """);

    private Process Start() => Process.Start(
        new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "drover"), $"gateway --config {ConfigPath}")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["DROVER_DATA_DIR"] = Path.Combine(_folder, "data") },
        })!;

    private static async Task SignalAsync(Process process, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]);
        await kill.WaitForExitAsync(Ending);
    }

    private static async Task HeardAsync(Process process, string words)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Ending);
        limit.CancelAfter(TimeSpan.FromSeconds(20));
        while (await process.StandardError.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.Contains(words, StringComparison.Ordinal))
            {
                return;
            }
        }

        Assert.Fail($"the gateway ended before \"{words}\"");
    }

    private async Task<HttpStatusCode> AskAsync(string address, string host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { Host = host } };
        using var answer = await _client.SendAsync(request, Ending);
        return answer.StatusCode;
    }
}
