using Drover.Testing.Docker;
using Drover.Testing.Server;
using Drover.Testing.Time;
using Drover.Wire.Commands;

namespace Drover.Server.Tests.Commands;

/// <summary>Lets time pass, second by second, until something has come of it.</summary>
internal static class PassingTime
{
    /// <summary>The answer to a poll: a command, or null once its time is over.</summary>
    public static async Task<CommandDto?> PollAsync(
        this FakeClock clock, ScriptedAgent agent, int timeout, string take = WaitScopes.All)
    {
        var wait = agent.WaitAsync(timeout, take);
        await clock.UntilAsync(() => Task.FromResult(wait.IsCompleted), "the poll is answered");
        return (await wait).Item;
    }

    /// <summary>Until the command is in this state.</summary>
    public static Task StateBecomesAsync(this FakeClock clock, HttpClient people, string commandId, string state) =>
        clock.UntilAsync(
            async () => (await people.CommandAsync(commandId)).Status == state, $"command is {state}");

    private static Task UntilAsync(this FakeClock clock, Func<Task<bool>> condition, string what) =>
        Eventually.TrueAsync(
            async () =>
            {
                await clock.PassAsync(TimeSpan.FromSeconds(1));
                return await condition();
            },
            what,
            TestContext.Current.CancellationToken);
}
