using System.Text.Json;
using Drover.Testing.Agents;
using Drover.Testing.Tls;
using Drover.Wire;
using Drover.Wire.Agents;

namespace Drover.HostAgent.Tests.Trust;

/// <summary>What a host agent makes of its server's certificate.</summary>
public sealed class PinTests : IAsyncLifetime
{
    private readonly TestCertificate _certificate = TestCertificate.Make();
    private AgentBench _bench = null!;

    public async ValueTask InitializeAsync() => _bench = await AgentBench.SetUpAsync(_certificate);

    public async ValueTask DisposeAsync()
    {
        await _bench.DisposeAsync();
        _certificate.Dispose();
    }

    [Fact]
    public async Task With_the_right_pin_a_host_enrolls_over_tls_and_the_pin_is_saved()
    {
        await _bench.KillAsync(await _bench.StartAsync(Pinned(_certificate) with { Once = true }));
        Assert.Equal($"{_certificate.Pin}", Saved().ServerPin);

        await _bench.StartAsync(Pinned(_certificate) with { ServerPin = null, EnrollToken = null, Server = null });
        await HeartbeatsAsync();
    }

    [Fact]
    public async Task A_wrong_pin_ends_the_enrollment_at_once_and_the_token_never_leaves()
    {
        using var other = TestCertificate.Make();
        var refused = await Assert.ThrowsAsync<HostAgentStartException>(() => _bench.StartAsync(Pinned(other)));

        Assert.Contains($"pinned {other.Pin}, shown {_certificate.Pin}", refused.Message, StringComparison.Ordinal);
        Assert.Contains("drover server certificate show", refused.Message, StringComparison.Ordinal);
        Assert.Empty(_bench.Server.Enrollments);
    }

    [Fact]
    public async Task Without_a_pin_a_certificate_that_no_authority_signed_is_refused_and_its_pin_shown()
    {
        var refused = await Assert.ThrowsAsync<HostAgentStartException>(
            () => _bench.StartAsync(_bench.Options() with { ServerPin = null }));

        Assert.Contains("no authority this machine trusts signed its certificate", refused.Message);
        Assert.Contains($"{_certificate.Pin}", refused.Message, StringComparison.Ordinal);
        Assert.Empty(_bench.Server.Enrollments);
    }

    [Fact]
    public async Task An_expired_certificate_is_refused_without_a_pin_and_no_matter_with_one()
    {
        using var expired = _certificate.Renewed(DateTimeOffset.UtcNow.AddDays(-9), DateTimeOffset.UtcNow.AddDays(-2));
        _bench.Server.Certificate = expired;

        var refused = await Assert.ThrowsAsync<HostAgentStartException>(
            () => _bench.StartAsync(_bench.Options() with { ServerPin = null }));
        Assert.Contains("its certificate expired on ", refused.Message, StringComparison.Ordinal);

        // A host whose clock is wrong by years must still find its server: the key is what counts.
        await _bench.StartAsync(Pinned(_certificate));
        await HeartbeatsAsync();
    }

    [Fact]
    public async Task A_pin_that_is_none_is_refused_by_its_key()
    {
        var refused = await Assert.ThrowsAsync<HostAgentStartException>(
            () => _bench.StartAsync(_bench.Options() with { ServerPin = "sha256:short" }));
        Assert.StartsWith(
            "cannot use host_agent.server_pin \"sha256:short\": it must be sha256: and 43", refused.Message);
    }

    [Fact]
    public async Task A_rotation_announced_ahead_is_on_disk_before_the_switch_and_followed_by_itself()
    {
        using var next = TestCertificate.Make();
        await _bench.StartAsync(Pinned(_certificate));
        _bench.Server.NextIn = 1;
        _bench.Server.NextPins = [$"{next.Pin}"];
        await AgentBench.UntilAsync(
            () => Saved().NextPins is [var kept] && kept == $"{next.Pin}", "the next pin is kept");
        await AgentBench.UntilAsync(
            () => _bench.Server.Heartbeats.Any(one => one.Beat.NextPin == $"{next.Pin}"), "the host says so");
        Assert.Equal($"{_certificate.Pin}", Saved().ServerPin);

        await SwitchToAsync(next);
        await AgentBench.UntilAsync(() => Saved().ServerPin == $"{next.Pin}", "the host followed");
        Assert.Null(Saved().NextPins);
    }

