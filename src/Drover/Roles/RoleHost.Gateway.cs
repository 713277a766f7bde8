using Drover.Configuration;
using Drover.Gateway;
using Drover.Runtime.Configuration;

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
        var gateway = await GuardAsync(
            () => GatewayRole.StartAsync(
                GatewaySettings.Options(Settings, _verbs.Environment), _loggers, _verbs.Time, cancellationToken))
            .ConfigureAwait(false);
        _gateway = gateway;
        OnHangUp(GatewayKey, () => Task.FromResult<string?>(Reload(gateway)));
        if (hasCome())
        {
            Say(Reload(gateway));
        }
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
