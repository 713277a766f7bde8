using System.Security.Cryptography;
using System.Text.Json;
using Drover.Server.Features.Access;
using Drover.Wire;
using Drover.Wire.People;

namespace Drover.Server.Features.Commands;

/// <summary>
/// By which an order that comes again is known: its <c>request_id</c> in one spelling, and a digest of all that was
/// asked and of who asked. The digest is taken of the order as it came, for what it means may have changed since.
/// </summary>
internal sealed record RequestKey(string Id, string Digest)
{
    /// <summary>The key of an order, or null when it carries no <c>request_id</c>.</summary>
    public static RequestKey? Of(OrderRequest request, Person person)
    {
        if (request.RequestId is null)
        {
            return null;
        }

        var asked = JsonSerializer.SerializeToUtf8Bytes(
            request with { RequestId = $"{person.Via} {person.Name}" }, WireJson.Default.OrderRequest);
        return new RequestKey(
            Guid.Parse(request.RequestId).ToString(), Convert.ToHexStringLower(SHA256.HashData(asked)));
    }
}
