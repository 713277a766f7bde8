using Drover.Core.Components;
using Drover.Core.Events;
using Drover.Supervisor.Components;
using Drover.Supervisor.Daemon;
using Drover.Supervisor.Logs;

namespace Drover.Supervisor.Tests.Daemon;

/// <summary>What leaves for the server: the closed set, bounded, secrets taken out.</summary>
public sealed class SupervisorEventsTests
{
    [Fact]
    public void Secrets_in_a_message_stay_here_and_long_ones_are_cut()
    {
        var told = SupervisorEvents.Of(Exited($"exec probe said: password=hunter2 {new string('x', 5000)}"));

        var message = told.Data!.Value.GetProperty("message").GetString()!;
        Assert.DoesNotContain("hunter2", message, StringComparison.Ordinal);
        Assert.InRange(message.Length, 1, 1000);
        Assert.Equal(7, told.Data.Value.GetProperty("instance").GetInt64());
        Assert.Equal(("component.exited", "web", "warning"), (told.Type, told.Subject, told.Severity));
    }

    [Fact]
    public void Every_notice_of_the_logs_is_an_alert_of_the_closed_set()
    {
        (LogNotice Notice, string Type, string Subject)[] all =
        [
            (new LogNotice.DiskFull("m"), "alert.disk_full", "logs"),
            (new LogNotice.DiskFree("m"), "alert.disk_free", "logs"),
            (new LogNotice.CannotRotate("m"), "alert.log_unbounded", "logs"),
            (new LogNotice.TooLarge("web", 9, "m"), "alert.log_unbounded", "web"),
            (new LogNotice.Replaced("web", "m"), "alert.log_replaced", "web"),
            (new LogNotice.Failed("web", "m"), "alert.log_failed", "web"),
            (new LogNotice.Resumed("web", "m"), "alert.log_resumed", "web"),
        ];

        Assert.Equal(typeof(LogNotice).GetNestedTypes(System.Reflection.BindingFlags.NonPublic).Length, all.Length);
        Assert.All(all, one =>
        {
            var told = SupervisorEvents.Of(one.Notice, DateTimeOffset.UnixEpoch);
            Assert.NotNull(EventTypes.Find(told.Type));
            Assert.Equal((one.Type, one.Subject), (told.Type, told.Subject));
            Assert.Equal(one.Notice.Message, told.Data!.Value.GetProperty("message").GetString());
        });
    }

    private static ComponentEvent Exited(string message) => new(
        DateTimeOffset.UnixEpoch,
        new ComponentId("web"),
        EventTypes.ComponentExited,
        [new EventField("instance", "7"), new EventField("message", message)]);
}
