using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Drover.Core.Trust;

namespace Drover.Bench.Scenarios;

/// <summary>What the server spends on knowing who sent a heartbeat: hash of the body, canonical string, MAC.</summary>
internal static class SignatureScenario
{
    private const int Rounds = 15;
    private const int Checks = 20_000;

    public static Task<IReadOnlyList<Figure>> RunAsync(string published, Scale scale, CancellationToken cancellation)
    {
        var key = AgentKey.Create();
        var body = Encoding.UTF8.GetBytes(
            """{"run":1767225600000,"seq":1,"inv":"00112233445566778899aabbccddeeff","docker":"up","at":1767225600}""");
        SignedRequest Request() => new(
            "POST", "/api/agent/heartbeat", "7c9e6679-7425-40de-944b-e07fc1f90ae7", 1767225600,
            "0f8fad5b-d9cb-469f-a165-70867728950e", RequestSignature.HashBody(body));
        var signature = RequestSignature.Sign(key, Request());
        var bareKey = Encoding.UTF8.GetBytes(key.Reveal());
        var bareText = Encoding.UTF8.GetBytes(RequestSignature.CanonicalString(Request()));

        var ours = new List<double>();
        var bare = new List<double>();
        for (var round = 0; round < Rounds && !cancellation.IsCancellationRequested; round++)
        {
            ours.Add(MicrosecondsOf(() => RequestSignature.Verify(key, Request(), signature)));
            bare.Add(MicrosecondsOf(() => HMACSHA256.HashData(bareKey, bareText).Length == 32));
        }

        return Task.FromResult<IReadOnlyList<Figure>>(
        [
            new Figure("signature check of a heartbeat", "us", ours, "median", 20)
            {
                Peers = [new PeerFigure("the HMAC alone", Figure.Summary(bare, "median"))],
            },
        ]);
    }

    private static double MicrosecondsOf(Func<bool> check)
    {
        var began = Stopwatch.GetTimestamp();
        for (var count = 0; count < Checks; count++)
        {
            if (!check())
            {
                throw new InvalidOperationException("cannot measure: the signature is not accepted");
            }
        }

        return Stopwatch.GetElapsedTime(began).TotalMicroseconds / Checks;
    }
}
