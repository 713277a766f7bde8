using Drover.Configuration;
using Drover.Gateway;
using Drover.Runtime.Configuration;

namespace Drover.Roles;

/// <summary>The gateway of this process.</summary>
internal sealed partial class RoleHost
{
    private GatewayRole? _gateway;

    public GatewayRole? Gateway => _gateway;

    /// <summary>From now on SIGHUP reads drover.yaml and certificates again.</summary>
    public async Task StartGatewayAsync(CancellationToken cancellationToken)
    {
        var gateway = await GuardAsync(
            () => GatewayRole.StartAsync(
                GatewaySettings.Options(Settings, _verbs.Environment), _loggers, _verbs.Time, cancellationToken))
            .ConfigureAwait(false);
        _gateway = gateway;
        _verbs.OnHangUp(() => Reload(gateway));
    }

    private void Reload(GatewayRole gateway)
    {
        try
        {
            var outcome = gateway.Reload();
            Say(outcome.NeedRestart.Count == 0
                ? "drover.yaml was read again"
                : $"drover.yaml was read again; only a restart changes {string.Join(", ", outcome.NeedRestart)}");
        }
        catch (Exception error) when (error is ConfigurationException or GatewayStartException)
        {
            Say(error.Message);
        }
    }

    /// <summary>Takes as long as its open requests may; a second signal ends the wait.</summary>
    private async Task EndGatewayAsync()
    {
        if (_gateway is not null)
        {
            _verbs.OnHangUp(null);
            await _gateway.StopAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }
}
