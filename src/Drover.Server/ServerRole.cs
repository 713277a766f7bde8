using System.Net.Sockets;
using Drover.Core.Audit;
using Drover.Runtime.Files;
using Drover.Runtime.Storage;
using Drover.Server.Features.Access;
using Drover.Server.Features.Certificates;
using Drover.Server.Features.Enrollment;
using Drover.Server.Hosting;
using Drover.Wire.People;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Drover.Server;

/// <summary>
/// The control plane as one thing that starts, works and stops. Owns the data directory's lock, the database, the HTTP
/// listener and the unix socket, and lets go of all of them in every way it can end.
/// </summary>
public sealed class ServerRole : IAsyncDisposable
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(10);

    private readonly WebApplication _application;
    private readonly Database _database;
    private readonly FileLock _lock;
    private readonly ServerOptions _options;
    private readonly ServerCertificates _certificates;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _stopping;

    private ServerRole(
        WebApplication application,
        Database database,
        FileLock fileLock,
        ServerOptions options,
        ServerCertificates certificates,
        FirstRun? firstRun)
    {
        _application = application;
        _database = database;
        _lock = fileLock;
        _options = options;
        _certificates = certificates;
        FirstRun = firstRun;
        var bound = application.Urls.First(url => !url.Contains("unix:", StringComparison.Ordinal));
        Listens = bound.TrimEnd('/');
        Address = new Uri(bound
            .Replace("://0.0.0.0", "://127.0.0.1", StringComparison.Ordinal)
            .Replace("://[::]", "://[::1]", StringComparison.Ordinal));
        _ = EndWithTheWriterAsync();
    }

    /// <summary>Where the listener answers callers of this machine.</summary>
    public Uri Address { get; }

    /// <summary>What it is bound to, as an address with its scheme.</summary>
    public string Listens { get; }

    /// <summary>
    /// The pin of the certificate in use; null without TLS, and where authorities vouch for the server.
    /// </summary>
    public string? Pin => _certificates.Now?.PinForHosts?.ToString();

    /// <summary>The unix socket for this machine's command line.</summary>
    public string SocketPath => _options.EffectiveSocketPath;

    /// <summary>The admin token, on the first start of a data directory only.</summary>
    public FirstRun? FirstRun { get; }

    /// <summary>Where everything is stored.</summary>
    internal Database Database => _database;

    /// <summary>Completes when the server has stopped; fails when it can store nothing any more.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Starts the server; when the task completes it answers.</summary>
    /// <exception cref="ServerStartException">It cannot start; the message says why and what to do.</exception>
    public static async Task<ServerRole> StartAsync(
        ServerOptions options, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken)
    {
        if (options.Validate() is { Count: > 0 } problems)
        {
            throw new ServerStartException($"cannot start the server: {string.Join("; ", problems)}");
        }

        var fileLock = Lock(options);
        Database? database = null;
        WebApplication? application = null;
        try
        {
            var path = Path.Combine(options.DataDirectory, "server.db");
            var isFirstRun = !File.Exists(path);
            database = Database.Open(
                path, Migration.EmbeddedIn(typeof(ServerRole).Assembly), time, loggers.CreateLogger<Database>());
            var keyring = HostKeyring.OpenOrCreate(
                Path.Combine(options.DataDirectory, "server.key"), await HasNoHostsAsync(database, cancellationToken));
            var certificates = ServerCertificates.Open(options, time);
            application = ServerApplication.Build(
                options, database, keyring, certificates, new ServerStart(time, isFirstRun), loggers, time);
            var firstRun = await ServerApplication.LoadAsync(application.Services, cancellationToken);
            File.Delete(options.EffectiveSocketPath);
            await application.StartAsync(cancellationToken);
            File.SetUnixFileMode(options.EffectiveSocketPath, AtomicFile.OwnerOnly);
            return new ServerRole(application, database, fileLock, options, certificates, firstRun);
        }
        catch (Exception exception)
        {
            await ReleaseAsync(application, database, fileLock);
            throw Explain(exception, options);
        }
    }

    /// <summary>Makes a one-time token that lets a host join.</summary>
    /// <param name="name">Name the host shall have; null leaves it to the host.</param>
    /// <param name="life">How long the token is good.</param>
    /// <param name="createdBy">Who asked for it, for the history.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<CreatedTokenDto> CreateEnrollmentTokenAsync(
        string? name, TimeSpan life, string createdBy, CancellationToken cancellationToken) =>
        _application.Services.GetRequiredService<EnrollmentTokens>()
            .CreateAsync(
                name, life, uses: 1, isLegacy: false, AuditActor.System(createdBy), cancellationToken);

    /// <summary>
    /// Ends waits and streams, answers what is being answered, stores what is in memory, and lets go of everything.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _stopping, 1) == 1)
        {
            await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        try
        {
            _application.Services.GetRequiredService<ServerStopping>().Begin();
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(StopLimit);
            await _application.StopAsync(limit.Token);
        }
        finally
        {
            await ReleaseAsync(_application, _database, _lock);
            _completion.TrySetResult();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None);

    private async Task EndWithTheWriterAsync()
    {
        try
        {
            await _database.Completion;
        }
        catch (StorageException exception)
        {
            _completion.TrySetException(exception);
        }
    }

    private static FileLock Lock(ServerOptions options)
    {
        try
        {
            OwnedDirectory.Ensure(options.DataDirectory);
            return FileLock.Acquire(Path.Combine(options.DataDirectory, "server.lock"));
        }
        catch (FileLockedException exception)
        {
            var holder =
                exception.HolderPid is { } pid ? FormattableString.Invariant($"process {pid}") : "another process";
            throw new ServerStartException(
                $"cannot start the server: {holder} already runs one on the data directory "
                    + $"\"{options.DataDirectory}\"; "
                + "stop it or choose another data directory",
                exception);
        }
        catch (IOException exception)
        {
            throw new ServerStartException($"cannot start the server: {exception.Message}", exception);
        }
    }

    private static async Task<bool> HasNoHostsAsync(Database database, CancellationToken cancellationToken) =>
        await database.ReadAsync(session => session.Number("SELECT COUNT(*) FROM hosts"), cancellationToken) == 0;

    private static Exception Explain(Exception exception, ServerOptions options) => exception switch
    {
        ServerStartException or OperationCanceledException => exception,
        StorageException => new ServerStartException($"cannot start the server: {exception.Message}", exception),
        IOException { InnerException: Exception inner } when IsTaken(inner) => new ServerStartException(
            $"cannot listen on \"{options.Listen}\": another program has that port; stop it or set server.listen to "
                + "another one",
            exception),
        SocketException or IOException or UnauthorizedAccessException => new ServerStartException(
            $"cannot listen on \"{options.Listen}\" and \"{options.EffectiveSocketPath}\": {exception.Message}",
            exception),
        _ => exception,
    };

    private static bool IsTaken(Exception exception) =>
        exception is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse }
        || (exception.InnerException is { } inner && IsTaken(inner));

    private static async Task ReleaseAsync(WebApplication? application, Database? database, FileLock fileLock)
    {
        if (application is not null)
        {
            await application.DisposeAsync();
        }

        if (database is not null)
        {
            await database.DisposeAsync();
        }

        fileLock.Dispose();
    }
}
