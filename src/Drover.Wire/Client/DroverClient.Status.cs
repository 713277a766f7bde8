namespace Drover.Wire.Client;

/// <summary>How the server itself is.</summary>
public sealed partial class DroverClient
{
    /// <summary>Completes when the server can work; a server that cannot refuses in a sentence.</summary>
    public async Task CheckReadyAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Routes.Ready);
        using var response = await _exchange.ExchangeAsync(request, cancellationToken).ConfigureAwait(false);
    }
}
