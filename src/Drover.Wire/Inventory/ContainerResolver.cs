namespace Drover.Wire.Inventory;

/// <summary>
/// The one rule by which server and agent find the containers that an app code means: the exact app code first, else a
/// container's name, else an id of at least <see cref="ShortestId"/> digits. A container (name or id) narrows what was
/// found. Of several on one host the one that runs is meant when all the others do not (the leftovers of earlier runs).
/// Pure.
/// </summary>
public static class ContainerResolver
{
    /// <summary>Digits of an id that are enough: as many as the engine's own tools print.</summary>
    public const int ShortestId = 12;

    /// <summary>True for the engine's words of a container that does not run and will not by itself.</summary>
    public static bool IsStopped(string state) => state is "exited" or "created" or "dead" or "removing";

    /// <summary>What is meant on one host: one container, none, or several when it is ambiguous.</summary>
    public static IReadOnlyList<T> Resolve<T>(
        IReadOnlyCollection<T> known, Func<T, ContainerKey> keyOf, string appCode, string? container) =>
        PreferRunning(Candidates(known, keyOf, appCode, container), keyOf);

    /// <summary>
    /// All that answer to the app code and, where one is named, to the container. A named container never widens:
    /// one that has another app code is not found.
    /// </summary>
    public static IReadOnlyList<T> Candidates<T>(
        IReadOnlyCollection<T> known, Func<T, ContainerKey> keyOf, string appCode, string? container)
    {
        var code = appCode.Trim();
        var byCode = known.Where(one => keyOf(one).AppCode == code).ToList();
        var found = byCode.Count > 0 ? byCode : Called(known, keyOf, code);
        return string.IsNullOrWhiteSpace(container) ? found : Called(found, keyOf, container.Trim());
    }

    /// <summary>The only one that runs when the others are leftovers; else all of them.</summary>
    public static IReadOnlyList<T> PreferRunning<T>(IReadOnlyList<T> candidates, Func<T, ContainerKey> keyOf)
    {
        if (candidates.Count < 2)
        {
            return candidates;
        }

        var running = candidates.Where(one => !keyOf(one).IsStopped).ToList();
        return running.Count == 1 ? running : candidates;
    }

    private static List<T> Called<T>(IReadOnlyCollection<T> known, Func<T, ContainerKey> keyOf, string wanted)
    {
        var name = wanted.TrimStart('/');
        var byName = known.Where(one => keyOf(one).Name == name).ToList();
        return byName.Count > 0 || wanted.Length < ShortestId
            ? byName
            : [.. known.Where(one => keyOf(one).DockerId.StartsWith(wanted, StringComparison.OrdinalIgnoreCase))];
    }
}

/// <summary>What <see cref="ContainerResolver"/> needs to know of a container.</summary>
/// <param name="DockerId">Full id.</param>
/// <param name="Name">Name without the leading slash.</param>
/// <param name="AppCode">See <see cref="Inventory.AppCode"/>.</param>
/// <param name="IsStopped">See <see cref="ContainerResolver.IsStopped"/>.</param>
public readonly record struct ContainerKey(string DockerId, string Name, string AppCode, bool IsStopped);
