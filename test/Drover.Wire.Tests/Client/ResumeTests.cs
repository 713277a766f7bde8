using System.Net;
using System.Text;
using Drover.Wire.Client;

namespace Drover.Wire.Tests.Client;

public sealed class ResumeTests
{
    [Fact]
    public async Task A_stream_that_breaks_before_its_first_event_resumes_after_the_id_the_server_named()
    {
        const string Died = "data: {\"id\":\"43\",\"type\":\"container.died\",\"time\":\"2026-01-01T00:00:00Z\","
            + "\"source\":\"/hosts/a\",\"subject\":\"web\",\"severity\":\"warning\",\"data\":null}\n\n";
        var server = new ScriptedStreams(": events\n\nid: 41\n\n: alive\nid: 42\n\n", $"id: 43\n{Died}");
        using var http = new HttpClient(server) { BaseAddress = new Uri("http://server") };
        var client = new DroverClient(http, TimeProvider.System);

        await foreach (var one in client.FollowEventsAsync(
            new EventQuery(["container.*"]), null, TestContext.Current.CancellationToken))
        {
            Assert.Equal("43", one.Id);
            break;
        }

        Assert.Equal([null, "42"], server.LastEventIds);
    }

    /// <summary>Answers each request with the next body, which then ends as a broken connection does.</summary>
    private sealed class ScriptedStreams(params string[] bodies) : HttpMessageHandler
    {
        public List<string?> LastEventIds { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var body = bodies[LastEventIds.Count];
            LastEventIds.Add(
                request.Headers.TryGetValues("Last-Event-ID", out var values) ? values.Single() : null);
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK)
            {
                Content = new StringContent(body, Encoding.UTF8, "text/event-stream"),
            });
        }
    }
}
