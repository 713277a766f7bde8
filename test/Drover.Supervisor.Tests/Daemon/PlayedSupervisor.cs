using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Drover.Core.Trust;
using Drover.Runtime.Configuration;
using Drover.Supervisor.Documents;
using Microsoft.Extensions.Logging;

namespace Drover.Supervisor.Tests.Daemon;

/// <summary>A supervisor in a process of its own, for tests that kill it: this executable, started again.</summary>
internal static class PlayedSupervisor
{
    internal const string Verb = "play-supervisor";

    /// <summary>The components of a supervisor that works in that directory.</summary>
    internal static string FileOf(string directory) => Path.Combine(directory, "components.json");

    /// <summary>As long as that file is there, the loop of a component that is launched does not come back.</summary>
    internal static string HangFileOf(string directory) => Path.Combine(directory, "hang");

    internal static SupervisorOptions OptionsOf(string directory) => new()
    {
        DataDirectory = Path.Combine(directory, "data"),
        Document = Read(directory),
        Reread = () => Read(directory),
        Server = ServerOf(directory),
        Version = "1.2.3",
        Foundation = new HangingVariables(HangFileOf(directory)),
        NotifySocket = Environment.GetEnvironmentVariable("NOTIFY_SOCKET"),
        StartSocket = Environment.GetEnvironmentVariable(EnvironmentVariables.StartSocket),
        Watchdog = double.TryParse(
            Environment.GetEnvironmentVariable("WATCHDOG_USEC"), CultureInfo.InvariantCulture, out var microseconds)
            ? TimeSpan.FromMicroseconds(microseconds)
            : null,
    };

    internal static async Task<int> RunAsync(string directory)
    {
        using var loggers = LoggerFactory.Create(
            logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(new LineLogger()));
        try
        {
            await using var role = await SupervisorRole.StartAsync(
                OptionsOf(directory), loggers, TimeProvider.System, CancellationToken.None);
            using var stop = new CancellationTokenSource();
            using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
            {
                context.Cancel = true;
                stop.Cancel();
            });
            await role.Completion.WaitAsync(stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stop.IsCancellationRequested)
            {
                await role.StopAsync(CancellationToken.None);
            }

            await role.Completion;
            return 0;
        }
        catch (SupervisorStartException error)
        {
            await Console.Error.WriteLineAsync(error.Message);
            return 1;
        }
    }

    /// <summary>The server that its events go to: address and token in a file.</summary>
    internal static string ServerFileOf(string directory) => Path.Combine(directory, "server.txt");

    private static SupervisorServerOptions? ServerOf(string directory)
    {
        if (!File.Exists(ServerFileOf(directory)))
        {
            return null;
        }

        var lines = File.ReadAllLines(ServerFileOf(directory));
        return new SupervisorServerOptions
        {
            Address = new Uri(lines[0]),
            Token = SecretToken.TryParse(lines[1], SecretToken.EnrollmentPrefix, out var token) ? token : null,
            Name = "alice-supervisor",
        };
    }

    private static SupervisorDocument Read(string directory)
    {
        try
        {
            var components = JsonSerializer.Deserialize<List<PlayedComponent>>(File.ReadAllText(FileOf(directory)))!;
            return new SupervisorDocument([.. components.Select(one => one.ToDocument(directory))]);
        }
        catch (JsonException error)
        {
            throw new ConfigurationException($"cannot read the components: {error.Message}", error);
        }
    }

    private sealed class LineLogger : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter) =>
            Console.Error.WriteLine(
                $"{DateTime.UtcNow:HH:mm:ss.fff} {logLevel} {formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
