using System.Text;
using Drover.Core.Trust;
using Drover.Gateway.Documents;
using Drover.Runtime.Configuration;
using Drover.Runtime.Files;

namespace Drover.Gateway.Admin;

/// <summary>
/// The token that opens the admin listener: the one that the user's file names, else one that is made at the first
/// start and kept, readable by its owner alone, in the data directory. There is always one.
/// </summary>
internal static class AdminToken
{
    /// <summary>A token of fewer characters is guessed sooner or later.</summary>
    public const int FewestCharacters = 16;

    /// <summary>The token's proof, and where its file is when it was made here.</summary>
    /// <exception cref="GatewayStartException">It cannot be used; the sentence says why.</exception>
    public static (BearerProof Proof, string? Path) Open(AdminDocument document, GatewayPaths paths)
    {
        if (document.Token is { } source)
        {
            return (ProofOf("gateway.admin.token", source), null);
        }

        var path = paths.AdminToken;
        try
        {
            if (!File.Exists(path))
            {
                var made = SecretToken.Create(SecretToken.GatewayPrefix);
                AtomicFile.Write(path, Encoding.UTF8.GetBytes(made.Reveal() + "\n"));
            }

            return (ProofOf("the admin token", SecretSource.OfFile(path)), path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GatewayStartException($"cannot keep the admin token in \"{path}\": {error.Message}", error);
        }
    }

    /// <summary>The proof of a token that the user chose.</summary>
    /// <exception cref="GatewayStartException">It cannot be read, or is too short.</exception>
    public static BearerProof ProofOf(string key, SecretSource source)
    {
        try
        {
            var token = source.Read().Reveal();
            return token.Length >= FewestCharacters
                ? BearerProof.Of(token)
                : throw new GatewayStartException(
                    $"cannot use {key} \"{source}\": it has fewer than {FewestCharacters} characters; "
                        + "`openssl rand -hex 32` makes a good one");
        }
        catch (ConfigurationException error)
        {
            throw new GatewayStartException($"cannot use {key}: {error.Message}", error);
        }
    }
}
