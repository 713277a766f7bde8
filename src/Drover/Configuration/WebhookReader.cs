using Drover.Runtime.Configuration;
using Drover.Runtime.Events.Webhooks;
using Keys = Drover.Configuration.DroverYaml.Webhook;

namespace Drover.Configuration;

/// <summary>
/// Makes of what the file says who is told of a role's events. What is wrong is added to the file's problems.
/// </summary>
internal static class WebhookReader
{
    public static IReadOnlyList<WebhookSpec> Read(
        ConfigDocument document, ConfigKey<IReadOnlyList<ConfigNamed<ConfigEntry>>> key) =>
        [.. (document.Get(key) ?? []).Select(entry => Read(document, entry))];

    private static WebhookSpec Read(ConfigDocument document, ConfigNamed<ConfigEntry> entry)
    {
        var written = entry.Value;
        var directory = document.Path is { } path
            ? Path.GetDirectoryName(Path.GetFullPath(path))!
            : Directory.GetCurrentDirectory();
        var spec = new WebhookSpec
        {
            Name = entry.Name,
            Url = written.Get(Keys.Url),
            SecretUrl = written.Get(Keys.SecretUrl)?.Below(directory),
            SigningKey = written.Get(Keys.SigningKey)?.Below(directory),
            IsSlack = written.Get(Keys.Format) == "slack",
            Events = written.Get(Keys.Events) ?? [],
            Timeout = written.Get(Keys.Timeout),
            QueueBytes = written.Get(Keys.Queue),
            AllowsPlainHttp = written.Get(Keys.PlainHttp),
        };
        if (spec.Url is { } url && WebhookSpec.Objection(url, spec.AllowsPlainHttp) is { } objection)
        {
            document.Refuse(written.PlaceOf(Keys.Url), $"{written.PathOf(Keys.Url)}: {objection}");
        }

        return spec;
    }
}
