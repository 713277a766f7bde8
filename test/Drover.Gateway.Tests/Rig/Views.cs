using Drover.Core.Agents;
using Drover.Gateway.Agents;

namespace Drover.Gateway.Tests.Rig;

/// <summary>Waiting for what is shown of an agent.</summary>
internal static class Views
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>Waits until the view is as the test wants it.</summary>
    public static async Task<AgentView> UntilAsync(this AgentSeat seat, Func<AgentView, bool> condition)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var next = seat.NextView;
            var view = seat.View;
            if (condition(view))
            {
                return view;
            }

            try
            {
                await next.WaitAsync(
                    Limit - TimeProvider.System.GetElapsedTime(start), TestContext.Current.CancellationToken);
            }
            catch (Exception error) when (error is TimeoutException or ArgumentOutOfRangeException)
            {
                throw new TimeoutException($"waited in vain: {seat.Name} is {seat.View}", error);
            }
        }
    }

    public static Task<AgentView> UntilAsync(this AgentSeat seat, AgentState state) =>
        seat.UntilAsync(view => view.State == state);
}
