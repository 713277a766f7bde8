using System.Text.Json.Serialization;

namespace Drover.Login;

/// <summary>The server a person logged in at. Holds a token; never prints it.</summary>
/// <param name="Version">Format of the file; 1.</param>
/// <param name="Server">Base address.</param>
/// <param name="Pin">Pin of its certificate; null where this machine's authorities vouch for it.</param>
/// <param name="Token">API token: the one secret in the file.</param>
internal sealed record SavedLogin(int Version, string Server, string? Pin, string Token)
{
    /// <summary>The token is never printed.</summary>
    public override string ToString() => $"SavedLogin {{ Server = {Server} }}";
}

/// <summary>How the file is written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SavedLogin))]
internal sealed partial class LoginJson : JsonSerializerContext;
