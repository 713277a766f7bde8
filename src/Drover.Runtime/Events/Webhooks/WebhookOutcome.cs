namespace Drover.Runtime.Events.Webhooks;

/// <summary>What came of one attempt to tell a receiver of an event. Sentences never hold an address or an answer.
/// </summary>
internal abstract record WebhookOutcome
{
    private WebhookOutcome()
    {
    }

    /// <summary>It has it.</summary>
    internal sealed record Delivered : WebhookOutcome;

    /// <summary>It is away, busy, or cannot be asked yet; nothing speaks against this event.</summary>
    /// <param name="Reason">Why.</param>
    /// <param name="After">How long it asked to wait; null: it did not say.</param>
    internal sealed record NotNow(string Reason, TimeSpan? After = null) : WebhookOutcome;

    /// <summary>It is there and failed, perhaps because of this very event.</summary>
    internal sealed record Failed(string Reason) : WebhookOutcome;

    /// <summary>It will never take this event.</summary>
    internal sealed record Refused(string Reason) : WebhookOutcome;
}
