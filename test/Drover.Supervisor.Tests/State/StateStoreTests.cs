using System.Text;
using System.Text.Json;
using Drover.Core.Components;
using Drover.Core.Health;
using Drover.Runtime.Processes;
using Drover.Supervisor.State;
using Drover.Testing.Agents;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Supervisor.Tests.State;

public sealed class StateStoreTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string Path => _directory.File("web.state");

    public static TheoryData<EndCause> Causes() =>
    [
        new EndCause.Exit(3), new EndCause.Signal("SIGSEGV", CoreDumped: true), new EndCause.OutOfMemory(),
        new EndCause.Probe(ProbeKind.Startup, "refused"), new EndCause.Probe(ProbeKind.Liveness, "503"),
        new EndCause.FailedStart("no such file"), new EndCause.LoaderError("GLIBC_2.38 not found"),
        new EndCause.Operator(), new EndCause.Unknown(),
    ];

    [Fact]
    public void Everything_a_component_has_lived_through_comes_back()
    {
        var record = Full(7);
        using (var store = Open())
        {
            store.Write(record);
        }

        using var again = Open();
        var read = Assert.IsType<ComponentRecord>(again.Recorded);
        Assert.Equal(record.Runtime.Ledger.Times, read.Runtime.Ledger.Times);
        Assert.Equal(
            record with { Runtime = record.Runtime with { Ledger = RestartLedger.Empty } },
            read with { Runtime = read.Runtime with { Ledger = RestartLedger.Empty } });
    }

    [Theory]
    [MemberData(nameof(Causes))]
    public void Every_cause_comes_back(EndCause cause)
    {
        using (var store = Open())
        {
            store.Write(Full(1) with { Runtime = new ComponentRuntime { LastCause = cause } });
        }

        using var again = Open();
        Assert.Equal(cause, again.Recorded?.Runtime.LastCause);
    }

    [Fact]
    public void A_file_cut_at_any_byte_gives_the_last_whole_record()
    {
        long first;
        using (var store = Open())
        {
            store.Write(Full(1));
            first = new FileInfo(Path).Length;
            store.Write(Full(2));
        }

        var whole = File.ReadAllBytes(Path);
        for (var length = 0; length <= whole.Length; length++)
        {
            File.WriteAllBytes(Path, whole[..length]);
            using var store = Open();
            long? expected = length == whole.Length ? 2 : length >= first ? 1 : null;
            Assert.Equal(expected, store.Recorded?.Runtime.Instance);

            // And it can be written to again.
            store.Write(Full(3));
            Assert.Equal(3, Reread()?.Runtime.Instance);
        }
    }

    [Fact]
    public void A_file_of_anything_is_no_reason_not_to_start()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var bytes = new byte[seed * 7];
            new Random(seed).NextBytes(bytes);
            File.WriteAllBytes(Path, bytes);
            using var store = Open();
            Assert.Null(store.Recorded);
        }
    }

    [Fact]
    public void A_record_of_a_later_version_is_not_taken_for_one_of_ours()
    {
        using (var store = Open())
        {
            store.Write(Full(1) with { Version = ComponentRecord.CurrentVersion + 1 });
        }

        using var again = Open();
        Assert.Null(again.Recorded);
    }

    [Fact]
    public void Ten_thousand_restarts_leave_a_file_of_bounded_size()
    {
        using var store = Open();
        for (var instance = 1; instance <= 10_000; instance++)
        {
            store.Write(Full(instance));
            store.Tidy();
            Assert.InRange(new FileInfo(Path).Length, 1, 300 << 10);
        }

        Assert.Equal(10_000, Reread()?.Runtime.Instance);
    }

    [Fact]
    public void What_is_written_twice_is_on_disk_once()
    {
        using var store = Open();
        store.Write(Full(1));
        var length = new FileInfo(Path).Length;
        store.Write(Full(1));
        Assert.Equal(length, new FileInfo(Path).Length);
    }

    [Fact]
    public void A_full_disk_stops_nothing_and_is_written_to_again_when_it_has_room()
    {
        using var disk = new SmallDisk(megabytes: 1);
        var path = System.IO.Path.Combine(disk.Path, "web.state");
        using var store = StateStore.Open(path, NullLogger.Instance);
        store.Write(Full(1));
        disk.Fill();
        for (var instance = 2; instance < 20; instance++)
        {
            store.Write(Full(instance));
        }

        disk.Free();
        store.Write(Full(20));
        var copy = _directory.File("copy");
        File.Copy(path, copy);
        Assert.Equal(20, StateStore.Peek(copy, NullLogger.Instance)?.Runtime.Instance);
    }

    [Fact]
    public void What_a_full_disk_refused_is_written_when_it_has_room_although_nothing_else_happens()
    {
        using var disk = new SmallDisk(megabytes: 1);
        var path = System.IO.Path.Combine(disk.Path, "web.state");
        using var store = StateStore.Open(path, NullLogger.Instance);
        disk.Fill();
        var instance = 0;
        while (store.Trouble is null && instance < 100)
        {
            store.Write(Full(++instance));
        }

        Assert.Equal("the disk is full; make room on it", store.Trouble);
        store.WriteAgain();
        Assert.NotNull(store.Trouble);

        disk.Free();
        store.WriteAgain();

        Assert.Null(store.Trouble);
        var copy = _directory.File("copy");
        File.Copy(path, copy);
        Assert.Equal(instance, StateStore.Peek(copy, NullLogger.Instance)?.Runtime.Instance);
    }

    [Fact]
    public void The_form_on_disk_is_this_one_and_another_takes_another_version()
    {
        var json = Encoding.UTF8.GetString(
            JsonSerializer.SerializeToUtf8Bytes(Full(7), StateJson.Default.ComponentRecord));
        Assert.Equal(
            """
            {"version":1,"boot":"b","awaits_start":true,"runtime":{"state":"backoff","phase":"alive","instance":7,"started_at":"00:00:05","epoch":4,"wake_at":"1.00:00:00.1234567","purpose":"recover","was_good_run":true,"kills":2,"bad_runs":3,"is_retry":true,"ledger":{"times":["00:00:01","00:00:02"]},"restarts":9,"last_restart_at":"00:00:02","last_restart_cause":{"word":"oom"},"last_cause":{"word":"exit","code":3}},"health":{"phase":"running","instance":7,"started":true,"ready":true,"epoch":11,"liveness":{"result":"success","last_outcome":"failure","in_a_row":2,"message":"refused","on_hold":true,"due":"00:00:09","running_since":"00:00:08","epoch":10,"anchor":"00:00:01"}},"instance":{"instance":7,"process":{"boot_id":"b","pid":42,"start_time":12345,"inode":99},"control_group":"web","log_from":0,"launch":"abc"},"last_error":"exited with code 3"}
            """,
            json);
    }

    public void Dispose() => _directory.Dispose();

    private static ComponentRecord Full(long instance) => new()
    {
        Boot = "b",
        AwaitsStart = true,
        Runtime = new ComponentRuntime
        {
            State = ComponentState.Backoff,
            Phase = InstancePhase.Alive,
            Instance = instance,
            StartedAt = TimeSpan.FromSeconds(5),
            Epoch = 4,
            WakeAt = TimeSpan.FromDays(1) + TimeSpan.FromTicks(1234567),
            Purpose = StopPurpose.Recover,
            WasGoodRun = true,
            Kills = 2,
            BadRuns = 3,
            IsRetry = true,
            Ledger = new RestartLedger([TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)]),
            Restarts = 9,
            LastRestartAt = TimeSpan.FromSeconds(2),
            LastRestartCause = new EndCause.OutOfMemory(),
            LastCause = new EndCause.Exit(3),
        },
        Health = new HealthState(HealthPhase.Running, instance, true, true, 11, null, Probe(), null),
        Instance = new InstanceRecord
        {
            Instance = instance,
            Process = new ProcessIdentity("b", 42, 12345, 99),
            ControlGroup = "web",
            Launch = "abc",
        },
        LastError = "exited with code 3",
    };

    private static ProbeState Probe() => new(ProbeResult.Success, ProbeOutcome.Failure, 2, "refused")
    {
        OnHold = true,
        Due = TimeSpan.FromSeconds(9),
        RunningSince = TimeSpan.FromSeconds(8),
        Epoch = 10,
        Anchor = TimeSpan.FromSeconds(1),
    };

    private StateStore Open() => StateStore.Open(Path, NullLogger.Instance);

    private ComponentRecord? Reread()
    {
        var copy = _directory.File("copy");
        File.Copy(Path, copy, overwrite: true);
        return StateStore.Peek(copy, NullLogger.Instance);
    }
}
