using System.Globalization;
using Drover.Core.Health;
using Drover.Runtime.Probing;
using Drover.Runtime.Processes;
using Drover.Testing.Docker;

namespace Drover.Runtime.Tests.Probing;

/// <summary>The table of kinds, and the process probe, which needs no world of its own.</summary>
public sealed class ProbeTypesTests
{
    [Fact]
    public void Every_kind_of_probe_is_in_the_table_with_when_to_use_it()
    {
        var kinds = typeof(ProbeTarget).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(ProbeTarget)))
            .Select(type => type.Name.ToUpperInvariant());

        Assert.Equal(
            kinds.Order(),
            ProbeTypes.All
                .Select(type => type.Name.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant())
                .Order());
        Assert.All(ProbeTypes.All, type => Assert.True(type.Meaning.EndsWith('.') && type.WhenToUse.EndsWith('.')));
        Assert.All(ProbeTypes.All, type => Assert.NotEmpty(type.AllowedKinds));
        Assert.All(
            ProbeTypes.All, type => Assert.Equal(type.AllowedKinds.Count < 3, type.Restriction.Length > 0));
    }

    [Fact]
    public void All_kinds_but_temporal_may_be_asked_for_anything()
    {
        var restricted = Assert.Single(ProbeTypes.All, type => type.AllowedKinds.Count < 3);

        Assert.Equal(("temporal", "readiness"), (restricted.Name, restricted.AllowedText));
        Assert.Equal("startup, liveness, readiness", ProbeTypes.All[0].AllowedText);
    }

    [Fact]
    public void A_new_kind_needs_no_change_to_the_factory()
    {
        var probe = new ProbeFactory(new ProbeServices(TimeProvider.System)).Create(new Coin());

        Assert.Equal("coin", probe.Description);
        Assert.Null(new Coin().Fault(ProbeKind.Liveness));
    }

    [Fact]
    public async Task A_process_that_lives_is_a_success()
    {
        (await Ask(Own)).Succeeded($"process {Environment.ProcessId} lives");
    }

    [Fact]
    public async Task A_process_of_the_same_number_that_is_another_one_is_a_failure()
    {
        var sentence = $"process {Environment.ProcessId} is another one by now; the instance's has ended";

        (await Ask(Own with { StartTime = Own.StartTime - 1 })).Failed(sentence);
        (await Ask(Own with { BootId = "an earlier boot" })).Failed(sentence);
    }

    [Fact]
    public async Task A_number_that_nobody_has_is_a_failure()
    {
        (await Ask(Own with { Pid = int.MaxValue })).Failed($"there is no process {int.MaxValue} any more");
    }

    [Fact]
    public async Task A_zombie_is_dead()
    {
        // The shell starts a child, becomes a program that does not care for children, and the child ends.
        using var parent = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo("sh", ["-c", "sleep 0.01 & echo $!; exec sleep 60"])
            {
                RedirectStandardOutput = true,
            })!;
        try
        {
            var line = await parent.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
            var pid = int.Parse(line!, CultureInfo.InvariantCulture);
            await Eventually.TrueAsync(
                () => Task.FromResult(ProcessStat.TryRead(pid) is { State: 'Z' }),
                "the child has ended",
                TestContext.Current.CancellationToken);

            (await Ask(Own with { Pid = pid, StartTime = ProcessStat.TryRead(pid)!.Value.StartTime }))
                .Failed($"process {pid} has ended and waits to be reaped (zombie)");
        }
        finally
        {
            parent.Kill();
        }
    }

    [Fact]
    public async Task A_component_without_a_process_cannot_be_looked_at()
    {
        (await new ProbeTarget.Process().AskAsync())
            .Erred("cannot look at the process: the component is not a process that was started here");
    }

    private static ProcessIdentity Own { get; } = new(
        ProcessIdentity.CurrentBootId,
        Environment.ProcessId,
        ProcessStat.TryRead(Environment.ProcessId)!.Value.StartTime,
        Inode: 0);

    private static Task<ProbeReport> Ask(ProcessIdentity process) =>
        new ProbeTarget.Process().Make().AskAsync(new ProbeSubject(1, process, null, ProbeBench.LongAgo));

    private sealed record Coin : ProbeTarget
    {
        public override ProbeType Type => new("coin", "It falls.", "Never.");

        internal override IProbe CreateProbe(ProbeServices services) => new CoinProbe();
    }

    private sealed class CoinProbe : IProbe
    {
        public string Description => "coin";

        public ValueTask<ProbeReport> RunAsync(ProbeSubject subject, CancellationToken cancellationToken) =>
            ValueTask.FromResult(new ProbeReport(ProbeOutcome.Success, "heads"));
    }
}
