using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using Drover.Runtime.Docker.Transport;

namespace Drover.Runtime.Docker.Images;

/// <summary>Images. A reference may be a name with tag or digest, or an id.</summary>
public sealed class ImageOperations
{
    private readonly EngineTransport _transport;

    internal ImageOperations(EngineTransport transport) => _transport = transport;

    /// <param name="all">True: also the layers between.</param>
    /// <param name="filters">As <c>docker images --filter</c>.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<IReadOnlyList<ImageSummary>> ListAsync(
        bool all, DockerFilters? filters, CancellationToken cancellationToken) => _transport.ReadAsync(
        EngineRequest.Get("/images/json", "list the images") with
        {
            Query = new EngineQuery().Add("all", all).Add(filters),
        },
        ImageJson.Default.IReadOnlyListImageSummary,
        cancellationToken);

    public Task<ImageInspect> InspectAsync(string reference, CancellationToken cancellationToken) =>
        _transport.ReadAsync(
        EngineRequest.Get(Of(reference, "/json"), $"inspect image \"{reference}\""),
        ImageJson.Default.ImageInspect,
        cancellationToken);

    /// <summary>Fetches an image from its registry. It is there when the progress ends; an error in it is a
    /// <see cref="DockerApiException"/>.</summary>
    /// <param name="reference">Name with tag or digest; without either <c>latest</c>.</param>
    /// <param name="credentials">Null for a public image.</param>
    /// <param name="cancellationToken">Ends the transfer.</param>
    public IAsyncEnumerable<ImageProgress> PullAsync(
        string reference, RegistryCredentials? credentials, CancellationToken cancellationToken)
    {
        var (name, tag) = ImageReference.Split(reference);
        var request = EngineRequest.Post("/images/create", $"pull image \"{reference}\"") with
        {
            Query = new EngineQuery().Add("fromImage", name).Add("tag", tag),
            RegistryAuth = credentials?.ToHeader(),
        };
        return FollowAsync(request, cancellationToken);
    }

    /// <summary>Builds an image. The last message with an <see cref="ImageProgress.Aux"/> names it; a failed step is a
    /// <see cref="DockerApiException"/>.</summary>
    /// <param name="context">A tar of the build context; read once and closed.</param>
    /// <param name="build">How.</param>
    /// <param name="cancellationToken">Ends the build.</param>
    public IAsyncEnumerable<ImageProgress> BuildAsync(
        Stream context, BuildImage build, CancellationToken cancellationToken)
    {
        var request = Upload("/build", $"build image \"{string.Join(", ", build.Tags)}\"", context) with
        {
            Query = build.ToQuery(),
            RegistryConfig = build.Registries.Count is 0 ? null : RegistryCredentials.ToHeader(build.Registries),
        };
        return FollowAsync(request, cancellationToken);
    }

    /// <summary>Makes an image of one layer from the tar of a root file system.</summary>
    /// <param name="rootFileSystem">The tar; read once and closed.</param>
    /// <param name="reference">Name with tag to give it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task ImportAsync(Stream rootFileSystem, string reference, CancellationToken cancellationToken)
    {
        var (name, tag) = ImageReference.Split(reference);
        var request = Upload("/images/create", $"import image \"{reference}\"", rootFileSystem) with
        {
            Query = new EngineQuery().Add("fromSrc", "-").Add("repo", name).Add("tag", tag),
        };
        await foreach (var progress in FollowAsync(request, cancellationToken))
        {
            _ = progress;
        }
    }

    /// <summary>Gives an image another name.</summary>
    public Task TagAsync(string reference, string newReference, CancellationToken cancellationToken)
    {
        var (name, tag) = ImageReference.Split(newReference);
        var request = EngineRequest.Post(Of(reference, "/tag"), $"tag image \"{reference}\" as \"{newReference}\"") with
        {
            Query = new EngineQuery().Add("repo", name).Add("tag", tag),
        };
        return _transport.SendAsync(request, cancellationToken);
    }

    /// <summary>Takes the name away and deletes what no other name needs; one in use is a conflict.</summary>
    /// <param name="reference">Name or id.</param>
    /// <param name="force">True: also while stopped containers use it or several names point at it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<IReadOnlyList<RemovedImage>> RemoveAsync(
        string reference, bool force, CancellationToken cancellationToken) => _transport.ReadAsync(
        EngineRequest.Delete(Of(reference, ""), $"remove image \"{reference}\"") with
        {
            Query = new EngineQuery().Add("force", force),
        },
        ImageJson.Default.IReadOnlyListRemovedImage,
        cancellationToken);

    private async IAsyncEnumerable<ImageProgress> FollowAsync(
        EngineRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var stream = await _transport.OpenAsync(request, cancellationToken, deadline: request.Replayable);
        var messages = JsonLines.ReadAsync(
            stream, ImageJson.Default.ImageProgress, _transport.Options.MaxLineBytes, cancellationToken);
        await foreach (var message in messages)
        {
            if ((message.ErrorDetail?.Message ?? message.Error) is { Length: > 0 } error)
            {
                var code = message.ErrorDetail?.Code is >= 400 and < 600 and var named ? named : 500;
                throw new DockerApiException(request.Operation, (HttpStatusCode)code, error);
            }

            yield return message;
        }
    }

    private static EngineRequest Upload(string path, string operation, Stream tar) =>
        EngineRequest.Post(path, operation) with
        {
            Replayable = false,
            Body = () =>
            {
                var content = new StreamContent(tar);
                content.Headers.ContentType = new MediaTypeHeaderValue("application/x-tar");
                return content;
            },
        };

    /// <summary>Slashes of a name are part of the engine's path; everything else is escaped.</summary>
    private static string Of(string reference, string what) =>
        $"/images/{Uri.EscapeDataString(reference).Replace("%2F", "/", StringComparison.Ordinal)}{what}";
}
