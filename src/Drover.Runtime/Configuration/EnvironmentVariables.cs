#pragma warning disable RS0030 // The one place that reads the environment.

namespace Drover.Runtime.Configuration;

/// <summary>
/// The process's environment, read here and nowhere else, so that tests hand in their own. An empty value counts as
/// not set: that is what <c>NAME=</c> in unit files and compose files means to the people who write it.
/// </summary>
public sealed class EnvironmentVariables
{
    /// <summary>Where everything durable is kept.</summary>
    public const string DataDirectory = "DROVER_DATA_DIR";

    /// <summary>Address of the server that the verbs speak to instead of this machine's socket.</summary>
    public const string Server = "DROVER_SERVER";

    /// <summary>Pin of the certificate of <see cref="Server"/>, where no authority signed it.</summary>
    public const string ServerPin = "DROVER_SERVER_PIN";

    /// <summary>File with the API token for <see cref="Server"/>.</summary>
    public const string TokenFile = "DROVER_TOKEN_FILE";

    /// <summary>The API token for <see cref="Server"/>; the file wins.</summary>
    public const string Token = "DROVER_TOKEN";

    /// <summary>Address of the gateway that its verbs speak to instead of this machine's socket.</summary>
    public const string Gateway = "DROVER_GATEWAY";

    /// <summary>Pin of the certificate of <see cref="Gateway"/>, where no authority signed it.</summary>
    public const string GatewayPin = "DROVER_GATEWAY_PIN";

    /// <summary>File with the admin token of <see cref="Gateway"/>.</summary>
    public const string GatewayTokenFile = "DROVER_GATEWAY_TOKEN_FILE";

    /// <summary>One-time token that enrolls this host.</summary>
    public const string EnrollToken = "DROVER_ENROLL_TOKEN";

    /// <summary>File with the one-time token that enrolls this host.</summary>
    public const string EnrollTokenFile = "DROVER_ENROLL_TOKEN_FILE";

    /// <summary>The engine's address, as Docker's own tools read it.</summary>
    public const string DockerHost = "DOCKER_HOST";

    /// <summary>Not empty: the engine's TLS certificate is verified, as Docker's own tools read it.</summary>
    public const string DockerTlsVerify = "DOCKER_TLS_VERIFY";

    /// <summary>Folder of ca.pem, cert.pem and key.pem, as Docker's own tools read it.</summary>
    public const string DockerCertPath = "DOCKER_CERT_PATH";

    /// <summary>Set to anything: no colour (https://no-color.org).</summary>
    public const string NoColor = "NO_COLOR";

    /// <summary>Where a service manager hears how a daemon is: sd_notify(3).</summary>
    public const string NotifySocket = "NOTIFY_SOCKET";

    /// <summary>Microseconds within which a service manager wants to hear that a daemon lives: sd_watchdog_enabled(3).
    /// </summary>
    public const string WatchdogMicroseconds = "WATCHDOG_USEC";

    /// <summary>The process that <see cref="WatchdogMicroseconds"/> is meant for, where it is set.</summary>
    public const string WatchdogProcess = "WATCHDOG_PID";

    /// <summary>Between <c>supervisor start</c> and the process that it puts into the background: where the first
    /// hears of the second.</summary>
    public const string StartSocket = "DROVER_START_SOCKET";

    /// <summary>For tests: the fault point at which this process kills itself.</summary>
    public const string Fault = "DROVER_FAULT";

    private readonly Func<string, string?> _read;
    private readonly Func<IReadOnlyDictionary<string, string>> _all;

    /// <summary>An environment that answers with <paramref name="read"/>.</summary>
    public EnvironmentVariables(Func<string, string?> read)
        : this(read, static () => new Dictionary<string, string>())
    {
    }

    private EnvironmentVariables(
        Func<string, string?> read, Func<IReadOnlyDictionary<string, string>> all)
    {
        ArgumentNullException.ThrowIfNull(read);
        _read = read;
        _all = all;
    }

    /// <summary>This process's own environment.</summary>
    public static EnvironmentVariables OfProcess { get; } = new(Environment.GetEnvironmentVariable, ReadAll);

    /// <summary>
    /// All variables of the process, to be handed to another process of ours; none of an environment made for a test.
    /// </summary>
    public IReadOnlyDictionary<string, string> All => _all();

    /// <summary>A variable's value, or null when it is not set or empty.</summary>
    public string? this[string name] => _read(name) is { Length: > 0 } value ? value : null;

    private static Dictionary<string, string> ReadAll()
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            all[(string)variable.Key] = (string?)variable.Value ?? "";
        }

        return all;
    }
}
