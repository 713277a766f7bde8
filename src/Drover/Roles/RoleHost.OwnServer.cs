using System.Text.Json;
using Drover.Commands;
using Drover.Configuration;
using Drover.Core.Trust;
using Drover.HostAgent;
using Drover.Server;
using Drover.Supervisor;
using Drover.Wire;
using Drover.Wire.Agents;

namespace Drover.Roles;

/// <summary>How roles of a process join the server of the same process: with tokens handed over in memory.</summary>
internal sealed partial class RoleHost
{
    private static readonly TimeSpan TokenLife = TimeSpan.FromMinutes(15);

    /// <summary>The options of this machine's own agent, enrolled at the server of this process.</summary>
    public async Task<HostAgentOptions> OwnAgentAsync(CancellationToken cancellationToken)
    {
        var server = _server ?? throw new InvalidOperationException("the server is started first");
        if (Settings.AgentServer is { } named && !IsSame(named, server.Address))
        {
            return HostAgentCommand.Options(Settings, _verbs.Environment);
        }

        var options = Settings.HostAgentOptions() with { Server = server.Address, ServerPin = server.Pin };
        var credentials = options.CredentialsPath ?? Path.Combine(Settings.DataDirectory, "agent.json");
        return await TokenAsync(server, credentials, options.Name, cancellationToken).ConfigureAwait(false) is { } token
            ? options with { EnrollToken = token }
            : options;
    }

    /// <summary>
    /// The server that a supervisor's events go to: that of this process where there is one and the file names no
    /// other.
    /// </summary>
    private async Task<SupervisorServerOptions?> LinkAsync(
        SupervisorServerOptions? options, CancellationToken cancellationToken)
    {
        if (_server is not { } server || (options?.Address is { } named && !IsSame(named, server.Address)))
        {
            return options;
        }

        var own = SupervisorSettings.ServerOptions(Settings) with
        {
            Address = server.Address,
            Pin = ServerPin.TryParse(server.Pin, out var pin) ? pin : null,
        };
        var credentials = SupervisorSettings.CredentialsPath(Settings);
        return own with
        {
            Token = await TokenAsync(server, credentials, own.Name, cancellationToken).ConfigureAwait(false),
        };
    }

    /// <summary>A token of this process's server; null for a role that has credentials of it.</summary>
    private async Task<SecretToken?> TokenAsync(
        ServerRole server, string credentials, string? name, CancellationToken cancellationToken)
    {
        if (server.FirstRun is not null && File.Exists(credentials))
        {
            // Credentials of a server whose database is gone can never be valid again.
            File.Move(credentials, credentials + ".old", overwrite: true);
            Say($"The server's database is new: the credentials of the one before were moved to {credentials}.old");
        }

        if (IsEnrolled(credentials))
        {
            return null;
        }

        var created = await server
            .CreateEnrollmentTokenAsync(name, TokenLife, "drover up", cancellationToken)
            .ConfigureAwait(false);
        return SecretToken.TryParse(created.Token, SecretToken.EnrollmentPrefix, out var token)
            ? token
            : throw new InvalidOperationException("the server made an enrollment token that is none");
    }

    /// <summary>localhost, 127.0.0.1 and [::1] are three names of one listener.</summary>
    internal static bool IsSame(Uri named, Uri own) =>
        named.Port == own.Port
        && (named.IsLoopback && own.IsLoopback
            || string.Equals(named.Host, own.Host, StringComparison.OrdinalIgnoreCase));

    private static bool IsEnrolled(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            return JsonSerializer.Deserialize(file, WireJson.Default.AgentCredentials)
                is { State: AgentCredentials.Enrolled };
        }
        catch (Exception error) when (error is IOException or JsonException or UnauthorizedAccessException)
        {
            // Not there, or not readable as such: the agent itself says what is wrong with it.
            return false;
        }
    }
}
