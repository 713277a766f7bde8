using System.Net;
using Drover.Core.Events;
using Drover.Runtime.Configuration;
using Drover.Runtime.Events.Webhooks;
using Drover.Testing.Network;
using Microsoft.AspNetCore.Http;

namespace Drover.Runtime.Tests.Events.Webhooks;

/// <summary>Telling receivers, against real ones on loopback.</summary>
public sealed class WebhookTests : IAsyncDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly WebhookBench _bench = new();

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task Slack_and_webhook_alerts_reach_their_receivers_in_order_each_in_its_format()
    {
        await using var ops = await PlayedReceiver.StartAsync(0, Ending);
        await using var slack = await PlayedReceiver.StartAsync(0, Ending);
        await _bench.StartAsync(
            WebhookBench.Spec(ops.Address),
            WebhookBench.Spec(slack.Address, "slack") with { IsSlack = true, Events = ["agent.degraded"] });

        _bench.Publish(EventTypes.AgentWake, "dutybound", ("cause", "request"));
        _bench.Publish(EventTypes.AgentDegraded, "dutybound", ("message", "no such image"));
        _bench.Publish(EventTypes.AgentReady, "dutybound");
        await ops.WaitForAsync(3, Ending);
        await slack.WaitForAsync(1, Ending);

        Assert.Equal(["7-1", "7-2", "7-3"], ops.Ids);
        Assert.Equal("application/cloudevents+json; charset=utf-8", ops.All[0].Headers["content-type"]);
        Assert.Equal("agent.wake", ops.All[0].Json.GetProperty("type").GetString());
        Assert.False(ops.All[0].Headers.ContainsKey("webhook-signature"));
        Assert.Contains("agent.degraded", slack.All.Single().Json.GetProperty("text").GetString());
        Assert.Equal("application/json; charset=utf-8", slack.All[0].Headers["content-type"]);
    }

    [Fact]
    public async Task A_receiver_that_is_down_and_comes_back_has_lost_nothing_and_gets_it_in_order()
    {
        var gone = await PlayedReceiver.StartAsync(0, Ending);
        var address = gone.Address;
        await gone.DisposeAsync();
        await _bench.StartAsync(WebhookBench.Spec(address));

        _bench.PublishReady(50);
        await _bench.UntilAsync(status => status is { Waiting: 50, Failure: not null }, "a failure");
        Assert.Equal("it cannot be reached", _bench.Status().Failure);

        await using var back = await PlayedReceiver.StartAsync(address.Port, Ending);
        await _bench.AdvanceUntilAsync(() => back.All.Count >= 50, Second, "all events");
        Assert.Equal(Enumerable.Range(1, 50).Select(number => $"7-{number}"), back.Ids);
        await _bench.UntilAsync(status => status is { Waiting: 0, Failure: null, Delivered: 50 }, "all is well");
    }

    [Fact]
    public async Task A_restart_loses_nothing_that_waits()
    {
        await using var receiver = await PlayedReceiver.StartAsync(0, Ending);
        receiver.AnswerWith(HttpStatusCode.ServiceUnavailable);
        await _bench.StartAsync(WebhookBench.Spec(receiver.Address));
        _bench.PublishReady(3);
        await _bench.UntilAsync(status => status is { Waiting: 3, Failure: not null }, "a failure");
        await _bench.StopAsync();
        var tried = receiver.All.Count;

        receiver.AnswerWith(HttpStatusCode.NoContent);
        await _bench.StartAsync(WebhookBench.Spec(receiver.Address));
        _bench.PublishReady(1);
        await receiver.WaitForAsync(tried + 4, Ending);

        Assert.Equal(["7-1", "7-2", "7-3", "8-1"], receiver.Ids.Skip(tried));
    }

    [Fact]
    public async Task A_receiver_that_hangs_delays_nobody_and_is_given_up_after_its_time()
    {
        using var never = new SemaphoreSlim(0);
        await using var hanging = await PlayedReceiver.StartAsync(0, Ending);
        await using var well = await PlayedReceiver.StartAsync(0, Ending);
        hanging.Answer = (context, _) => never.WaitAsync(context.RequestAborted);
        await _bench.StartAsync(
            WebhookBench.Spec(hanging.Address, "hanging"), WebhookBench.Spec(well.Address, "well"));

        _bench.PublishReady(20);
        await well.WaitForAsync(20, Ending);
        await hanging.WaitForAsync(1, Ending);
        Assert.Null(_bench.Status("hanging").Failure);
        await _bench.Clock.WaitForTimerAsync(WebhookSpec.UsualTimeout, Ending);
        _bench.Clock.Advance(WebhookSpec.UsualTimeout);

        await _bench.UntilAsync(status => status.Failure is not null, "the end of patience", "hanging");
        Assert.Equal("it did not answer within 10 s", _bench.Status("hanging").Failure);
        Assert.Equal(20, _bench.Status("hanging").Waiting);
    }

    [Theory]
    [InlineData(HttpStatusCode.Gone)]
    [InlineData(HttpStatusCode.NotFound)]
    [InlineData(HttpStatusCode.BadRequest)]
    [InlineData(HttpStatusCode.Unauthorized)]
    public async Task What_a_receiver_refuses_is_a_dead_letter_at_once_and_holds_up_nothing(HttpStatusCode status)
    {
        await using var receiver = await PlayedReceiver.StartAsync(0, Ending);
        receiver.Answer = (context, one) =>
        {
            context.Response.StatusCode = one.Id == "7-2" ? (int)status : 200;
            return Task.CompletedTask;
        };
        await _bench.StartAsync(WebhookBench.Spec(receiver.Address));

        _bench.PublishReady(3);
        await receiver.WaitForAsync(3, Ending);
        await _bench.UntilAsync(one => one is { Waiting: 0, DeadLetters: 1 }, "a dead letter");

        Assert.Equal(["7-1", "7-2", "7-3"], receiver.Ids);
        var letter = Assert.Single(_bench.Set.ReadDeadLetters("ops", 10)!);
        Assert.Equal(("7-2", $"it answered {(int)status}"), (letter.Event.Id, letter.Reason));
    }

    [Fact]
    public async Task Dead_letters_outlive_a_restart_and_can_be_sent_again_under_the_same_ids()
    {
        await using var receiver = await PlayedReceiver.StartAsync(0, Ending);
        receiver.AnswerWith(HttpStatusCode.Gone);
        await _bench.StartAsync(WebhookBench.Spec(receiver.Address));
        _bench.PublishReady(2);
        await _bench.UntilAsync(status => status.DeadLetters == 2, "dead letters");
        await _bench.StopAsync();

        receiver.AnswerWith(HttpStatusCode.OK);
        await _bench.StartAsync(WebhookBench.Spec(receiver.Address));
        Assert.Equal(2, _bench.Status().DeadLetters);
        Assert.Equal(2, _bench.Set.Resend("ops"));
        Assert.Null(_bench.Set.Resend("nobody"));
        await receiver.WaitForAsync(4, Ending);

        Assert.Equal(["7-1", "7-2", "7-1", "7-2"], receiver.Ids);
        await _bench.UntilAsync(status => status is { Waiting: 0, DeadLetters: 0 }, "an empty house");
    }

    [Fact]
    public async Task Retry_after_of_a_429_is_honoured()
    {
        await using var receiver = await PlayedReceiver.StartAsync(0, Ending);
        receiver.AnswerWith(HttpStatusCode.TooManyRequests, retryAfter: "120");
        await _bench.StartAsync(WebhookBench.Spec(receiver.Address));
        _bench.PublishReady(1);
        await _bench.Clock.WaitForTimerAsync(TimeSpan.FromSeconds(120), Ending);
        receiver.AnswerWith(HttpStatusCode.OK);

        _bench.Clock.Advance(TimeSpan.FromSeconds(119));
        Assert.Single(receiver.All);
        _bench.Clock.Advance(Second);
        await receiver.WaitForAsync(2, Ending);
        Assert.Equal(["7-1", "7-1"], receiver.Ids);
    }

    [Fact]
    public async Task Redirects_are_never_followed()
    {
        await using var other = await PlayedReceiver.StartAsync(0, Ending);
        await using var receiver = await PlayedReceiver.StartAsync(0, Ending);
        receiver.Answer = (context, _) =>
        {
            context.Response.Redirect(other.Address.ToString(), permanent: false, preserveMethod: true);
            return Task.CompletedTask;
        };
        await _bench.StartAsync(WebhookBench.Spec(receiver.Address));
        _bench.PublishReady(1);

        await _bench.UntilAsync(status => status.DeadLetters == 1, "a dead letter");
        Assert.Empty(other.All);
    }

    [Fact]
    public async Task An_event_that_a_receiver_fails_at_again_and_again_does_not_hold_up_the_others_for_ever()
    {
        await using var receiver = await PlayedReceiver.StartAsync(0, Ending);
        receiver.Answer = (context, one) =>
        {
            context.Response.StatusCode = one.Id == "7-1" ? 500 : 200;
            return Task.CompletedTask;
        };
        await _bench.StartAsync(WebhookBench.Spec(receiver.Address));
        _bench.PublishReady(2);

        await _bench.AdvanceUntilAsync(() => receiver.Ids.Contains("7-2"), TimeSpan.FromMinutes(1), "the second");
        Assert.Equal(WebhookDelivery.MostFailures, receiver.Ids.Count(id => id == "7-1"));
        Assert.Equal("7-1", Assert.Single(_bench.Set.ReadDeadLetters("ops", 10)!).Event.Id);
    }

    [Fact]
    public async Task What_a_receiver_has_not_taken_for_a_day_is_kept_as_a_dead_letter()
    {
        await using var receiver = await PlayedReceiver.StartAsync(0, Ending);
        receiver.AnswerWith(HttpStatusCode.ServiceUnavailable);
        await _bench.StartAsync(WebhookBench.Spec(receiver.Address));
        _bench.PublishReady(1);

        await _bench.AdvanceUntilAsync(
            () => _bench.Status().DeadLetters == 1, TimeSpan.FromMinutes(10), "a dead letter");
        Assert.True(_bench.Clock.Elapsed > WebhookDelivery.LongestWait);
    }

    [Fact]
    public async Task The_disk_that_waiting_events_take_is_bounded_and_the_receiver_is_told_how_many_went()
    {
        await using var receiver = await PlayedReceiver.StartAsync(0, Ending);
        receiver.AnswerWith(HttpStatusCode.ServiceUnavailable);
        var spec = WebhookBench.Spec(receiver.Address) with { QueueBytes = 64 << 10 };
        await _bench.StartAsync(spec);
        for (var at = 0; at < 1000; at++)
        {
            _bench.Publish(EventTypes.AgentDegraded, "scout", ("message", new string('m', 500)));
        }

        await _bench.StopAsync();
        var bytes = Directory.GetFiles(_bench.Folder, "*", SearchOption.AllDirectories)
            .Sum(file => new FileInfo(file).Length);
        Assert.True(bytes < 80 << 10, $"{bytes} bytes");

        var before = receiver.All.Count;
        receiver.AnswerWith(HttpStatusCode.OK);
        await _bench.StartAsync(spec);
        await _bench.UntilAsync(status => status.Waiting == 0, "the rest");
        var told = receiver.All.Skip(before).ToList();
        Assert.Equal("alert.loss", told[0].Json.GetProperty("type").GetString());
        Assert.Equal(
            1000 - (told.Count - 1), told[0].Json.GetProperty("data").GetProperty("dropped").GetInt32());
        Assert.Equal($"{told[1].Id}-lost", told[0].Id);
        Assert.Equal("7-1000", told[^1].Id);
        Assert.InRange(told.Count, 20, 200);
    }

    [Fact]
    public async Task A_reload_changes_who_is_told_and_keeps_what_waits()
    {
        await using var receiver = await PlayedReceiver.StartAsync(0, Ending);
        receiver.AnswerWith(HttpStatusCode.ServiceUnavailable);
        await _bench.StartAsync(WebhookBench.Spec(receiver.Address), WebhookBench.Spec(receiver.Address, "gone"));
        _bench.PublishReady(2);
        await _bench.UntilAsync(status => status is { Waiting: 2, Failure: not null }, "a failure");
        await _bench.UntilAsync(status => status is { Waiting: 2, Failure: not null }, "a failure", "gone");

        await using var other = await PlayedReceiver.StartAsync(0, Ending);
        await _bench.Set.ApplyAsync(
            [WebhookBench.Spec(other.Address), WebhookBench.Spec(other.Address, "new") with { IsSlack = true }]);
        _bench.PublishReady(1);

        // The address that was mended is tried at once, not when the pause is over.
        await other.WaitForAsync(4, Ending);
        var messages = other.All.ToLookup(one => one.Json.TryGetProperty("text", out _));
        Assert.Equal(["7-1", "7-2", "7-3"], messages[false].Select(one => one.Id));
        Assert.Equal("7-3", messages[true].Single().Id);
        Assert.Equal(["ops", "new"], _bench.Set.Statuses.Select(status => status.Name));

        await _bench.Set.ApplyAsync([WebhookBench.Spec(other.Address, "gone")]);
        await other.WaitForAsync(6, Ending);
        Assert.Equal(["7-1", "7-2"], other.Ids.Skip(4));
    }

    [Fact]
    public async Task Secrets_of_a_webhook_are_nowhere_in_logs_metrics_or_what_is_told_of_it()
    {
        const string Path = "/services/T0/B0/wh00psecretwh00p";
        const string Key = "whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0";
        var address = System.IO.Path.Combine(_bench.Folder, "address");
        var key = System.IO.Path.Combine(_bench.Folder, "key");
        await File.WriteAllTextAsync(key, Key, Ending);
        await using var receiver = await PlayedReceiver.StartAsync(0, Ending);
        await File.WriteAllTextAsync(address, new Uri(receiver.Address, Path) + "\n", Ending);
        receiver.Answer = async (context, _) =>
        {
            context.Response.StatusCode = 404;
            await context.Response.WriteAsync($"no {Path}");
        };
        await _bench.StartAsync(new WebhookSpec
        {
            Name = "ops",
            SecretUrl = SecretSource.OfFile(address),
            SigningKey = SecretSource.OfFile(key),
        });
        _bench.PublishReady(1);
        await _bench.UntilAsync(status => status.DeadLetters == 1, "a dead letter");
        Assert.Equal(Path, receiver.All[0].Path);
        Assert.StartsWith("v1,", receiver.All[0].Headers["webhook-signature"], StringComparison.Ordinal);

        await receiver.DisposeAsync();
        _bench.PublishReady(1);
        await _bench.UntilAsync(status => status.Failure is not null, "a failure");
        await File.WriteAllTextAsync(key, "c2VjcmV0c2VjcmV0", Ending);
        await _bench.AdvanceUntilAsync(
            () => _bench.Status().Failure!.Contains("signing key"), Second, "the failure of a bad key");
        await File.WriteAllTextAsync(address, "ftp://wh00psecretwh00p/", Ending);
        await _bench.AdvanceUntilAsync(
            () => _bench.Status().Failure!.Contains("https://"), Second, "the failure of a bad address");
        var said = string.Join(
            '\n',
            [
                _bench.Log.Text, _bench.Metrics.Write(), .. _bench.Set.Statuses.Select(status => status.ToString()),
                .. _bench.Set.ReadDeadLetters("ops", 10)!.Select(letter => letter.ToString()), _bench.Status().Failure!,
            ]);

        Assert.Contains("ops", said, StringComparison.Ordinal);
        Assert.DoesNotContain("wh00psecret", said, StringComparison.Ordinal);
        Assert.DoesNotContain("c2VjcmV0", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://ops.example.org/hook", false, false)]
    [InlineData("http://ops.example.org/hook", true, true)]
    [InlineData("https://ops.example.org/hook", false, true)]
    [InlineData("http://127.0.0.1:9/hook", false, true)]
    [InlineData("http://localhost:9/hook", false, true)]
    [InlineData("https://me:pw@ops.example.org/hook", true, false)]
    [InlineData("ftp://ops.example.org/hook", true, false)]
    public void Plain_http_leaves_this_machine_only_where_it_is_wanted(string address, bool isWanted, bool isTaken)
    {
        var objection = WebhookSpec.Objection(new Uri(address), isWanted);

        Assert.Equal(isTaken, objection is null);
        Assert.DoesNotContain("ops.example", objection ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_becomes_of_events_is_counted()
    {
        await using var receiver = await PlayedReceiver.StartAsync(0, Ending);
        receiver.Answer = (context, one) =>
        {
            context.Response.StatusCode = one.Id == "7-1" ? 410 : 200;
            return Task.CompletedTask;
        };
        await _bench.StartAsync(WebhookBench.Spec(receiver.Address));
        _bench.PublishReady(3);
        await _bench.UntilAsync(status => status is { Waiting: 0, Delivered: 2, DeadLetters: 1 }, "the end");

        var metrics = _bench.Metrics.Write();
        Assert.Contains("drover_events_total{type=\"agent.ready\"} 3", metrics, StringComparison.Ordinal);
        const string Delivered = "drover_webhook_attempts_total{webhook=\"ops\",outcome=\"delivered\"} 2";
        Assert.Contains(Delivered, metrics, StringComparison.Ordinal);
        Assert.Contains("drover_webhook_dead_letters{webhook=\"ops\"} 1", metrics, StringComparison.Ordinal);
    }
}
