using System.Globalization;
using System.Text.Json;

namespace Drover.Runtime.Configuration;

/// <summary>The types that keys of drover.yaml have.</summary>
public static partial class ConfigTypes
{
    /// <summary>Any text.</summary>
    public static ConfigType<string> Text { get; } =
        OfText("text", text => text.Length == 0 ? "must not be empty" : null);

    /// <summary>A path; a relative one counts from the working directory.</summary>
    public static ConfigType<string> Path { get; } =
        new ScalarType<string>("path", ParsePath, value => value, TypeString);

    /// <summary>Address and port to listen on: <c>127.0.0.1:7780</c>, <c>[::1]:7780</c>.</summary>
    public static ConfigType<string> Listen { get; } = OfText("address:port", CheckListen);

    /// <summary>The same, on loopback only: for what must not be reached from another machine.</summary>
    public static ConfigType<string> LoopbackListen { get; } = OfText("loopback address:port", CheckLoopbackListen);

    /// <summary><c>true</c> or <c>false</c>.</summary>
    public static ConfigType<bool> Switch { get; } = new ScalarType<bool>(
        "true or false",
        ParseSwitch,
        value => value ? "true" : "false",
        json => json.WriteString("type", "boolean"),
        (json, value) => json.WriteBooleanValue(value));

    /// <summary>A secret, from <c>file:/path</c> or <c>${NAME}</c>.</summary>
    public static ConfigType<Secret> Secret { get; } = new SecretType();

    /// <summary>A list of texts.</summary>
    public static ConfigType<IReadOnlyList<string>> TextList { get; } = new TextListType("list", null);

    /// <summary>Where a Docker Engine listens, as <c>DOCKER_HOST</c> is written.</summary>
    public static ConfigType<string> DockerAddress { get; } = OfText("Docker address", CheckDockerAddress);

    /// <summary>An absolute http or https address.</summary>
    public static ConfigType<Uri> Address { get; } = new ScalarType<Uri>(
        "address",
        (string text, out Uri value) =>
            Uri.TryCreate(text, UriKind.Absolute, out value!) && value.Scheme is "http" or "https"
                ? null
                : $"\"{text}\" is not an address; write https://HOST:PORT",
        value => value.ToString(),
        TypeString);

    /// <summary>A list of names of a closed set.</summary>
    public static ConfigType<IReadOnlyList<string>> ListOf(IReadOnlyList<string> allowed) =>
        new TextListType("list", allowed);

    /// <summary>One name of a closed set.</summary>
    public static ConfigType<string> OneOf(IReadOnlyList<string> allowed) => new ScalarType<string>(
        string.Join(", ", allowed),
        (string text, out string value) =>
        {
            value = text;
            return allowed.Contains(text) ? null : NotOneOf(text, allowed);
        },
        value => value,
        json =>
        {
            json.WriteString("type", "string");
            WriteEnum(json, allowed);
        });

    /// <summary>A whole number within bounds.</summary>
    public static ConfigType<int> Whole(int least, int most) => new ScalarType<int>(
        "whole number",
        (string text, out int value) =>
            int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value)
            && value >= least && value <= most
                ? null
                : string.Create(
                    CultureInfo.InvariantCulture, $"takes a whole number from {least} to {most}, not \"{text}\""),
        value => value.ToString(CultureInfo.InvariantCulture),
        json =>
        {
            json.WriteString("type", "integer");
            json.WriteNumber("minimum", least);
            json.WriteNumber("maximum", most);
        },
        (json, value) => json.WriteNumberValue(value));

    /// <summary>A duration within bounds.</summary>
    public static ConfigType<TimeSpan> Duration(TimeSpan least, TimeSpan most) => new ScalarType<TimeSpan>(
        "duration",
        (string text, out TimeSpan value) => DurationText.TryParse(text, out value) is { } why
            ? why
            : value >= least && value <= most
                ? null
                : $"takes {DurationText.Format(least)} to {DurationText.Format(most)}, not \"{text}\"",
        DurationText.Format,
        json =>
        {
            json.WriteString("type", "string");
            json.WriteString("pattern", "^(0|([0-9]+(ms|[dhms]))+)$");
        });

    /// <summary>A size within bounds, in bytes.</summary>
    public static ConfigType<long> Size(long least, long most) => new ScalarType<long>(
        "size",
        (string text, out long value) => SizeText.TryParse(text, out value) is { } why
            ? why
            : value >= least && value <= most
                ? null
                : $"takes {SizeText.Format(least)} to {SizeText.Format(most)}, not \"{text}\"",
        SizeText.Format,
        json =>
        {
            json.WriteString("type", "string");
            json.WriteString("pattern", "^[0-9]+(B|[kKMG]B|[KMG]iB)$");
        });

    internal static string NotOneOf(string text, IReadOnlyList<string> allowed)
    {
        var near = NearestName.Of(text, allowed) is { } name ? $"; did you mean \"{name}\"?" : "";
        return $"takes {string.Join(", ", allowed)}, not \"{text}\"{near}";
    }

    internal static void WriteEnum(Utf8JsonWriter json, IReadOnlyList<string> allowed)
    {
        json.WriteStartArray("enum");
        foreach (var name in allowed)
        {
            json.WriteStringValue(name);
        }

        json.WriteEndArray();
    }

    private static ScalarType<string> OfText(string name, Func<string, string?> check) => new(
        name,
        (string text, out string value) =>
        {
            value = text;
            return check(text);
        },
        value => value,
        TypeString);

    private static void TypeString(Utf8JsonWriter json) => json.WriteString("type", "string");

    private static string? ParsePath(string text, out string value)
    {
        value = text;
        if (text.Length == 0 || text.Contains('\0', StringComparison.Ordinal))
        {
            return "takes a path";
        }

        if (text[0] == '~')
        {
            return $"\"{text}\" begins with ~, which only a shell expands; write ${{HOME}} or the whole path";
        }

        value = System.IO.Path.GetFullPath(text);
        return null;
    }

    private static string? ParseSwitch(string text, out bool value)
    {
        value = text == "true";
        return text is "true" or "false" ? null : $"takes true or false, not \"{text}\"";
    }

    // The value itself is not repeated: it may carry a password, and line and column say where it stands.
    private static string? CheckDockerAddress(string text)
    {
        const string Reason = "\": ";
        try
        {
            _ = Docker.DockerEndpoint.Parse(text);
            return null;
        }
        catch (Docker.DockerConfigurationException error)
        {
            var why = error.Message.IndexOf(Reason, StringComparison.Ordinal);
            return $"cannot be used: {(why < 0 ? error.Message : error.Message[(why + Reason.Length)..])}";
        }
    }

    private static string? CheckListen(string text) =>
        System.Net.IPEndPoint.TryParse(text, out _) && text.LastIndexOf(':') is > 0 and var colon
        && !text.EndsWith(']') && ushort.TryParse(text.AsSpan(colon + 1), CultureInfo.InvariantCulture, out _)
            ? null
            : $"\"{text}\" is not an address and port; write 127.0.0.1:7780 or [::1]:7780";

    private static string? CheckLoopbackListen(string text) =>
        CheckListen(text) ?? (System.Net.IPAddress.IsLoopback(System.Net.IPEndPoint.Parse(text).Address)
            ? null
            : $"\"{text}\" is not on loopback, and what listens there asks nobody who they are; write 127.0.0.1:PORT");
}
