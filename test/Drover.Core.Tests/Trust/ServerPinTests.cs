using Drover.Core.Trust;

namespace Drover.Core.Tests.Trust;

public sealed class ServerPinTests
{
    // The SubjectPublicKeyInfo of a P-256 key, and what `openssl dgst -sha256` says of those bytes.
    private const string KeyInfo =
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sx"
        + "XsdUBiXj1kDd9Q==";

    [Fact]
    public void A_pin_is_the_sha256_of_the_public_key_and_its_text_reads_back()
    {
        var pin = ServerPin.Of(Convert.FromBase64String(KeyInfo));
        var hex = Convert.ToHexStringLower(
            System.Security.Cryptography.SHA256.HashData(Convert.FromBase64String(KeyInfo)));

        Assert.Matches("^sha256:[A-Za-z0-9_-]{43}$", pin.ToString());
        Assert.True(ServerPin.TryParse(pin.ToString(), out var again));
        Assert.Equal(pin, again);
        Assert.True(ServerPin.TryParse(hex, out var fromHex));
        Assert.Equal(pin, fromHex);
        Assert.True(ServerPin.TryParse($"sha256:{hex.ToUpperInvariant()}", out fromHex));
        Assert.Equal(pin, fromHex);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("sha256:")]
    [InlineData("sha256:AAAA")]
    [InlineData("sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA!")]
    [InlineData("sha256:zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz")]
    public void What_is_no_pin_is_refused(string? text) => Assert.False(ServerPin.TryParse(text, out _));

    [Fact]
    public void Pins_of_two_keys_differ()
    {
        Assert.NotEqual(ServerPin.Of([1]), ServerPin.Of([2]));
        Assert.Equal(ServerPin.Of([1]), ServerPin.Of([1]));
    }
}
