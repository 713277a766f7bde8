using Drover.Wire.Commands;

namespace Drover.HostAgent.Tests.Commands;

/// <summary>Whose a command is while it waits on the host for its turn.</summary>
public sealed class LeaseTests : IAsyncLifetime
{
    private const string Web = """{"app_code":"web"}""";

    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CommandRig _rig = null!;
    private CommandDto _first = null!;
    private CommandDto _second = null!;

    /// <summary>One restart runs until released, and another waits behind it.</summary>
    public async ValueTask InitializeAsync()
    {
        _rig = await CommandRig.CreateAsync();
        _rig.Docker.AddContainer("web");
        _rig.Engine.Before = (call, _, token) =>
            call == "restart" ? _release.Task.WaitAsync(token) : Task.CompletedTask;
        _rig.Start();
        _first = _rig.Server.Deliver("restart", Web);
        await CommandRig.UntilAsync(() => !_rig.Server.Renewals.IsEmpty, "the first begins");
        _second = _rig.Server.Deliver("restart", Web);
        await CommandRig.UntilAsync(() => _rig.Server.Waits == 3, "the second was taken");
    }

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task A_command_whose_lease_ran_out_while_no_renewal_got_through_is_not_begun()
    {
        _rig.Server.RenewalRefusal = () => ScriptedServer.Away;
        _rig.Clock.Advance(TimeSpan.FromSeconds(60));
        await ReleaseAsync();

        Assert.Equal(1, _rig.Engine.Count("restart"));
        Assert.DoesNotContain(_rig.Server.Reports, report => report.CommandId == _second.CommandId);
    }

    [Fact]
    public async Task A_command_whose_lease_ran_out_while_the_machine_slept_is_not_begun()
    {
        _rig.Clock.JumpWallClock(TimeSpan.FromHours(1));
        await ReleaseAsync();

        Assert.Equal(1, _rig.Engine.Count("restart"));
    }

    [Fact]
    public async Task A_command_whose_lease_was_renewed_is_begun_however_long_it_waited()
    {
        for (var renewals = 0; renewals < 6; renewals++)
        {
            var before = _rig.Server.Renewals.Count;
            await _rig.Clock.WaitForTimerAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
            _rig.Clock.Advance(TimeSpan.FromSeconds(20));
            await CommandRig.UntilAsync(() => _rig.Server.Renewals.Count > before, "a renewal");
        }

        await ReleaseAsync();
        await _rig.ReportOfAsync(_second.CommandId);

        Assert.Equal(2, _rig.Engine.Count("restart"));
    }

    [Fact]
    public async Task A_command_that_is_delivered_again_while_it_waits_has_a_new_lease()
    {
        _rig.Server.RenewalRefusal = () => ScriptedServer.Away;
        _rig.Clock.Advance(TimeSpan.FromSeconds(60));
        _rig.Server.Deliver(_second);
        await CommandRig.UntilAsync(() => _rig.Server.Waits == 4, "it was taken again");
        await _rig.ExecuteAsync("health", Web);
        await ReleaseAsync();
        await _rig.ReportOfAsync(_second.CommandId);

        Assert.Equal(2, _rig.Engine.Count("restart"));
        Assert.Single(_rig.Server.Reports, report => report.CommandId == _second.CommandId);
    }

    private async Task ReleaseAsync()
    {
        _release.SetResult();
        await _rig.ReportOfAsync(_first.CommandId);
        await _rig.ExecuteAsync("stop", Web);
    }
}
