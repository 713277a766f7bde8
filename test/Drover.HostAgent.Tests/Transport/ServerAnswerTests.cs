using System.Net;
using System.Net.Http.Headers;
using Drover.Runtime.Uplink.Transport;

namespace Drover.HostAgent.Tests.Transport;

public sealed class ServerAnswerTests
{
    [Theory]
    [InlineData(7, 7)]
    [InlineData(86_400, 300)]
    public async Task A_429_asks_to_slow_down_within_bounds_and_is_no_distrust(int asked, int obeyed)
    {
        using var response = new HttpResponseMessage(HttpStatusCode.TooManyRequests);
        response.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(asked));

        var error = await Assert.ThrowsAsync<ServerCallException>(() => ServerAnswer.EnsureSuccessAsync(
            response, "send a heartbeat", TestContext.Current.CancellationToken));

        Assert.Equal(ServerFailure.Unreachable, error.Failure);
        Assert.Equal(TimeSpan.FromSeconds(obeyed), error.RetryAfter);
    }

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized)]
    [InlineData(HttpStatusCode.Forbidden)]
    public async Task A_401_or_403_is_distrust(HttpStatusCode status)
    {
        using var response = new HttpResponseMessage(status);

        var error = await Assert.ThrowsAsync<ServerCallException>(() => ServerAnswer.EnsureSuccessAsync(
            response, "send a heartbeat", TestContext.Current.CancellationToken));

        Assert.Equal(ServerFailure.Refused, error.Failure);
    }
}
