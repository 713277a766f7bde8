namespace Drover.Core.Redaction;

/// <summary>A text that may leave the host.</summary>
/// <param name="Text">The text with every secret found replaced by <see cref="SecretRedactor.Mask"/>.</param>
/// <param name="Redacted">True when something was replaced.</param>
public readonly record struct RedactedText(string Text, bool Redacted);
