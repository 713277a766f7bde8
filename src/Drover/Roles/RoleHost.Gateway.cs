using Drover.Configuration;
using Drover.Core.Trust;
using Drover.Gateway;
using Drover.Runtime.Configuration;
using Drover.Runtime.Uplink;

namespace Drover.Roles;

/// <summary>The gateway of this process.</summary>
internal sealed partial class RoleHost
{
    private const string GatewayKey = "gateway";

    private GatewayRole? _gateway;

    public GatewayRole? Gateway => _gateway;

    /// <summary>
    /// From now on SIGHUP reads drover.yaml and certificates again, also one that comes before the start is done.
    /// </summary>
    public async Task StartGatewayAsync(CancellationToken cancellationToken)
    {
        var hasCome = KeepHangUp(GatewayKey);
        var options = GatewaySettings.Options(Settings, _verbs.Environment, takesToken: _server is null);
        options = options with { Uplink = await LinkAsync(options.Uplink, cancellationToken).ConfigureAwait(false) };
        var gateway = await GuardAsync(
            () => GatewayRole.StartAsync(options, _loggers, _verbs.Time, cancellationToken)).ConfigureAwait(false);
        _gateway = gateway;
        OnHangUp(GatewayKey, () => Task.FromResult<string?>(Reload(gateway)));
        if (hasCome())
        {
            Say(Reload(gateway));
        }
    }

    /// <summary>
    /// The server that a gateway's events go to: that of this process where there is one and the file names no other.
    /// </summary>
    private async Task<UplinkSpec?> LinkAsync(UplinkSpec? spec, CancellationToken cancellationToken)
    {
        if (_server is not { } server || (spec?.Server is { } named && !IsSame(named, server.Address)))
        {
            return spec;
        }

        var own = GatewaySettings.UplinkOf(Settings) with
        {
            Server = server.Address,
            Pin = ServerPin.TryParse(server.Pin, out var pin) ? pin : null,
        };
        return own with
        {
            Token = await TokenAsync(server, own.CredentialsFile, own.Name, cancellationToken).ConfigureAwait(false),
        };
    }

    private static string Reload(GatewayRole gateway)
    {
        try
        {
            var outcome = gateway.Reload();
            return outcome.NeedRestart.Count == 0
                ? ReadAgain
                : $"{ReadAgain}; only a restart changes {string.Join(", ", outcome.NeedRestart)}";
        }
        catch (Exception error) when (error is ConfigurationException or GatewayStartException)
        {
            return error.Message;
        }
    }

    /// <summary>Takes as long as its open requests may; a second signal ends the wait.</summary>
    private async Task EndGatewayAsync()
    {
        if (_gateway is not null)
        {
            NoHangUp(GatewayKey);
            await _gateway.StopAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }
}
