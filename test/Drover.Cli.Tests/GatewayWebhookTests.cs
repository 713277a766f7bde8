using System.Diagnostics;
using System.Net;
using Drover.Testing.Network;

namespace Drover.Cli.Tests;

/// <summary>Webhooks of <c>drover gateway</c> as a process, which dies where it hurts most.</summary>
public sealed class GatewayWebhookTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("drover-webhook-").FullName;

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_kill_between_send_and_note_tells_the_receiver_again_under_the_same_id_and_loses_nothing()
    {
        await using var receiver = await PlayedReceiver.StartAsync(0, Ending);
        Write(receiver.Address, "scout");
        var doomed = await StartAsync("webhook.sent");
        Write(receiver.Address, "scout", "guide", "cook");
        await HangUpAsync(doomed);
        await doomed.WaitForExitAsync(Ending).WaitAsync(TimeSpan.FromSeconds(20), Ending);
        Assert.Equal(137, doomed.ExitCode);
        doomed.Dispose();
        var first = Assert.Single(receiver.All);

        using var second = await StartAsync(fault: null);
        try
        {
            await receiver.WaitForAsync(3, Ending);

            Assert.Equal(first.Id, receiver.All[1].Id);
            Assert.Equal(first.Body, receiver.All[1].Body);
            Assert.Equal("guide", first.Json.GetProperty("subject").GetString());
            Assert.Equal("cook", receiver.All[2].Json.GetProperty("subject").GetString());
            Assert.NotEqual(first.Id, receiver.All[2].Id);
        }
        finally
        {
            second.Kill();
            await second.WaitForExitAsync(CancellationToken.None);
        }
    }

    [Fact]
    public async Task What_a_receiver_did_not_take_is_shown_and_sent_again()
    {
        await using var receiver = await PlayedReceiver.StartAsync(0, Ending);
        receiver.AnswerWith(HttpStatusCode.Gone);
        Write(receiver.Address, "scout");
        using var process = await StartAsync(fault: null);
        try
        {
            Write(receiver.Address, "scout", "guide");
            await HangUpAsync(process);
            await receiver.WaitForAsync(1, Ending);
            var id = receiver.Ids[0];
            await Until.TrueAsync(
                async () => (await VerbAsync("webhooks")).Contains(" 1  ok"), "the dead letter", Ending);

            Assert.Matches(
                "^WEBHOOK +WAITING +DELIVERED +DEAD +STATE\nops +0 +0 +1 +ok\n$", await VerbAsync("webhooks"));
            Assert.Matches($"agent.added +guide +{id} +it answered 410\n$", await VerbAsync("webhooks", "ops"));
            Assert.Contains("\"type\": \"agent.added\"", await VerbAsync("webhooks", "ops", "-o", "json"));

            receiver.AnswerWith(HttpStatusCode.OK);
            Assert.Equal("1 event is on its way again\n", await VerbAsync("webhooks", "ops", "--resend"));
            await receiver.WaitForAsync(2, Ending);
            Assert.Equal([id, id], receiver.Ids);
            Assert.Contains("cannot find the webhook \"opps\"", await VerbAsync("webhooks", "opps"));
            Assert.Contains("--resend needs the name", await VerbAsync("webhooks", "--resend"));
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    private async Task<string> VerbAsync(params string[] words)
    {
        var run = new CliRun().With("DROVER_DATA_DIR", Path.Combine(_folder, "data"));
        await run.RunAsync(["gateway", .. words]);
        return run.Out.ToString() + run.Error;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Write(Uri receiver, params string[] agents) => File.WriteAllText(
        Path.Combine(_folder, "drover.yaml"),
        $$"""
        gateway:
          listen: 127.0.0.1:0
          admin: { listen: "127.0.0.1:0" }
          webhooks:
            ops: { url: "{{receiver}}" }
          agents:

        """ + string.Join('\n', agents.Select(name =>
            $"    {name}: {{ hostnames: {name}.test, policy: unmanaged, address: \"http://127.0.0.1:1\" }}")) + "\n");

    private async Task<Process> StartAsync(string? fault)
    {
        var start = new ProcessStartInfo(
            Path.Combine(AppContext.BaseDirectory, "drover"),
            ["gateway", "--config", Path.Combine(_folder, "drover.yaml")])
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
        Assert.NotNull(await process.StandardOutput.ReadLineAsync(Ending));
        return process;
    }

    private static async Task HangUpAsync(Process process)
    {
        using var kill = Process.Start("kill", ["-HUP", $"{process.Id}"]);
        await kill.WaitForExitAsync(Ending);
    }
}
