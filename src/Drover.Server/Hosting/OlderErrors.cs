using Drover.Wire.Legacy;
using Microsoft.AspNetCore.Http;

namespace Drover.Server.Hosting;

/// <summary>
/// The error surface of the older agent protocol: <c>{"message": "..."}</c> in the place of a problem document, for a
/// caller that is known to speak it. A 401 never has it: that one is the same for everybody.
/// </summary>
internal sealed class OlderErrors
{
    private static readonly OlderErrors Wanted = new();

    private OlderErrors()
    {
    }

    /// <summary>From now on this request's errors have the older surface.</summary>
    public static void Want(HttpContext context) => context.Features.Set(Wanted);

    public static bool AreWantedBy(HttpContext context) => context.Features.Get<OlderErrors>() is not null;

    public static Task WriteAsync(HttpResponse response, string? message) => response.WriteAsJsonAsync(
        new LegacyMessage(message), LegacyJson.Default.LegacyMessage, "application/json", CancellationToken.None);
}
