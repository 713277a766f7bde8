namespace Drover.Supervisor.Logs;

/// <summary>One line of a component.</summary>
/// <param name="Component">Whose.</param>
/// <param name="At">When it was written, as well as is known; never earlier than the line before.</param>
/// <param name="Text">Without its end, exactly as written: escape sequences are the terminal's business. Bytes that
/// are not UTF-8 are U+FFFD.</param>
/// <param name="IsPart">True when the line goes on in the next one of this component: it is longer than 1 MiB, or its
/// end has not come yet.</param>
/// <param name="IsRemark">True for a sentence of ours about the log, which is no line of it.</param>
internal sealed record ComponentLine(
    string Component, DateTimeOffset At, string Text, bool IsPart = false, bool IsRemark = false);
