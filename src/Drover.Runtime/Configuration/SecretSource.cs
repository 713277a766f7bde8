using System.Text.Json;

namespace Drover.Runtime.Configuration;

/// <summary>
/// Where a secret comes from. Unlike <see cref="Secret"/> it is read when it is needed: a component that is started
/// again after its token was exchanged gets the new one, and one whose file is missing fails alone.
/// </summary>
public sealed class SecretSource
{
    private readonly string? _path;
    private readonly Secret? _value;

    private SecretSource(string written, string? path, Secret? value)
    {
        Written = written;
        _path = path;
        _value = value;
    }

    /// <summary>As it stands in the file: the path or the variable's name, never the secret.</summary>
    public string Written { get; }

    /// <summary>The file it is in; null when it comes from the environment.</summary>
    public string? FilePath => _path;

    /// <summary>The secret in a file.</summary>
    public static SecretSource OfFile(string path) => new($"file:{path}", path, null);

    /// <summary>A secret out of the environment.</summary>
    public static SecretSource OfVariable(string written, Secret value) => new(written, null, value);

    /// <summary>The same, with a relative path made whole.</summary>
    public SecretSource Below(string directory) =>
        _path is null ? this : OfFile(Path.GetFullPath(_path, directory));

    /// <summary>Reads it now.</summary>
    /// <exception cref="ConfigurationException">It cannot be read; the sentence names the file.</exception>
    public Secret Read() => _value ?? Secret.FromFile(_path!);

    /// <inheritdoc/>
    public override string ToString() => Written;
}

/// <summary>A secret's source: <c>file:/path</c> or <c>${NAME}</c>.</summary>
internal sealed class SecretSourceType : ConfigType<SecretSource>
{
    public override string Name => "secret";

    public override string Format(SecretSource value) => value.Written;

    internal override bool TryRead(YamlNode node, ConfigReadContext context, out SecretSource value)
    {
        value = null!;
        if (node is YamlScalar { IsNull: false } scalar
            && scalar.Text.StartsWith(SecretType.FilePrefix, StringComparison.Ordinal))
        {
            if (!context.TryExpand(scalar, out var text))
            {
                return false;
            }

            var path = text[SecretType.FilePrefix.Length..];
            value = SecretSource.OfFile(path);
            return path.Length > 0 || context.Refuse(node, "names no file behind file:");
        }

        if (!ConfigTypes.Secret.TryRead(node, context, out var secret))
        {
            return false;
        }

        value = SecretSource.OfVariable(((YamlScalar)node).Text, secret);
        return true;
    }

    internal override void WriteSchema(Utf8JsonWriter json) => ConfigTypes.Secret.WriteSchema(json);
}
