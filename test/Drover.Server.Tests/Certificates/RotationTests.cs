using System.Net;
using Drover.Core.Trust;
using Drover.Testing.Agents;
using Drover.Testing.Docker;
using Drover.Testing.Server;
using Drover.Testing.Time;
using Drover.Testing.Tls;
using Drover.Wire;
using Drover.Wire.People;

namespace Drover.Server.Tests.Certificates;

/// <summary>A certificate with another key is announced first and used later.</summary>
public sealed class RotationTests
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(6);

    [Fact]
    public async Task A_rotation_is_announced_in_signed_answers_until_the_host_knows_it_and_then_used()
    {
        var clock = new FakeClock();
        await using var server = await ServerFixture.StartAsync(clock, TlsListenerTests.OffLoopback);
        var before = server.Role.Pin;
        var agent = await server.EnrollAsync();

        var announced = await RotateAsync(server, TimeSpan.FromHours(1));
        Assert.Equal(before, announced.Pin);
        Assert.Equal(["alpha"], announced.Next!.HostsWaiting);
        var next = announced.Next.Pin;

        var answer = await agent.HeartbeatAsync();
        Assert.Equal([next], answer.NextPins!);
        Assert.True(PinAnnouncement.Verify(
            agent.Key, agent.HostId, agent.Run, agent.HeartbeatSeq, answer.NextPins!, answer.PinsMac));

        agent.NextPin = next;
        Assert.Null((await agent.HeartbeatAsync()).NextPins);
        Assert.Equal((1, 0), await KnownAsync(server));

        await clock.PassAsync(TimeSpan.FromHours(1) + Look);
        await UntilAsync(() => server.Role.Pin == next, "the new certificate is used");
        Assert.Null((await agent.HeartbeatAsync()).NextPins);
        Assert.Contains(await server.OnSocket().EventsAsync(), one => one.Type == "access.certificate_switched");

        await server.RestartAsync();
        Assert.Equal(next, server.Role.Pin);
    }

    [Fact]
    public async Task A_rotation_survives_a_restart_and_asking_again_only_moves_its_time()
    {
        var clock = new FakeClock();
        await using var server = await ServerFixture.StartAsync(clock, TlsListenerTests.OffLoopback);
        var next = (await RotateAsync(server, TimeSpan.FromDays(1))).Next!.Pin;

        await server.RestartAsync();
        Assert.Equal(next, (await CertificateAsync(server)).Next!.Pin);

        var sooner = await RotateAsync(server, TimeSpan.Zero);
        Assert.Equal((next, null), (sooner.Pin, sooner.Next));
        Assert.Equal(next, server.Role.Pin);
    }

    [Fact]
    public async Task An_announcement_that_will_not_come_true_is_taken_back()
    {
        await using var server = await ServerFixture.StartAsync(configure: TlsListenerTests.OffLoopback);
        var agent = await server.EnrollAsync();
        using var other = TestCertificate.Make();

        agent.NextPin = other.Pin.ToString();
        var answer = await agent.HeartbeatAsync();

        Assert.Empty(answer.NextPins!);
        Assert.True(PinAnnouncement.Verify(
            agent.Key, agent.HostId, agent.Run, agent.HeartbeatSeq, [], answer.PinsMac));
    }

    [Fact]
    public async Task A_certificate_near_its_end_is_followed_by_another_ahead_of_time_without_anybody_asking()
    {
        var clock = new FakeClock();
        await using var server = await ServerFixture.StartAsync(clock, TlsListenerTests.OffLoopback);
        var before = server.Role.Pin;

        clock.JumpWallClock(TimeSpan.FromDays(3650 - 89));
        clock.Advance(Look);
        await UntilAsync(async () => (await CertificateAsync(server)).Next is not null, "a follower is announced");
        Assert.Equal(before, server.Role.Pin);

        // The runner may still be busy with its last look when the clock moves, and sleep only then.
        clock.JumpWallClock(TimeSpan.FromDays(61));
        await UntilAsync(
            () =>
            {
                clock.Advance(Look);
                return server.Role.Pin != before;
            },
            "the follower is used");
        var audit = await server.Admin().GetStringAsync(Routes.Audit, TestContext.Current.CancellationToken);
        Assert.Contains("certificate renewal", audit, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replaced_files_are_used_without_a_restart_and_another_key_is_announced_first()
    {
        using var directory = new TemporaryDirectory();
        var (certificate, key) = (directory.File("tls.crt"), directory.File("tls.key"));
        using var first = TestCertificate.Make(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
        first.WriteTo(certificate, key);
        await using var server = await ServerFixture.StartAsync(configure: options => options with
        {
            TlsCertificatePath = certificate,
            TlsKeyPath = key,
            TlsRotationGrace = TimeSpan.FromSeconds(2),
        });
        Assert.Equal($"{first.Pin}", server.Role.Pin);
        var agent = await server.EnrollAsync();

        var end = DateTimeOffset.UtcNow.AddDays(30);
        using var renewed = first.Renewed(DateTimeOffset.UtcNow.AddDays(-1), end);
        renewed.WriteTo(certificate, key);
        await UntilAsync(
            async () => (await CertificateAsync(server)).NotAfter > DateTimeOffset.UtcNow.AddDays(3), "the renewal");

        await File.WriteAllTextAsync(certificate, "half a fi", TestContext.Current.CancellationToken);
        using var second = TestCertificate.Make();
        await File.WriteAllTextAsync(key, second.KeyPem, TestContext.Current.CancellationToken);
        Assert.Equal($"{first.Pin}", server.Role.Pin);

        second.WriteTo(certificate, key);
        await UntilAsync(
            async () => (await CertificateAsync(server)).Next?.Pin == $"{second.Pin}"
                && (await agent.HeartbeatAsync()).NextPins is [var next] && next == $"{second.Pin}",
            "the other key is announced");
        await UntilAsync(() => server.Role.Pin == $"{second.Pin}", "the other key is used");
    }

    [Fact]
    public async Task What_cannot_be_rotated_says_what_to_do_instead()
    {
        await using var plain = await ServerFixture.StartAsync();
        var problem = await TryRotateAsync(plain, "{}").ProblemAsync(HttpStatusCode.Conflict, Problems.Conflict);
        Assert.Contains("without TLS", problem.Detail, StringComparison.Ordinal);

        using var directory = new TemporaryDirectory();
        var (certificate, key) = (directory.File("tls.crt"), directory.File("tls.key"));
        using var given = TestCertificate.Make();
        given.WriteTo(certificate, key);
        await using var files = await ServerFixture.StartAsync(
            configure: options => options with { TlsCertificatePath = certificate, TlsKeyPath = key });
        problem = await TryRotateAsync(files, "{}").ProblemAsync(HttpStatusCode.Conflict, Problems.Conflict);
        Assert.Contains("replace those", problem.Detail, StringComparison.Ordinal);
        await TryRotateAsync(files, """{"after_seconds":-1}""")
            .ProblemAsync(HttpStatusCode.BadRequest, Problems.InvalidRequest);
    }

    private static Task<HttpResponseMessage> TryRotateAsync(ServerFixture server, string body) =>
        server.OnSocket().PostAsync(
            Routes.CertificateRotation, ServerFixture.JsonContent(body), TestContext.Current.CancellationToken);

    private static Task<CertificateDto> RotateAsync(ServerFixture server, TimeSpan after) => ServerFixture.PostAsync(
        server.OnSocket(),
        Routes.CertificateRotation,
        new RotateCertificateRequest((long)after.TotalSeconds),
        WireJson.Default.RotateCertificateRequest,
        WireJson.Default.CertificateDto);

    private static Task<CertificateDto> CertificateAsync(ServerFixture server) =>
        ServerFixture.GetAsync(server.OnSocket(), Routes.Certificate, WireJson.Default.CertificateDto);

    private static async Task<(int Ready, int Waiting)> KnownAsync(ServerFixture server)
    {
        var next = (await CertificateAsync(server)).Next!;
        return (next.HostsReady, next.HostsWaiting.Count);
    }

    private static Task UntilAsync(Func<bool> condition, string what) =>
        UntilAsync(() => Task.FromResult(condition()), what);

    private static Task UntilAsync(Func<Task<bool>> condition, string what) =>
        Eventually.TrueAsync(condition, what, TestContext.Current.CancellationToken);
}
