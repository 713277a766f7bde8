using System.Net;
using System.Security.Cryptography.X509Certificates;
using Yarp.ReverseProxy.Forwarder;

// Usage: Drover.BareForwarder ORIGIN PORT TLS_PORT CERTIFICATE KEY
// Forwards all to one address as the library's documentation has it, without a log line a request.
var (origin, port, tlsPort) = (args[0], int.Parse(args[1]), int.Parse(args[2]));
using var certificate = X509Certificate2.CreateFromPemFile(args[3], args[4]);
var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.Services.AddHttpForwarder();
builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
{
    kestrel.Listen(IPAddress.Loopback, port);
    kestrel.Listen(IPAddress.Loopback, tlsPort, listener => listener.UseHttps(certificate));
});
var application = builder.Build();
using var client = new HttpMessageInvoker(new SocketsHttpHandler
{
    UseProxy = false,
    AllowAutoRedirect = false,
    AutomaticDecompression = DecompressionMethods.None,
    UseCookies = false,
    EnableMultipleHttp2Connections = true,
    ConnectTimeout = TimeSpan.FromSeconds(15),
});
var request = new ForwarderRequestConfig { ActivityTimeout = TimeSpan.FromHours(1) };
var forwarder = application.Services.GetRequiredService<IHttpForwarder>();
application.Map("/{**any}", async (HttpContext context) =>
{
    await forwarder.SendAsync(context, origin, client, request);
});
await application.RunAsync();
