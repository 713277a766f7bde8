using System.Collections.Immutable;
using System.Globalization;
using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Containers;

namespace Drover.HostAgent.Inventory;

/// <summary>
/// Reads containers as cheaply as the engine allows: one list, and details only of those whose line in it changed. One
/// container that vanishes meanwhile, or whose details the engine cannot give, never spoils the rest. Never uses the
/// stats API.
/// </summary>
internal sealed class ContainerReader(DockerClient docker)
{
    private const int ParallelInspects = 4;

    /// <summary>Beyond this many, one whole list costs less than a filter.</summary>
    private const int MaxFiltered = 50;

    /// <summary>Looks at all containers.</summary>
    /// <param name="known">What was seen before.</param>
    /// <param name="trustLines">False: look at the details of every one, because something may have been
    /// missed.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="DockerException">The list itself cannot be had.</exception>
    internal async Task<InventoryPicture> ReadAllAsync(
        InventoryPicture known, bool trustLines, CancellationToken cancellationToken)
    {
        var lines = await docker.Containers.ListAsync(cancellationToken);
        var trusted = trustLines ? known.Containers : ImmutableDictionary<string, KnownContainer>.Empty;
        return new InventoryPicture(
            (await LookAsync(lines, trusted, cancellationToken)).ToImmutableDictionary(StringComparer.Ordinal));
    }

    /// <summary>Looks again at some containers, details included, and leaves the others as they are known.</summary>
    /// <exception cref="DockerException">The list itself cannot be had.</exception>
    internal async Task<InventoryPicture> ReadAgainAsync(
        InventoryPicture known, IReadOnlySet<string> changed, CancellationToken cancellationToken)
    {
        if (changed.Count > MaxFiltered)
        {
            var others = new InventoryPicture(known.Containers.RemoveRange(changed));
            return await ReadAllAsync(others, trustLines: true, cancellationToken);
        }

        var filters = changed.Skip(1).Aggregate(
            DockerFilters.Where("id", changed.First()), (all, id) => all.And("id", id));
        var lines = await docker.Containers.ListAsync(all: true, filters, size: false, cancellationToken);
        var fresh = await LookAsync(
            [.. lines.Where(line => changed.Contains(line.Id))], ImmutableDictionary<string, KnownContainer>.Empty,
            cancellationToken);
        return new InventoryPicture(known.Containers.RemoveRange(changed).SetItems(fresh));
    }

    private async Task<IReadOnlyCollection<KeyValuePair<string, KnownContainer>>> LookAsync(
        IReadOnlyList<ContainerSummary> lines, ImmutableDictionary<string, KnownContainer> trusted,
        CancellationToken cancellationToken)
    {
        var seen = new KeyValuePair<string, KnownContainer>?[lines.Count];
        var options =
            new ParallelOptions { MaxDegreeOfParallelism = ParallelInspects, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, lines.Count, options, async (index, token) =>
        {
            var line = lines[index];
            var fingerprint = Fingerprint(line);
            var container = trusted.TryGetValue(line.Id, out var before) && before.Fingerprint == fingerprint
                ? before
                : await LookAsync(line, fingerprint, token);
            seen[index] = container is null ? null : KeyValuePair.Create(line.Id, container);
        });
        return [.. seen.OfType<KeyValuePair<string, KnownContainer>>()];
    }

    private async Task<KnownContainer?> LookAsync(
        ContainerSummary line, string fingerprint, CancellationToken cancellationToken)
    {
        try
        {
            var inspect = await docker.Containers.InspectAsync(line.Id, cancellationToken);
            return KnownContainer.Of(ContainerNormaliser.Normalise(line, inspect), fingerprint);
        }
        catch (DockerApiException error) when (error.IsNotFound)
        {
            return null;
        }
        catch (DockerApiException)
        {
            // The line alone is worth having; an empty fingerprint makes the next look try the details again.
            return KnownContainer.Of(ContainerNormaliser.Normalise(line, inspect: null), fingerprint: "");
        }
    }

    private static string Fingerprint(ContainerSummary line)
    {
        var status = ContainerNormaliser.StatusWithoutAge(line.Status);
        var networks = line.NetworkSettings.Networks
            .Select(pair => $"{pair.Key}={pair.Value.IpAddress}")
            .Order(StringComparer.Ordinal);

        return string.Create(
            CultureInfo.InvariantCulture,
            $"{line.State}|{status}|{HealthPart(line.Status)}|{line.Name}|{line.ImageId}|{line.Image}|"
                + $"{line.Ports.Count}|{string.Join(',', networks)}");
    }

    private static string HealthPart(string status) =>
        status.LastIndexOf('(') is > 0 and var at && status.StartsWith("Up", StringComparison.Ordinal)
            ? status[at..]
            : "";
}
