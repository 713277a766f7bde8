using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Drover.Testing.Documents;

namespace Drover.Cli.Tests;

/// <summary>
/// docs/how-to/alerts.md as it stands: its configuration, its way to make a key, and its receiver, which Node.js runs.
/// </summary>
public sealed partial class AlertsPageTests : IDisposable
{
    private const string Page = "docs/how-to/alerts.md";

    private readonly string _folder = Directory.CreateTempSubdirectory("drover-alerts-").FullName;
    private readonly List<Process> _processes = [];

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_receiver_of_the_page_verifies_what_the_gateway_signs_and_refuses_everything_else()
    {
        await RunAsync("sh", ["-c", Fences().First(fence => fence.Text.Contains("openssl")).Text.Split('\n')[0]]);
        await File.WriteAllTextAsync(In("receiver.mjs"), Fence("js"), Ending);
        var receiver = Start("node", ["receiver.mjs"], "PORT", "0");
        var port = (await LineAsync(receiver, line => line.StartsWith("port ", StringComparison.Ordinal)))[5..];
        var written = Fence("yaml").Replace("9099", port).Replace("127.0.0.1:8080", "127.0.0.1:0")
            .Replace("gateway:\n", "gateway:\n  admin: { listen: \"127.0.0.1:0\" }\n");
        await File.WriteAllTextAsync(In("drover.yaml"), written, Ending);
        var gateway = Start(
            Path.Combine(AppContext.BaseDirectory, "drover"), ["gateway"], "DROVER_DATA_DIR", In("data"));
        await LineAsync(gateway, line => line.StartsWith("drover gateway ", StringComparison.Ordinal));

        await File.AppendAllTextAsync(
            In("drover.yaml"),
            "    guide: { hostnames: guide.test, policy: unmanaged, address: \"http://127.0.0.1:1\" }\n",
            Ending);
        await RunAsync("kill", ["-HUP", $"{gateway.Id}"]);
        Assert.Equal("info: guide agent.added", await LineAsync(receiver, _ => true));

        Assert.Equal(HttpStatusCode.Unauthorized, await ForgeAsync(port, TimeProvider.System.GetUtcNow()));
        Assert.Equal(HttpStatusCode.Unauthorized, await ForgeAsync(port, DateTimeOffset.UnixEpoch));
    }

    public void Dispose()
    {
        foreach (var process in _processes)
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<HttpStatusCode> ForgeAsync(string port, DateTimeOffset sent)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{port}/");
        request.Content = new StringContent("{}", Encoding.UTF8, "application/cloudevents+json");
        request.Headers.Add("webhook-id", "1-1");
        request.Headers.Add("webhook-timestamp", $"{sent.ToUnixTimeSeconds()}");
        request.Headers.Add("webhook-signature", "v1," + Convert.ToBase64String(new byte[32]));
        using var response = await client.SendAsync(request, Ending);
        return response.StatusCode;
    }

    private static async Task<string> LineAsync(Process process, Func<string, bool> isIt)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Ending);
        limit.CancelAfter(TimeSpan.FromSeconds(20));
        while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            if (isIt(line))
            {
                return line;
            }
        }

        throw new InvalidOperationException("the process ended before it said what was waited for");
    }

    private static string Fence(string language) => Fences().First(fence => fence.Language == language).Text;

    private static IEnumerable<(string Language, string Text)> Fences() =>
        FencePattern().Matches(RepositoryFile.Read(Page))
            .Select(match => (match.Groups[1].Value, match.Groups[2].Value));

    [GeneratedRegex("^```([a-z]*)\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex FencePattern();

    private string In(string name) => Path.Combine(_folder, name);

    private Process Start(string program, string[] arguments, string variable, string value)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = _folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { [variable] = value },
        };
        var process = Process.Start(start)!;
        process.BeginErrorReadLine();
        _processes.Add(process);
        return process;
    }

    private async Task RunAsync(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = _folder })!;
        await process.WaitForExitAsync(Ending);
        Assert.Equal(0, process.ExitCode);
    }
}
