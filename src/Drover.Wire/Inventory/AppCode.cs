namespace Drover.Wire.Inventory;

/// <summary>
/// The name an operator calls a container by: the label <c>drover.app</c>, else its Compose service,
/// else its own name. Agent and server derive it from the same fields by this one rule.
/// </summary>
public static class AppCode
{
    /// <summary>Label that names the app outright.</summary>
    public const string DroverLabel = "drover.app";

    /// <summary>Label that Compose puts on a service's containers.</summary>
    public const string ComposeServiceLabel = "com.docker.compose.service";

    /// <summary>Derives the app code from labels and container name (without leading slash).</summary>
    public static string Of(IReadOnlyDictionary<string, string> labels, string name)
    {
        foreach (var label in (ReadOnlySpan<string>)[DroverLabel, ComposeServiceLabel])
        {
            if (labels.TryGetValue(label, out var value) && !string.IsNullOrWhiteSpace(value))
            {
                return value.Trim();
            }
        }

        return name;
    }
}
