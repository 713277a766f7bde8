using Drover.Wire.People;

namespace Drover.Wire.Gateway;

/// <summary>How one receiver of events stands.</summary>
/// <param name="Name">Its name in drover.yaml.</param>
/// <param name="Waiting">Events it has still to be told.</param>
/// <param name="Delivered">Events it took since the start.</param>
/// <param name="DeadLetters">Events it did not take, which can be sent again.</param>
/// <param name="DeadLettersDropped">Those of them that went because there was no room for more.</param>
/// <param name="Failure">Why it does not have what it should; absent while all is well.</param>
public sealed record GatewayWebhookDto(
    string Name, long Waiting, long Delivered, long DeadLetters, long DeadLettersDropped, string? Failure);

/// <summary>An event that a receiver did not take.</summary>
/// <param name="At">When it was given up.</param>
/// <param name="Reason">Why.</param>
/// <param name="Event">What it was to be told.</param>
public sealed record GatewayDeadLetterDto(DateTimeOffset At, string Reason, EventDto Event);

/// <summary>What an order to send dead letters again did.</summary>
/// <param name="Resent">How many are on their way again.</param>
public sealed record GatewayResendDto(int Resent);
