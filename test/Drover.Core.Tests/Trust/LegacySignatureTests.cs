using System.Text;
using Drover.Core.Trust;

namespace Drover.Core.Tests.Trust;

public sealed class LegacySignatureTests
{
    private const string Report =
        """{"command_id":"cmd-1","completed_at":"2023-11-15T10:00:00Z","deployment_hash":"dep-hash-123","error":null,"executed_by":"compose_agent","status":"success"}""";

    private const string KeyText = "an-agent-token-of-the-older-protocol-0123456789";

    [Theory]
    [InlineData("token-abc", "", "Y9BLTyqf3A7iOn+zYh+fSjAVoIakozoLuRlKBAxbV/s=")]
    [InlineData("token-abc", Report, "x9ZRhSL4DHeQbhrm3Sg113eD+jAWvCWXDZAACOwuHaU=")]
    [InlineData("secret", "hello", "iKqz7ejTrflNJquQ07r9SiCDBww7zOnAFO4EpEOEfAs=")]
    [InlineData("", "", "thNnmggU2ex3L5XXeMNfxf8Wl8STcVZTxscSFEKSxa0=")]
    public void The_vectors_of_the_older_protocol_hold(string key, string body, string signature) =>
        Assert.Equal(signature, LegacySignature.Sign(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(body)));

    [Fact]
    public void A_signed_body_and_its_bearer_are_verified()
    {
        var key = Key(KeyText);
        Assert.True(LegacySignature.Verify(key, "{}"u8, LegacySignature.Sign(key, "{}"u8)));
        Assert.True(LegacySignature.IsBearer(key, LegacySignature.Bearer(key)));
        Assert.Equal("Bearer " + KeyText, LegacySignature.Bearer(key));
    }

    [Fact]
    public void Another_key_another_body_and_whatever_is_malformed_is_refused()
    {
        var key = Key(KeyText);
        var other = Key(KeyText + "x");
        var (signature, bearer) = (LegacySignature.Sign(key, "{}"u8), LegacySignature.Bearer(key));

        Assert.False(LegacySignature.Verify(key, "{ }"u8, signature));
        Assert.False(LegacySignature.Verify(other, "{}"u8, signature));
        Assert.False(LegacySignature.IsBearer(other, bearer));
        foreach (var malformed in (string?[])
            [null, "", "=", "not base64", signature + "AAAA", signature[..^4], "v2=" + signature])
        {
            Assert.False(LegacySignature.Verify(key, "{}"u8, malformed));
        }

        foreach (var malformed in (string?[])
            [null, "", "Bearer ", KeyText, "bearer " + KeyText, bearer + " ", "Basic " + KeyText])
        {
            Assert.False(LegacySignature.IsBearer(key, malformed));
        }
    }

    [Fact]
    public void A_hex_signature_is_refused_as_it_always_was_for_it_is_base64_of_something_else()
    {
        var key = Key(KeyText);
        var hex = Convert.ToHexStringLower(Convert.FromBase64String(LegacySignature.Sign(key, "{}"u8)));
        Assert.False(LegacySignature.Verify(key, "{}"u8, hex));
    }

    [Theory]
    [InlineData("v2=nWe58EWblQU5rcLWqh+st+plL06hO8D3fhT39kXFpHc=", false)]
    [InlineData("nWe58EWblQU5rcLWqh+st+plL06hO8D3fhT39kXFpHc=", true)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void The_prefix_tells_the_two_protocols_apart(string? signature, bool isLegacy) =>
        Assert.Equal(isLegacy, LegacySignature.IsMeant(signature));

    private static AgentKey Key(string text) =>
        AgentKey.TryParse(text, out var key) ? key! : throw new InvalidOperationException(text);
}
