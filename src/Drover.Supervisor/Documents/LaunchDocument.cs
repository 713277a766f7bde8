using System.Security.Cryptography;
using System.Text;
using Drover.Runtime.Configuration;
using Drover.Runtime.Docker;
using Drover.Supervisor.Components;
using Drover.Supervisor.Containers;
using Drover.Supervisor.Control;

namespace Drover.Supervisor.Documents;

/// <summary>
/// What a component is made of: a kind of component is one of these and the driver it makes; nothing else asks which
/// kinds there are. Two that say the same are equal, so that a reload knows whether a running instance is still what
/// the file asks for.
/// </summary>
public abstract record LaunchDocument
{
    /// <summary>Its kind, as it is shown.</summary>
    public abstract ComponentKind Kind { get; }

    /// <summary>What is launched, in one line and without variables: <c>the process ./api in /srv</c>.</summary>
    public abstract string Words { get; }

    /// <summary>Makes what brings its instances into being and to an end.</summary>
    internal abstract IInstanceDriver CreateDriver(DriverServices services, IInstanceReports reports);

    /// <summary>Where what its instances write is found: its own file, unless its kind keeps it elsewhere.</summary>
    internal virtual IComponentOutput CreateOutput(
        ComponentLog file, Func<DockerClient> docker, MonotonicClock clock) => file;

    /// <summary>Every value in a fixed order.</summary>
    private protected abstract IEnumerable<string?> Parts();

    /// <summary>
    /// Stands for all of it: equal for two that launch the same, also over a restart of the supervisor. Holds no value
    /// that could be read back.
    /// </summary>
    public string Digest() => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', Parts().Prepend(GetType().Name)))));

    /// <summary>True when both launch the same.</summary>
    public bool IsSame(LaunchDocument? other) =>
        other is not null
        && other.GetType() == GetType()
        && Parts().SequenceEqual(other.Parts(), StringComparer.Ordinal);

    /// <summary>A list as one part after another, its length first, so that two lists in a row stay two.</summary>
    private protected static IEnumerable<string?> PartsOf(IReadOnlyCollection<string> list) =>
        list.Prepend($"{list.Count}");

    /// <summary>Names and values, sorted: their order means nothing.</summary>
    private protected static IEnumerable<string?> PartsOf(IReadOnlyDictionary<string, string> values) =>
        PartsOf([.. values
            .OrderBy(one => one.Key, StringComparer.Ordinal)
            .SelectMany(one => new[] { one.Key, one.Value })]);
}

/// <summary>A command of this machine.</summary>
public sealed record ProcessLaunch : LaunchDocument
{
    /// <summary>
    /// Program and arguments. A program with a slash is an absolute path; one without is looked up in the child's PATH.
    /// </summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Absolute.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>Variables that the file sets; they win over those of <see cref="EnvironmentFiles"/>.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Absolute paths of files with variables, read at each launch; a later one wins.</summary>
    public IReadOnlyList<string> EnvironmentFiles { get; init; } = [];

    /// <summary>Whom it runs as; null for the supervisor's own user.</summary>
    public string? User { get; init; }

    /// <summary>What it may use at most; null for what the supervisor may.</summary>
    public LimitsDocument? Limits { get; init; }

    /// <inheritdoc/>
    public override ComponentKind Kind => ComponentKind.Process;

    /// <inheritdoc/>
    public override string Words => $"the process {string.Join(' ', Command)} in {WorkingDirectory}";

    internal override IInstanceDriver CreateDriver(DriverServices services, IInstanceReports reports) =>
        new ProcessDriver(
            services.ForProcess(),
            () => LaunchSpecs.Of((ProcessLaunch)services.Launch.Next, services.Foundation, services.LogPath) with
            {
                ControlGroup = services.Component.Name,
            },
            () => services.Launch.Next.Digest(),
            reports);

    private protected override IEnumerable<string?> Parts() =>
    [
        .. PartsOf(Command), WorkingDirectory, .. PartsOf(Environment), .. PartsOf(EnvironmentFiles), User, $"{Limits}",
    ];
}

