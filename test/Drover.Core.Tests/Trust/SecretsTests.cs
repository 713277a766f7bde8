using Drover.Core.Trust;

namespace Drover.Core.Tests.Trust;

public sealed class SecretsTests
{
    [Fact]
    public void A_key_made_here_holds_256_bits_as_base64url_and_is_never_the_same_twice()
    {
        var keys = Enumerable.Range(0, 1000).Select(_ => AgentKey.Create().Reveal()).ToList();
        Assert.All(keys, key => Assert.Matches("^[A-Za-z0-9_-]{43}$", key));
        Assert.Equal(keys.Count, keys.Distinct().Count());
    }

    [Fact]
    public void A_key_survives_the_credentials_file_and_equals_itself_only()
    {
        var key = AgentKey.Create();
        Assert.True(AgentKey.TryParse(key.Reveal(), out var again));
        Assert.Equal(key, again);
        Assert.Equal(key.GetHashCode(), again!.GetHashCode());
        Assert.NotEqual(key, AgentKey.Create());
        Assert.False(key.Equals(null));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("short-of-32-characters-by-one-!")]
    [InlineData("has a space somewhere in its middle")]
    [InlineData("ends-with-a-line-break-as-files-do\n")]
    [InlineData("has-an-umlaut-ä-somewhere-in-its-middle")]
    public void A_key_that_is_too_short_or_not_printable_ASCII_is_refused(string? text)
    {
        Assert.False(AgentKey.TryParse(text, out var key));
        Assert.Null(key);
    }

    [Fact]
    public void A_key_may_have_32_to_512_characters()
    {
        Assert.False(AgentKey.TryParse(new string('k', 31), out _));
        Assert.True(AgentKey.TryParse(new string('k', 32), out _));
        Assert.True(AgentKey.TryParse(new string('k', 512), out _));
        Assert.False(AgentKey.TryParse(new string('k', 513), out _));
    }

    [Fact]
    public void A_token_carries_its_prefix_and_256_bits_and_is_stored_as_its_SHA_256()
    {
        var token = SecretToken.Create(SecretToken.EnrollmentPrefix);
        Assert.Matches("^dre_[A-Za-z0-9_-]{43}$", token.Reveal());
        Assert.Matches("^[0-9a-f]{64}$", token.Hash);
        Assert.True(SecretToken.TryParse(token.Reveal(), SecretToken.EnrollmentPrefix, out var again));
        Assert.Equal(token.Hash, again!.Hash);
    }

    [Fact]
    public void The_hash_of_a_token_is_that_of_its_text()
    {
        // printf dre_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8 | sha256sum
        const string expected = "e06e6a678286cab426e809d986c79599787856b0a2ea13dd1457590566f45813";
        Assert.True(SecretToken.TryParse(
            "dre_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", SecretToken.EnrollmentPrefix, out var token));
        Assert.Equal(expected, token!.Hash);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("dre_")]
    [InlineData("dra_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")]
    [InlineData("DRE_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")]
    [InlineData("dre_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh")]
    [InlineData("dre_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh88")]
    [InlineData("dre_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+")]
    [InlineData("dre_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n")]
    public void What_is_not_a_token_of_the_kind_is_refused(string? text)
    {
        Assert.False(SecretToken.TryParse(text, SecretToken.EnrollmentPrefix, out var token));
        Assert.Null(token);
    }

    [Fact]
    public void Neither_prints_itself()
    {
        Assert.Equal("[agent key]", $"{AgentKey.Create()}");
        Assert.Equal("[token]", $"{SecretToken.Create(SecretToken.ApiPrefix)}");
    }
}