    [Fact]
    public async Task A_host_that_was_off_during_the_switch_follows_when_it_was_told_before()
    {
        using var next = TestCertificate.Make();
        var agent = await _bench.StartAsync(Pinned(_certificate));
        _bench.Server.NextIn = 1;
        _bench.Server.NextPins = [$"{next.Pin}"];
        await AgentBench.UntilAsync(() => Saved().NextPins is not null, "the next pin is kept");
        await _bench.KillAsync(agent);

        await SwitchToAsync(next);
        await _bench.StartAsync(Pinned(_certificate) with { ServerPin = null, EnrollToken = null });
        await AgentBench.UntilAsync(() => Saved().ServerPin == $"{next.Pin}", "the host followed");
    }

    [Fact]
    public async Task An_announcement_that_the_server_did_not_make_changes_nothing_and_one_taken_back_is_forgotten()
    {
        using var next = TestCertificate.Make();
        await _bench.StartAsync(Pinned(_certificate));
        _bench.Server.NextIn = 1;
        _bench.Server.ForgesAnnouncements = true;
        _bench.Server.NextPins = [$"{next.Pin}"];
        await HeartbeatsAsync(3);
        Assert.Null(Saved().NextPins);

        _bench.Server.ForgesAnnouncements = false;
        await AgentBench.UntilAsync(() => Saved().NextPins is not null, "the true one is kept");
        _bench.Server.NextPins = [];
        await AgentBench.UntilAsync(() => Saved().NextPins is null, "it is taken back");
    }

    [Fact]
    public async Task A_key_changed_without_a_word_cuts_the_host_off_until_it_is_given_the_new_pin()
    {
        using var stranger = TestCertificate.Make();
        var agent = await _bench.StartAsync(Pinned(_certificate));
        await HeartbeatsAsync();
        await SwitchToAsync(stranger);
        var refused = _bench.Server.Heartbeats.Count;
        await _bench.KillAsync(agent);

        var again = await _bench.StartAsync(Pinned(_certificate) with { ServerPin = null, EnrollToken = null });
        await _bench.KillAsync(again);
        Assert.Equal(refused, _bench.Server.Heartbeats.Count);
        Assert.Equal($"{_certificate.Pin}", Saved().ServerPin);

        await _bench.StartAsync(Pinned(stranger) with { EnrollToken = null });
        await AgentBench.UntilAsync(() => Saved().ServerPin == $"{stranger.Pin}", "the new pin is kept");
    }

    [Fact]
    public async Task A_server_that_moved_is_found_again_by_its_new_address_which_is_kept_once_it_answered()
    {
        var agent = await _bench.StartAsync(Pinned(_certificate));
        await HeartbeatsAsync();
        await _bench.KillAsync(agent);
        var byName = new Uri($"https://localhost:{_bench.Server.Address.Port}");

        await _bench.StartAsync(Pinned(_certificate) with { Server = byName, EnrollToken = null, ServerPin = null });
        await AgentBench.UntilAsync(
            () => Saved().Server == byName.GetLeftPart(UriPartial.Authority), "the new address is kept");
        Assert.Single(_bench.Server.Enrollments);
    }

    private HostAgentOptions Pinned(TestCertificate certificate) =>
        _bench.Options() with { ServerPin = $"{certificate.Pin}" };

    private AgentCredentials Saved() =>
        JsonSerializer.Deserialize(
            File.ReadAllBytes(_bench.Data.File("agent.json")), WireJson.Default.AgentCredentials)!;

    private Task HeartbeatsAsync(int more = 1)
    {
        var wanted = _bench.Server.Heartbeats.Count + more;
        return AgentBench.UntilAsync(() => _bench.Server.Heartbeats.Count >= wanted, "heartbeats are answered");
    }

    /// <summary>The server shows another certificate, on connections that are made anew.</summary>
    private async Task SwitchToAsync(TestCertificate next)
    {
        _bench.Server.Certificate = next;
        _bench.Server.NextPins = null;
        await _bench.Server.GoAwayAsync();
        await _bench.Server.ComeBackAsync();
    }
}
