namespace Drover.Diagnosis;

/// <summary>How a check ended.</summary>
internal enum FindingStatus
{
    Ok,
    Warn,
    Fail,
}

/// <summary>One line of <c>drover doctor</c>.</summary>
/// <param name="Check">What was looked at.</param>
/// <param name="Status">How it is.</param>
/// <param name="Detail">What was found.</param>
/// <param name="Advice">What to do; null when nothing is to be done.</param>
internal sealed record Finding(string Check, FindingStatus Status, string Detail, string? Advice = null)
{
    public static Finding Ok(string check, string detail) => new(check, FindingStatus.Ok, detail);

    public static Finding Warn(string check, string detail, string? advice) =>
        new(check, FindingStatus.Warn, detail, advice);

    public static Finding Fail(string check, string detail, string? advice) =>
        new(check, FindingStatus.Fail, detail, advice);
}
