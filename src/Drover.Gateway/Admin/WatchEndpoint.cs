using System.Text.Json;
using Drover.Runtime.Events;
using Drover.Runtime.Requests;
using Drover.Wire;
using Drover.Wire.Gateway;
using Drover.Wire.People;

namespace Drover.Gateway.Admin;

/// <summary>
/// The agents as they change, for a screen: a change of state is told at once, what is open and when an agent was used
/// within a second.
/// </summary>
internal static class WatchEndpoint
{
    private const string EventName = "agents";

    // A burst of changes, of many agents say, is one picture.
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    public static async Task StreamAsync(AdminCall call)
    {
        _ = new QueryReader(call.Context);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(
            call.Context.RequestAborted, call.Desk.Stopping);
        try
        {
            await FollowAsync(call, ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The reader went away, or the gateway ends.
        }
    }

    private static async Task FollowAsync(AdminCall call, CancellationToken cancellationToken)
    {
        var desk = call.Desk;
        var stream = AdminAnswer.OpenStream(call.Context);
        Page<GatewayAgentDto>? shown = null;
        var saidAt = desk.Time.GetTimestamp();
        while (true)
        {
            Task[] changes = [.. desk.Agents.All.Select(seat => seat.NextView)];
            var look = Task.Delay(Look, desk.Time, cancellationToken);
            var now = AgentEndpoints.Page(desk.Agents);
            if (shown is null || Differs(shown, now))
            {
                stream.Add(
                    null,
                    EventName,
                    JsonSerializer.SerializeToUtf8Bytes(now, WireJson.Default.PageGatewayAgentDto));
                saidAt = desk.Time.GetTimestamp();
            }
            else if (desk.Time.GetElapsedTime(saidAt) >= ServerSentEvents.KeepAlive)
            {
                stream.AddComment("alive");
                saidAt = desk.Time.GetTimestamp();
            }

            shown = now;
            if (!await stream.FlushAsync(cancellationToken))
            {
                return;
            }

            await Task.WhenAny([.. changes, look]);
            await Task.Delay(Gather, desk.Time, cancellationToken);
        }
    }

    /// <summary>Whether there is anything new but that time has passed.</summary>
    private static bool Differs(Page<GatewayAgentDto> before, Page<GatewayAgentDto> now) =>
        !BytesOf(before).AsSpan().SequenceEqual(BytesOf(now))
        || before.Items.Zip(now.Items).Any(pair => pair.Second.IdleSeconds < pair.First.IdleSeconds);

    private static byte[] BytesOf(Page<GatewayAgentDto> page) => JsonSerializer.SerializeToUtf8Bytes(
        page with { Items = [.. page.Items.Select(agent => agent with { IdleSeconds = null })] },
        WireJson.Default.PageGatewayAgentDto);
}
