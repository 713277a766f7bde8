using System.Diagnostics;

namespace Drover.Cli.Tests;

/// <summary>What one role needs costs the others no memory.</summary>
public sealed class OtherRolesTests : IDisposable
{
    private const string Forwarder = "Yarp.ReverseProxy.dll";

    private readonly string _folder = Directory.CreateTempSubdirectory("drover-roles-").FullName;

    [Theory]
    [InlineData("server", false)]
    [InlineData("supervisor run", false)]
    [InlineData("gateway", true)]
    public async Task Only_the_gateway_loads_the_forwarder(string verb, bool loads)
    {
        var file = Path.Combine(_folder, "drover.yaml");
        await File.WriteAllTextAsync(
            file,
            """
            server: { listen: "127.0.0.1:0" }
            gateway:
              listen: 127.0.0.1:0
              admin: { listen: 127.0.0.1:0 }
              agents:
                scout: { hostnames: scout.test, policy: unmanaged, address: "http://127.0.0.1:1" }
            """,
            TestContext.Current.CancellationToken);
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "drover"), $"{verb} --config {file}")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["DROVER_DATA_DIR"] = Path.Combine(_folder, "data") },
        };
        using var process = Process.Start(start)!;
        try
        {
            var first = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
            Assert.StartsWith($"drover {verb.Split(' ')[0]} ", first, StringComparison.Ordinal);
            if (loads)
            {
                // The first request needs it, if not the start.
                using var client = new HttpClient();
                using var request = new HttpRequestMessage(HttpMethod.Get, first!.Split(' ')[5].TrimEnd(','))
                {
                    Headers = { Host = "scout.test" },
                };
                using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
                Assert.Equal(System.Net.HttpStatusCode.BadGateway, answer.StatusCode);
            }

            var maps = await File.ReadAllTextAsync(
                $"/proc/{process.Id}/maps", TestContext.Current.CancellationToken);

            Assert.Contains("Drover.Runtime.dll", maps, StringComparison.Ordinal);
            Assert.Equal(loads, maps.Contains(Forwarder, StringComparison.Ordinal));
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
