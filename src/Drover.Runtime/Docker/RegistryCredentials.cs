using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Drover.Runtime.Docker;

/// <summary>What a registry wants before it hands out an image. Travels only in a request header; never prints
/// itself.</summary>
public sealed class RegistryCredentials
{
    private readonly Content _content;

    private RegistryCredentials(Content content) => _content = content;

    /// <summary>Registry these are for; null for the engine's default.</summary>
    public string? Registry => _content.ServerAddress;

    public static RegistryCredentials Password(string username, string password, string? registry = null) =>
        new(new Content { Username = username, Password = password, ServerAddress = registry });

    public static RegistryCredentials IdentityToken(string token, string? registry = null) =>
        new(new Content { IdentityToken = token, ServerAddress = registry });

    public override string ToString() => "[registry credentials]";

    internal string ToHeader() =>
        Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(_content, RegistryJson.Default.Content));

    internal static string ToHeader(IEnumerable<RegistryCredentials> credentials)
    {
        var byRegistry = credentials.ToDictionary(each => each.Registry ?? DefaultRegistry, each => each._content);
        return Base64Url.EncodeToString(
            JsonSerializer.SerializeToUtf8Bytes(byRegistry, RegistryJson.Default.DictionaryStringContent));
    }

    /// <summary>The name under which Docker files the credentials of its own registry.</summary>
    private const string DefaultRegistry = "https://index.docker.io/v1/";

    internal sealed record Content
    {
        [JsonPropertyName("username")]
        public string? Username { get; init; }

        [JsonPropertyName("password")]
        public string? Password { get; init; }

        [JsonPropertyName("identitytoken")]
        public string? IdentityToken { get; init; }

        [JsonPropertyName("serveraddress")]
        public string? ServerAddress { get; init; }

        public override string ToString() => "[registry credentials]";
    }
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RegistryCredentials.Content))]
[JsonSerializable(typeof(Dictionary<string, RegistryCredentials.Content>))]
internal sealed partial class RegistryJson : JsonSerializerContext;
