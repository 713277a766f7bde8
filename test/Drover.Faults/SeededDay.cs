using System.Globalization;
using Drover.Faults.Rig;
using Drover.Wire.Commands;

namespace Drover.Faults;

/// <summary>
/// Orders, containers and kills in an order that a seed decides. The seed replays the decisions, not the scheduling of
/// the machine: a failure names its story too.
/// </summary>
internal sealed class SeededDay(DroverRig rig, Random random, CancellationToken cancellationToken)
{
    private const int Steps = 14;

    private static readonly string[] Apps = ["web", "api"];
    private static readonly string[] Types =
    [
        CommandTypes.Restart, CommandTypes.Restart, CommandTypes.Restart, CommandTypes.Health, CommandTypes.Logs,
        CommandTypes.Stop, CommandTypes.Start,
    ];

    private readonly List<string> _story = [];
    private int _jobs;

    public string Story => string.Join("; ", _story);

    public async Task LiveAsync()
    {
        foreach (var app in Apps)
        {
            await rig.RunContainerAsync(app);
        }

        var (serverFault, agentFault) = (Maybe(0.3, FaultOf(isServers: true)), Maybe(0.3, FaultOf(isServers: false)));
        Tell($"begin with {serverFault ?? "-"} and {agentFault ?? "-"}");
        await rig.BeginAsync(serverFault, agentFault);
        await rig.KnowsAsync(Apps);
        for (var step = 0; step < Steps; step++)
        {
            await StepAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(300)), cancellationToken);
        }
    }

    private async Task StepAsync()
    {
        switch (random.Next(13))
        {
            case 0:
                var nextOfAgent = Maybe(0.6, FaultOf(isServers: false));
                Tell($"kill agent, then {nextOfAgent ?? "-"}");
                rig.Agent.Kill(nextOfAgent);
                break;
            case 1:
                var nextOfServer = Maybe(0.6, FaultOf(isServers: true));
                Tell($"kill server, then {nextOfServer ?? "-"}");
                rig.Server.Kill(nextOfServer);
                break;
            case 2:
                await CutAsync(rig.Server, "server");
                break;
            case 3:
                await CutAsync(rig.Agent, "agent");
                break;
            case 4:
                _jobs++;
                Tell($"job {_jobs}");
                await rig.RunJobAsync($"job{_jobs}", exitCode: random.Next(3));
                break;
            case 5:
                Tell("new key");
                await rig.Api.RotateKeyAsync();
                break;
            default:
                var (type, app) = (Types[random.Next(Types.Length)], Apps[random.Next(Apps.Length)]);
                Tell($"{type} {app}");
                await rig.OrderAsync(type, app);
                break;
        }
    }

    /// <summary>Away for a while: to the other side a network that is cut.</summary>
    private async Task CutAsync(RoleUnderFire role, string name)
    {
        var signal = random.Next(2) == 0 ? "TERM" : "KILL";
        var away = TimeSpan.FromMilliseconds(random.Next(100, 2_000));
        Tell($"{name} away for {away.TotalMilliseconds:0} ms by {signal}");
        await role.StopAsync(signal);
        await Task.Delay(away, cancellationToken);
        role.Start();
    }

    private string FaultOf(bool isServers)
    {
        var points = Points.Of(isServers);
        return string.Create(CultureInfo.InvariantCulture, $"{points[random.Next(points.Count)]}:{random.Next(1, 4)}");
    }

    private string? Maybe(double chance, string value) => random.NextDouble() < chance ? value : null;

    private void Tell(string what) => _story.Add(what);
}
