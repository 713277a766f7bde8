using System.Globalization;
using Drover.Core.Audit;
using Drover.Faults.Rig;
using Drover.Server.Features.Audit;
using Drover.Testing.Docker;
using Drover.Testing.Ledger;
using Drover.Testing.Network;
using Drover.Wire.Commands;

namespace Drover.Faults;

/// <summary>
/// One run from enrollment to the ledger: a server, a host agent, three containers, orders and events, and something
/// that kills. Gives the sentences of everything that was lost, doubled or out of order.
/// </summary>
internal static class FaultRun
{
    private static readonly TimeSpan DeathLimit = TimeSpan.FromSeconds(60);

    /// <summary>The process that reaches the point dies there once; everything a day brings happens around
    /// it.</summary>
    public static async Task<IReadOnlyList<string>> AtPointAsync(
        DockerEngine engine, string point, bool isServers, CancellationToken cancellationToken)
    {
        var name = NewName();
        await using var rig = new DroverRig(name, new RealRunEngine(engine, name), cancellationToken);
        var victim = isServers ? rig.Server : rig.Agent;
        return await ConcludeAsync(rig, async () =>
        {
            await rig.RunContainerAsync("web");
            await rig.RunContainerAsync("api");
            await rig.BeginAsync(isServers ? point : null, isServers ? null : point);
            await rig.KnowsAsync("web", "api");
            await rig.OrderToEndAsync(CommandTypes.Restart, "web");
            await rig.Api.RotateKeyAsync();
            await rig.OrderToEndAsync(CommandTypes.Health, "web");
            await rig.OrderToEndAsync(CommandTypes.Logs, "api");
            var several = new List<string>
            {
                await rig.OrderAsync(CommandTypes.Restart, "web"),
                await rig.OrderAsync(CommandTypes.Restart, "web"),
                await rig.OrderAsync(CommandTypes.Stop, "api"),
                await rig.OrderAsync(CommandTypes.Health, "web"),
            };
            await rig.RunJobAsync("job", exitCode: 3);
            foreach (var command in several)
            {
                await rig.Api.WaitForAsync(command);
            }

            await rig.OrderToEndAsync(CommandTypes.Start, "api");
            await rig.KillContainerAsync("web");
            await rig.RemoveContainerAsync("job");
            await victim.FirstDeath.WaitAsync(DeathLimit, cancellationToken);
        });
    }

    /// <summary>A day that a seed makes up.</summary>
    /// <param name="engine">A real engine; null plays one.</param>
    /// <param name="seed">Decides the day.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<IReadOnlyList<string>> OfSeedAsync(
        DockerEngine? engine, int seed, CancellationToken cancellationToken)
    {
        var name = NewName();
        IRunEngine own = engine is null ? await PlayedRunEngine.StartAsync() : new RealRunEngine(engine, name);
        await using var rig = new DroverRig(name, own, cancellationToken);
        var day = new SeededDay(rig, new Random(seed), cancellationToken);
        var found = await ConcludeAsync(rig, day.LiveAsync);
        return found.Count == 0
            ? found
            : [string.Create(CultureInfo.InvariantCulture, $"seed {seed} ({day.Story})"), .. found];
    }

    /// <summary>A day on another machine, which a test makes up.</summary>
    public static async Task<IReadOnlyList<string>> OnAsync(
        DockerEngine engine,
        NetworkNamespace machine,
        Func<DroverRig, Task> day,
        CancellationToken cancellationToken)
    {
        var name = NewName();
        await using var rig = new DroverRig(
            name, new RealRunEngine(engine, name), cancellationToken, far: machine);
        return await ConcludeAsync(rig, () => day(rig));
    }

    private static string NewName() => $"r{Guid.NewGuid().ToString("N")[..8]}";

    private static async Task<IReadOnlyList<string>> ConcludeAsync(DroverRig rig, Func<Task> day)
    {
        try
        {
            await day();
            var ledger = await rig.SettleAsync();
            var found = LedgerChecker.Check(ledger).ToList();
            var integrity = await rig.CheckDatabaseAsync();
            if (integrity != "ok")
            {
                found.Add($"the database is damaged: {integrity}");
            }

            if (AuditFile.Verify(rig.DatabasePath, null) is AuditVerdict.Broken broken)
            {
                found.Add($"the audit is broken at {broken.Ordinal}: {broken.Why}");
            }

            return found.Count == 0
                ? found
                : [.. found, LedgerText.Of(ledger), rig.Server.Printed, rig.Agent.Printed];
        }
        catch (TimeoutException error)
        {
            return
            [
                error.Message, .. rig.Server.Complaints, .. rig.Agent.Complaints, await rig.StandingAsync(),
                rig.Server.Printed, rig.Agent.Printed,
            ];
        }
    }
}
