using Drover.Runtime.Requests;
using Drover.Server.Features.Access;
using Drover.Server.Features.Audit;
using Drover.Server.Features.Hosts;
using Drover.Server.Hosting;
using Drover.Wire.People;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Drover.Server.Features.Certificates;

/// <summary>What people ask of the server's certificate.</summary>
internal static class CertificateEndpoints
{
    private const long LongestAfter = 30L * 24 * 3600;
    private const long DefaultAfter = 24 * 3600;

    /// <summary>The certificate in use, and the one that follows with the hosts that know it.</summary>
    public static Ok<CertificateDto> Get(HttpContext context, ServerCertificates certificates, HostRegistry hosts)
    {
        _ = new QueryReader(context);
        return TypedResults.Ok(ViewOf(certificates, hosts));
    }

    /// <summary>Announces a new certificate; it is used after a while.</summary>
    public static async Task<Results<Ok<CertificateDto>, Problem>> Rotate(
        HttpContext context,
        ServerCertificates certificates,
        HostRegistry hosts,
        ChangeCertificate change,
        CancellationToken cancellationToken)
    {
        var request = await PeopleBody.ReadAsync<RotateCertificateRequest>(context);
        if (request.AfterSeconds is < 0 or > LongestAfter)
        {
            return Problem.InvalidRequest($"\"after_seconds\" is not between 0 and {LongestAfter}");
        }

        if (certificates.Now is null)
        {
            return Problem.Conflict("The server listens without TLS: there is no certificate to change.");
        }

        if (certificates.AreFiles)
        {
            return Problem.Conflict(
                "The certificate comes from the files of server.tls.certificate and server.tls.key: replace those; the "
                    + "server notices within seconds.");
        }

        var after = TimeSpan.FromSeconds(request.AfterSeconds ?? DefaultAfter);
        await change.RotateAsync(after, context.Person().ToActor(), cancellationToken);
        return TypedResults.Ok(ViewOf(certificates, hosts));
    }

    private static CertificateDto ViewOf(ServerCertificates certificates, HostRegistry hosts)
    {
        if (certificates.Now is not { } state)
        {
            return new CertificateDto(false, null, null, null, null, null, null);
        }

        return new CertificateDto(
            true,
            certificates.AreFiles ? "files" : "self_made",
            state.Current.Pin.ToString(),
            !state.Current.IsKnownToAuthorities,
            state.Current.NotBefore,
            state.Current.NotAfter,
            state.Next is null ? null : NextOf(state, hosts));
    }

    private static NextCertificateDto NextOf(CertificateState state, HostRegistry hosts)
    {
        var pin = state.Next!.Pin.ToString();
        var waiting = hosts.All.Where(host => host.KnownPin != pin)
            .Select(host => host.Name)
            .ToList();
        return new NextCertificateDto(pin, state.SwitchAt.GetValueOrDefault(), hosts.Count - waiting.Count, waiting);
    }
}
