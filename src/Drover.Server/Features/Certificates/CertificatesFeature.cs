using Drover.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Drover.Server.Features.Certificates;

/// <summary>What the server proves itself with: files or a certificate of its own, announced ahead.</summary>
internal static class CertificatesFeature
{
    public static void AddCertificates(this IServiceCollection services, ServerCertificates certificates)
    {
        services.AddSingleton(certificates);
        services.AddSingleton<ChangeCertificate>();
        services.AddSingleton<AnnouncePins>();
        services.AddSingleton<JoinFacts>();
        services.AddHostedService<CertificateRunner>();
    }

    public static void MapCertificates(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Routes.Certificate, CertificateEndpoints.Get);
        routes.MapPost(Routes.CertificateRotation, CertificateEndpoints.Rotate);
    }
}
