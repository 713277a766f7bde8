using Drover.Core.Trust;
using FsCheck;
using FsCheck.Fluent;

namespace Drover.Core.Tests.Trust;

/// <summary>
/// The two vectors were computed with Python's hmac and checked with openssl, not with the code they test.
/// </summary>
public sealed class RequestSignatureTests
{
    private const string HostId = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

    private static readonly SignedRequest Heartbeat = new(
        "POST",
        "/api/agent/heartbeat",
        HostId,
        1767225600,
        "0f8fad5b-d9cb-469f-a165-70867728950e",
        RequestSignature.HashBody("""{"run":1767225600000,"seq":1,"docker":"up","at":1767225600000}"""u8));

    private static readonly SignedRequest Stream = new(
        "POST",
        "/api/agent/streams/5f2c?part=1&name=a%2Fb",
        HostId,
        1767225661,
        "req-2",
        RequestSignature.StreamBodyHash);

    private static readonly AgentKey OurKey = Key("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8");

    [Fact]
    public void Vector_1_a_heartbeat_under_a_key_of_our_own_form()
    {
        Assert.Equal(
            "drover-v2\nPOST\n/api/agent/heartbeat\n7c9e6679-7425-40de-944b-e07fc1f90ae7\n1767225600\n"
            + "0f8fad5b-d9cb-469f-a165-70867728950e\n5bef0e080f6d19275ccaa38f3b6f207f9db7e5e242b076f297ddb1880c0180f2",
            RequestSignature.CanonicalString(Heartbeat));
        Assert.Equal("v2=nWe58EWblQU5rcLWqh+st+plL06hO8D3fhT39kXFpHc=", RequestSignature.Sign(OurKey, Heartbeat));
    }

    [Fact]
    public void Vector_2_a_log_stream_with_a_query_under_a_key_of_any_text()
    {
        var key = Key("operator-written-key-of-any-printable-text!");
        Assert.Equal("v2=vuiYDjs8DJognBv0xOdmTWEfLPIXT38oVDliiQLGlxs=", RequestSignature.Sign(key, Stream));
    }

    [Fact]
    public void The_hash_of_an_absent_body_is_that_of_the_empty_one() =>
        Assert.Equal(
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            RequestSignature.HashBody([]));

    [Fact]
    public void A_signature_verifies_for_any_request_and_key() =>
        Prop.ForAll(Requests(), request =>
        {
            var key = AgentKey.Create();
            return RequestSignature.Verify(key, request, RequestSignature.Sign(key, request));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_change_of_any_part_breaks_it() =>
        Prop.ForAll(Requests(), Requests(), (one, other) =>
        {
            var signature = RequestSignature.Sign(OurKey, one);
            SignedRequest[] changed =
            [
                one with { Method = other.Method },
                one with { RawTarget = other.RawTarget },
                one with { AgentId = other.AgentId },
                one with { UnixSeconds = other.UnixSeconds },
                one with { RequestId = other.RequestId },
                one with { BodyHash = other.BodyHash },
                one with { RawTarget = one.RawTarget + "?" },
                one with { UnixSeconds = one.UnixSeconds ^ 1 },
            ];
            return changed.All(request => RequestSignature.Verify(OurKey, request, signature) == (request == one))
                && !RequestSignature.Verify(AgentKey.Create(), one, signature);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_change_of_any_bit_of_the_MAC_breaks_it()
    {
        var mac = Convert.FromBase64String(RequestSignature.Sign(OurKey, Heartbeat)[RequestSignature.Prefix.Length..]);
        for (var bit = 0; bit < mac.Length * 8; bit++)
        {
            mac[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(
                RequestSignature.Verify(OurKey, Heartbeat, RequestSignature.Prefix + Convert.ToBase64String(mac)));
            mac[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.True(RequestSignature.Verify(OurKey, Heartbeat, RequestSignature.Prefix + Convert.ToBase64String(mac)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("v2=")]
    [InlineData("v2")]
    [InlineData("v2=nWe58EWblQU5rcLWqh+st+plL06hO8D3fhT39kXFpHc")]
    [InlineData("V2=nWe58EWblQU5rcLWqh+st+plL06hO8D3fhT39kXFpHc=")]
    [InlineData("v1=nWe58EWblQU5rcLWqh+st+plL06hO8D3fhT39kXFpHc=")]
    [InlineData("nWe58EWblQU5rcLWqh+st+plL06hO8D3fhT39kXFpHc=")]
    [InlineData("v2=nWe58EWblQU5rcLWqh-st-plL06hO8D3fhT39kXFpHc=")]
    [InlineData("v2=nWe58EWblQU5rcLWqh+st+plL06hO8D3fhT39kXFpHcA")]
    [InlineData("v2=9d67b9f0459b950539adc2d6aa1facb7ea652f4ea13bc0f77e14f7f645c5a477")]
    public void A_malformed_signature_is_false_and_never_an_exception(string? signature) =>
        Assert.False(RequestSignature.Verify(OurKey, Heartbeat, signature));

    [Fact]
    public void Any_text_whatever_is_false_and_never_an_exception() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string?>(), text =>
            !RequestSignature.Verify(OurKey, Heartbeat, text)
            && !RequestSignature.Verify(OurKey, Heartbeat, RequestSignature.Prefix + text)).QuickCheckThrowOnFailure();

    private static Arbitrary<SignedRequest> Requests()
    {
        var text = Gen.Choose('!', '~').Select(c => (char)c).ListOf().Select(chars => string.Concat(chars));
        return (from method in Gen.Elements("GET", "POST", "DELETE")
                from target in text
                from id in text
                from stamp in Gen.Choose(0, int.MaxValue)
                from requestId in text
                from body in text
                select new SignedRequest(
                    method,
                    "/" + target,
                    id,
                    stamp,
                    requestId,
                    RequestSignature.HashBody(System.Text.Encoding.UTF8.GetBytes(body)))).ToArbitrary();
    }

    private static AgentKey Key(string text)
    {
        Assert.True(AgentKey.TryParse(text, out var key));
        return key!;
    }
}
