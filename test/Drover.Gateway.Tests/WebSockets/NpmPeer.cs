using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Drover.Gateway.Tests.WebSockets;

/// <summary>One of the scripts beside this file under Node.js: asked by a line of JSON, it answers with one.</summary>
internal sealed class NpmPeer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly SemaphoreSlim _asking = new(1, 1);

    private NpmPeer(Process process) => _process = process;

    public static NpmPeer Start(string script)
    {
        var root = RootOf(AppContext.BaseDirectory);
        var modules = Path.Combine(root, "artifacts/test-peers/node_modules");
        Assert.True(
            Directory.Exists(Path.Combine(modules, "ws")),
            "the npm package ws is not there; run: make setup-test");
        var start = new ProcessStartInfo(
            "node", [Path.Combine(root, "test/Drover.Gateway.Tests/WebSockets", script)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["NODE_PATH"] = modules;
        return new NpmPeer(Process.Start(start)!);
    }

    public async Task<JsonNode> AskAsync(JsonObject question)
    {
        await _asking.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            await _process.StandardInput.WriteLineAsync(question.ToJsonString());
            return await HearAsync();
        }
        finally
        {
            _asking.Release();
        }
    }

    public async Task<JsonNode> HearAsync()
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        enough.CancelAfter(Patience);
        var line = await _process.StandardOutput.ReadLineAsync(enough.Token);
        return JsonNode.Parse(line ?? throw new JsonException("the peer ended without an answer"))!;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _asking.Dispose();
    }

    private static string RootOf(string folder) =>
        File.Exists(Path.Combine(folder, "Drover.slnx")) ? folder : RootOf(Path.GetDirectoryName(folder)!);
}
