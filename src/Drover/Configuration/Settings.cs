using Drover.Core.Trust;
using Drover.Gateway.Documents;
using Drover.HostAgent;
using Drover.HostAgent.Legacy;
using Drover.Runtime.Configuration;
using Drover.Server;
using Drover.Supervisor.Documents;
using Directories = Drover.Runtime.Configuration.DataDirectory;

namespace Drover.Configuration;

/// <summary>
/// The configuration of this process: the file where there is one, the environment, and the defaults.
/// </summary>
internal sealed class Settings
{
    private const string BesideUs = "drover.yaml";
    private const string OfMachine = "/etc/drover/drover.yaml";
    private const string CredentialsOfMachine = "/etc/drover/agent.json";
    private const int MostShown = 20;

    private readonly EnvironmentVariables _environment;

    private Settings(ConfigDocument document, EnvironmentVariables environment)
    {
        Document = document;
        _environment = environment;
        var written = document.Get(DroverYaml.DataDirectory);
        DataDirectory = environment[EnvironmentVariables.DataDirectory] is null && written is not null
            ? written
            : Directories.Default(environment);
        DataDirectoryIsChosen = written is not null || environment[EnvironmentVariables.DataDirectory] is not null;
    }

    public ConfigDocument Document { get; }

    public string DataDirectory { get; }

    /// <summary>The file is the one in the directory that the verb was typed in.</summary>
    public bool IsBesideUs => Document.Path == BesideUs;

    /// <summary>The listener's address from the command line, which wins over the file's.</summary>
    public string? ChosenListen { get; set; }

    /// <summary>Somebody named the directory; it is not the machine's default.</summary>
    public bool DataDirectoryIsChosen { get; }

    public string SocketPath => Document.Get(DroverYaml.Server.Socket) ?? Path.Combine(DataDirectory, "server.sock");

    /// <summary>Where the host agent's server is, when the file says so.</summary>
    public Uri? AgentServer => Document.Get(DroverYaml.Agent.Server);

    public string LogLevel => Document.Get(DroverYaml.LogLevel)!;

    public string DockerHost => _environment[EnvironmentVariables.DockerHost]
        ?? Document.Get(DroverYaml.Agent.DockerHost)
        ?? new HostAgentOptions { DataDirectory = DataDirectory }.DockerHost;

    /// <summary>
    /// True when <c>drover up</c> runs a server: unless the file has a host agent only, and names its server elsewhere,
    /// or roles only that have work of their own.
    /// </summary>
    public bool UpRunsServer => Document.Has(DroverYaml.Server.Section)
        || (!Document.Has(DroverYaml.Agent.Server) && (UpRunsAgent || !HasWorkOfItsOwn));

    /// <summary>
    /// True when <c>drover up</c> runs a host agent: unless the file has other roles and leaves it out.
    /// </summary>
    public bool UpRunsAgent => Document.Has(DroverYaml.Agent.Section)
        || (!Document.Has(DroverYaml.Server.Section) && !HasWorkOfItsOwn);

    /// <summary>True when <c>drover up</c> runs a supervisor: where the file says what it keeps alive.</summary>
    public bool UpRunsSupervisor => Document.Has(DroverYaml.Supervisor.Section);

    /// <summary>True when <c>drover up</c> runs a gateway: where the file says whom it leads to.</summary>
    public bool UpRunsGateway => Document.Has(DroverYaml.Gateway.Section);

    private bool HasWorkOfItsOwn => UpRunsSupervisor || UpRunsGateway;

    /// <summary>Reads the configuration; an invalid one is refused with all that is wrong.</summary>
    public static Settings Load(string? chosenFile, EnvironmentVariables environment)
    {
        var document = Read(chosenFile, environment);
        return document.Problems.Count == 0
            ? new Settings(document, environment)
            : throw Invalid(document);
    }

    /// <summary>
    /// The data directory alone, whatever else is written: no role and no component is looked at, which is most of the
    /// work, so that whoever only wants to ask a running supervisor has his answer soon.
    /// </summary>
    public static string DataDirectoryOf(string? chosenFile, EnvironmentVariables environment)
    {
        var document = PathOf(chosenFile) is { } path
            ? ConfigReader.ReadFile(path, DroverYaml.Declared(), environment)
            : ConfigDocument.Empty();
        return new Settings(document, environment).DataDirectory;
    }

    /// <summary>What can be read of a configuration that has problems: the other keys and the defaults.</summary>
    public static Settings DespiteProblems(ConfigDocument document, EnvironmentVariables environment) =>
        new(document, environment);

    /// <summary>Reads and checks the configuration; problems are in the document.</summary>
    public static ConfigDocument Read(string? chosenFile, EnvironmentVariables environment)
    {
        if (PathOf(chosenFile) is not { } path)
        {
            return ConfigDocument.Empty();
        }

        var document = ConfigReader.ReadFile(path, DroverYaml.Declared(), environment);
        var isReadable = document.Problems.Count == 0;
        _ = SupervisorReader.Read(document);
        _ = GatewayReader.Read(document);
        if (isReadable)
        {
            new Settings(document, environment).CheckRoles();
        }

        return document;
    }

