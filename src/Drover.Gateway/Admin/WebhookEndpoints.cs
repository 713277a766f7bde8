using Drover.Gateway.Answers;
using Drover.Runtime.Configuration;
using Drover.Runtime.Events.Webhooks;
using Drover.Runtime.Requests;
using Drover.Wire;
using Drover.Wire.Gateway;
using Drover.Wire.People;

namespace Drover.Gateway.Admin;

/// <summary>What operators read and order of those who are told of events over HTTP.</summary>
internal static class WebhookEndpoints
{
    private const int UsualPage = 100;
    private const int LargestPage = 1000;

    public static Task ListAsync(AdminCall call)
    {
        _ = new QueryReader(call.Context);
        return AdminAnswer.WriteAsync(
            call.Context,
            new Page<GatewayWebhookDto>([.. (call.Desk.Webhooks()?.Statuses ?? []).Select(Of)], null),
            WireJson.Default.PageGatewayWebhookDto);
    }

    public static Task DeadLettersAsync(AdminCall call)
    {
        var limit = new QueryReader(call.Context, "limit").Number("limit", 1, LargestPage) ?? UsualPage;
        return call.Desk.Webhooks()?.ReadDeadLetters(call.Value!, limit) is { } letters
            ? AdminAnswer.WriteAsync(
                call.Context,
                new Page<GatewayDeadLetterDto>([.. letters.Select(Of)], null),
                WireJson.Default.PageGatewayDeadLetterDto)
            : Missing(call).WriteAsync(call.Context);
    }

    public static Task ResendAsync(AdminCall call)
    {
        _ = new QueryReader(call.Context);
        return call.Desk.Webhooks()?.Resend(call.Value!) is { } resent
            ? AdminAnswer.WriteAsync(call.Context, new GatewayResendDto(resent), WireJson.Default.GatewayResendDto)
            : Missing(call).WriteAsync(call.Context);
    }

    private static GatewayProblem Missing(AdminCall call)
    {
        var names = (call.Desk.Webhooks()?.Statuses ?? []).Select(status => status.Name);
        var near = NearestName.Of(call.Value!, names);
        return GatewayProblem.NotFound(
            $"cannot find the webhook \"{call.Value}\": drover.yaml has none of that name under gateway.webhooks"
                + (near is null ? "" : $"; did you mean \"{near}\"?"));
    }

    private static GatewayWebhookDto Of(WebhookStatus status) => new(
        status.Name,
        status.Waiting,
        status.Delivered,
        status.DeadLetters,
        status.DeadLettersDropped,
        status.Failure);

    private static GatewayDeadLetterDto Of(DeadLetter letter) => new(letter.At, letter.Reason, letter.Event);
}