/// <summary>Resource limits of a process (getrlimit(2)), soft and hard alike; null leaves one as it is.</summary>
public sealed record LimitsDocument
{
    /// <summary>RLIMIT_NOFILE.</summary>
    public long? OpenFiles { get; init; }

    /// <summary>RLIMIT_NPROC.</summary>
    public long? Processes { get; init; }

    /// <summary>RLIMIT_AS, bytes.</summary>
    public long? Memory { get; init; }

    /// <summary>RLIMIT_CORE, bytes.</summary>
    public long? Core { get; init; }

    /// <summary>RLIMIT_FSIZE, bytes.</summary>
    public long? FileSize { get; init; }

    /// <summary>RLIMIT_STACK, bytes.</summary>
    public long? Stack { get; init; }

    /// <summary>RLIMIT_MEMLOCK, bytes.</summary>
    public long? LockedMemory { get; init; }
}

/// <summary>A container of the Docker Engine.</summary>
public sealed record ContainerLaunch : LaunchDocument
{
    /// <summary>The image.</summary>
    public required string Image { get; init; }

    /// <summary>The container's name.</summary>
    public required string ContainerName { get; init; }

    /// <summary>Network it joins; null for the engine's default.</summary>
    public string? Network { get; init; }

    /// <summary>In the place of the image's own command; empty for that.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>In the place of the image's own working directory; null for that.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>In the place of the image's own user; null for that.</summary>
    public string? User { get; init; }

    /// <summary>Variables that the file sets; they win over those of <see cref="EnvironmentFiles"/>.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Absolute paths of files with variables, read at each launch; a later one wins.</summary>
    public IReadOnlyList<string> EnvironmentFiles { get; init; } = [];

    /// <summary>By name; they go in as files, never as arguments or variables.</summary>
    public IReadOnlyDictionary<string, SecretSource> Secrets { get; init; } = new Dictionary<string, SecretSource>();

    /// <summary>Published ports as <c>127.0.0.1:8080:80/tcp</c>.</summary>
    public IReadOnlyList<string> Ports { get; init; } = [];

    /// <summary>Mounts as <c>/host/path:/container/path:ro</c>, the host's side absolute or a volume's name.</summary>
    public IReadOnlyList<string> Volumes { get; init; } = [];

    /// <summary>When the image is fetched: <c>missing</c>, <c>always</c> or <c>never</c>.</summary>
    public string Pull { get; init; } = "missing";

    /// <inheritdoc/>
    public override ComponentKind Kind => ComponentKind.Container;

    /// <inheritdoc/>
    public override string Words => $"the container {ContainerName} of {Image}";

    internal override IInstanceDriver CreateDriver(DriverServices services, IInstanceReports reports) =>
        new ContainerDriver(
            services.ForContainer(),
            () => (ContainerLaunch)services.Launch.Next,
            () => services.Launch.Next.Digest(),
            reports);

    internal override IComponentOutput CreateOutput(
        ComponentLog file, Func<DockerClient> docker, MonotonicClock clock) => new ContainerOutput(docker, clock);

    private protected override IEnumerable<string?> Parts() =>
    [
        Image, ContainerName, Network, .. PartsOf(Command), WorkingDirectory, User, .. PartsOf(Environment),
        .. PartsOf(EnvironmentFiles), .. PartsOf(Secrets.ToDictionary(one => one.Key, one => one.Value.Written)),
        .. PartsOf(Ports), .. PartsOf(Volumes), Pull,
    ];
}

/// <summary>Something that somebody else keeps alive; it is watched and never started.</summary>
/// <param name="Address">Where it is reached, as the user wrote it: <c>localhost:7233</c>.</param>
public sealed record ExternalAddress(string Address) : LaunchDocument
{
    /// <inheritdoc/>
    public override ComponentKind Kind => ComponentKind.External;

    /// <inheritdoc/>
    public override string Words => $"external at {Address}: watched, never started";

    internal override IInstanceDriver CreateDriver(DriverServices services, IInstanceReports reports) =>
        new WatchedDriver();

    private protected override IEnumerable<string?> Parts() => [Address];
}