    public ServerOptions ServerOptions() => new()
    {
        DataDirectory = DataDirectory,
        Listen = ChosenListen ?? Document.Get(DroverYaml.Server.Listen)!,
        PublicUrl = Document.Get(DroverYaml.Server.PublicUrl),
        Tls = Document.Has(DroverYaml.Server.TlsEnabled) ? Document.Get(DroverYaml.Server.TlsEnabled) : null,
        TlsCertificatePath = Document.Get(DroverYaml.Server.TlsCertificate),
        TlsKeyPath = Document.Get(DroverYaml.Server.TlsKey),
        TlsRotationGrace = Document.Get(DroverYaml.Server.TlsRotationGrace),
        ReusableTokens = Document.Get(DroverYaml.Server.ReusableTokens),
        SocketPath = Document.Get(DroverYaml.Server.Socket),
        HeartbeatInterval = Document.Get(DroverYaml.Server.HeartbeatInterval),
        CommandLife = Document.Get(DroverYaml.Server.CommandLife),
        CommandLease = Document.Get(DroverYaml.Server.CommandLease),
        CommandRetention = Document.Get(DroverYaml.Server.CommandRetention),
        EventRetention = Document.Get(DroverYaml.Server.EventRetention),
        EventLimit = Document.Get(DroverYaml.Server.EventLimit),
        Limits = DroverYaml.Limits.Of(Document),
        Webhooks = WebhookReader.Read(Document, DroverYaml.Server.Webhooks),
    };

    public HostAgentOptions HostAgentOptions() => new()
    {
        DataDirectory = DataDirectory,
        CredentialsPath = Document.Get(DroverYaml.Agent.Credentials),
        Server = Document.Get(DroverYaml.Agent.Server),
        ServerPin = Document.Get(DroverYaml.Agent.ServerPin),
        EnrollToken = Document.Get(DroverYaml.Agent.EnrollToken) is { } token
            ? ParseToken(token, "host_agent.enroll_token")
            : null,
        Name = Document.Get(DroverYaml.Agent.Name),
        DockerHost = DockerHost,
        LocalApiListen = Document.Get(DroverYaml.Agent.LocalApi),
        ReconcileInterval = Document.Get(DroverYaml.Agent.ReconcileInterval),
        EventSpoolBytes = Document.Get(DroverYaml.Agent.EventSpool),
        ReportSpoolBytes = Document.Get(DroverYaml.Agent.ReportSpool),
        AgentVersion = ProductVersion.Number,
        Legacy = Document.Get(DroverYaml.Agent.Legacy)
            ? new LegacyOptions(
                Document.Get(DroverYaml.Agent.LegacyAgentId) ?? string.Empty,
                Document.Get(DroverYaml.Agent.LegacyDeploymentHash) ?? string.Empty,
                Document.Get(DroverYaml.Agent.LegacyTokenFile) ?? string.Empty,
                Document.Get(DroverYaml.Agent.LegacyRegister))
            : null,
        Policy = new HostPolicy
        {
            MonitorOnly = Document.Get(DroverYaml.Agent.MonitorOnly),
            AllowedTypes = Document.Get(DroverYaml.Agent.AllowedTypes)!,
            ProtectedApps = Document.Get(DroverYaml.Agent.ProtectedApps)!,
        },
    };

    /// <summary>What the supervisor keeps alive; without a section nothing.</summary>
    public SupervisorDocument Supervisor() => SupervisorReader.Read(Document)
        ?? throw new InvalidOperationException("the configuration has problems, and was not refused");

    /// <summary>Which agents the gateway leads to; without a section none.</summary>
    public GatewayDocument Gateway() => GatewayReader.Read(Document)
        ?? throw new InvalidOperationException("the configuration has problems, and was not refused");

    /// <summary>Where a host agent of its own process keeps its credentials.</summary>
    public string CredentialsPath() => Document.Get(DroverYaml.Agent.Credentials)
        ?? (Directories.EffectiveUser == 0 && !DataDirectoryIsChosen
            ? CredentialsOfMachine
            : Path.Combine(DataDirectory, "agent.json"));

    /// <summary>An enrollment token; its text never appears in the refusal.</summary>
    public static SecretToken ParseToken(Secret text, string where) =>
        SecretToken.TryParse(text.Reveal(), SecretToken.EnrollmentPrefix, out var token)
            ? token!
            : throw new ConfigurationException($"cannot use the enrollment token of {where}: it does not look like one")
            {
                Hint = $"a token begins with {SecretToken.EnrollmentPrefix}; `drover token create` on the server's "
                    + "machine prints one",
            };

    private static string? PathOf(string? chosenFile) =>
        chosenFile ?? Array.Find([BesideUs, OfMachine], File.Exists);

    /// <summary>What the roles say of values that each looked right alone.</summary>
    private void CheckRoles()
    {
        var sentences = new List<string>(ServerOptions().Validate());
        try
        {
            HostAgentOptions().Validate();
        }
        catch (HostAgentStartException error)
        {
            sentences.Add(error.Message);
        }
        catch (ConfigurationException error)
        {
            sentences.Add(error.Message);
        }

        try
        {
            _ = SupervisorSettings.Server(this, _environment, takesToken: false);
        }
        catch (ConfigurationException error)
        {
            sentences.Add(error.Message);
        }

        foreach (var sentence in sentences)
        {
            Document.Refuse(sentence);
        }
    }

    private static ConfigurationException Invalid(ConfigDocument document)
    {
        var lines = document.Problems.Take(MostShown).Select(problem => $"  {document.Path}:{problem}");
        var more = document.Problems.Count > MostShown ? $"\n  and {document.Problems.Count - MostShown} more" : "";
        return new ConfigurationException(
            $"cannot use the configuration \"{document.Path}\":\n{string.Join('\n', lines)}{more}")
        {
            Hint = "`drover config check` looks again without starting anything",
        };
    }
}
