using Drover.Runtime.Processes;
using Drover.Supervisor.Components;
using Drover.Supervisor.State;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Supervisor.Tests.Components;

/// <summary>What the driver of processes makes of ends that do not come, and of looks that fail.</summary>
public sealed class ProcessDriverTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly PlayedProcesses _processes = new();
    private readonly KeptReports _reports = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_error_that_passes_while_an_end_is_looked_into_is_told_and_the_end_is_reported_after_all()
    {
        await using var driver = Driver();
        driver.Launch(7);
        _processes.Hindrance = new IOException("Too many open files: '/proc'");
        _processes.End(3);
        await UntilAsync(() => _reports.Said.Count >= 3);
        Assert.Equal("7 launched", _reports.Said[0]);
        Assert.All(
            _reports.Said.Skip(1),
            said => Assert.Equal(
                "7 objected: cannot tell whether all of instance 7 has ended: Too many open files: '/proc'; it is "
                    + "tried again every second, and nothing is started before",
                said));

        _processes.Hindrance = null;
        await UntilAsync(() => _reports.Said[^1] == "7 exited: exited with code 3");
        Assert.Single(_reports.Said, said => said.Contains("exited:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_a_start_cannot_end_is_named_at_once_and_its_end_is_reported_when_it_comes()
    {
        await using var driver = Driver();
        _processes.Survivors = [new Survivor(1234, "helper", 'D', "it waits in the kernel")];
        var recovery = await driver.RecoverAsync(7, Recorded, Token).WaitAsync(Limit, Token);

        var ending = Assert.IsType<Recovery.Ending>(recovery);
        Assert.Equal("exited with code 3", ending.Cause?.Message);
        Assert.Equal(
            "7 survived: process 1234 (helper, state D): it waits in the kernel", Assert.Single(_reports.Said));

        _processes.Survivors = [];
        await UntilAsync(() => _reports.Said[^1] == "7 exited: exited with code 3");
    }

    [Fact]
    public async Task A_start_that_cannot_look_for_what_is_left_starts_all_the_same_and_looks_again()
    {
        await using var driver = Driver();
        _processes.Hindrance = new IOException("Too many open files: '/proc'");
        Assert.IsType<Recovery.Ending>(await driver.RecoverAsync(7, Recorded, Token).WaitAsync(Limit, Token));
        Assert.Contains("Too many open files", Assert.Single(_reports.Said), StringComparison.Ordinal);

        _processes.Hindrance = null;
        await UntilAsync(() => _reports.Said[^1] == "7 exited: exited with code 3");
    }

    [Fact]
    public async Task A_living_mark_of_a_number_that_no_record_has_is_ended_before_the_next_launch_however_long()
    {
        await using var driver = Driver("supervisor/web/9");
        _processes.Survivors = [new Survivor(1234, "helper", 'D', "it waits in the kernel")];
        var ending = Assert.IsType<Recovery.Ending>(await driver.RecoverAsync(0, record: null, Token));
        Assert.Equal(9, ending.LastSeen);

        _processes.Survivors = [];
        await UntilAsync(() => _reports.Said[^1].StartsWith("9 exited", StringComparison.Ordinal));
    }

    public void Dispose() => _processes.Dispose();

    private InstanceRecord Recorded => new() { Instance = 7, Process = _processes.Identity };

    private ProcessDriver Driver(params string[] marks) => new(
        new ProcessDriverParts
        {
            Component = "web",
            SupervisorId = "supervisor",
            Launcher = _processes,
            Log = _processes,
            MarksFound = () => marks,
            Clock = new MonotonicClock(TimeProvider.System),
            Logger = NullLogger.Instance,
        },
        () => new LaunchSpec { Executable = "/bin/true", Environment = new Dictionary<string, string>() },
        () => "digest",
        _reports);

    private static async Task UntilAsync(Func<bool> condition)
    {
        var deadline = DateTime.UtcNow + Limit;
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < deadline, "waited in vain");
            await Task.Delay(5, Token);
        }
    }
}
