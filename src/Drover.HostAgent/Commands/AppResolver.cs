using Drover.Runtime.Docker.Containers;
using Drover.Wire.Commands;
using Drover.Wire.Inventory;

namespace Drover.HostAgent.Commands;

/// <summary>
/// Finds the one container that an app code means: the exact app code first, else a container's name, else an id of
/// at least twelve digits. Where several have the app code, the parameter <c>container</c> (name or id) chooses;
/// without it the one that runs is meant when all the others do not (the leftovers of earlier runs), and anything
/// else is ambiguous. Pure.
/// </summary>
internal static class AppResolver
{
    private const int MinIdPrefix = 12;
    private const int MaxListed = 20;
    private const int MaxNear = 5;

    /// <summary>The app code of a container.</summary>
    public static string AppCodeOf(ContainerSummary container) => AppCode.Of(container.Labels, container.Name);

    /// <summary>Finds it among all containers of the host.</summary>
    public static AppResolution Resolve(IReadOnlyList<ContainerSummary> containers, string appCode, string? container)
    {
        var candidates = Candidates(containers, appCode);
        if (candidates.Count > 0 && !string.IsNullOrWhiteSpace(container))
        {
            candidates = [.. candidates.Where(candidate => IsCalled(candidate, container))];
        }

        if (candidates.Count == 0)
        {
            return new AppResolution.NotFound(NotFoundError(containers, appCode, container));
        }

        if (candidates.Count == 1)
        {
            return new AppResolution.Found(candidates[0]);
        }

        var running = candidates
            .Where(candidate => candidate.State is not ("exited" or "created" or "dead" or "removing"))
            .ToList();
        return running.Count == 1
            ? new AppResolution.Found(running[0])
            : new AppResolution.Ambiguous(AmbiguousError(candidates, appCode));
    }

    private static List<ContainerSummary> Candidates(IReadOnlyList<ContainerSummary> containers, string appCode)
    {
        var byCode = containers.Where(container => AppCodeOf(container) == appCode).ToList();
        if (byCode.Count > 0)
        {
            return byCode;
        }

        var byName = containers.Where(container => container.Name == appCode).ToList();
        return byName.Count > 0 ? byName : [.. containers.Where(container => HasIdPrefix(container, appCode))];
    }

    private static bool IsCalled(ContainerSummary candidate, string container) =>
        candidate.Name == container.Trim().TrimStart('/') || HasIdPrefix(candidate, container.Trim());

    private static bool HasIdPrefix(ContainerSummary container, string text) =>
        text.Length >= MinIdPrefix && container.Id.StartsWith(text, StringComparison.OrdinalIgnoreCase);

    private static CommandErrorDto NotFoundError(
        IReadOnlyList<ContainerSummary> containers, string appCode, string? container)
    {
        var what =
            string.IsNullOrWhiteSpace(container) ? $"app '{appCode}'" : $"container '{container}' of app '{appCode}'";
        var near = containers.Select(AppCodeOf).Concat(containers.Select(one => one.Name))
            .Distinct(StringComparer.Ordinal)
            .Where(name => IsNear(name, appCode))
            .Order(StringComparer.Ordinal)
            .Take(MaxNear)
            .ToList();
        var hint = near.Count > 0 ? $"; there is {string.Join(", ", near)}" : "";
        return new CommandErrorDto(
            CommandErrors.ContainerNotFound,
            $"cannot find {what}: no container of this host has that app code, name or id{hint}",
            near.Count > 0 ? new Dictionary<string, string> { ["near"] = string.Join(", ", near) } : null);
    }

    private static CommandErrorDto AmbiguousError(List<ContainerSummary> candidates, string appCode)
    {
        var names = string.Join(
            ", ", candidates.Select(candidate => candidate.Name).Order(StringComparer.Ordinal).Take(MaxListed));
        return new CommandErrorDto(
            CommandErrors.ContainerAmbiguous,
            $"cannot choose a container for app '{appCode}': {candidates.Count} answer to it; name one of {names}",
            new Dictionary<string, string> { ["candidates"] = names });
    }

    private static bool IsNear(string name, string asked) =>
        asked.Length >= 3
        && (name.Contains(asked, StringComparison.OrdinalIgnoreCase)
            || (name.Length >= 3 && asked.Contains(name, StringComparison.OrdinalIgnoreCase))
            || Distance(name, asked) <= 2);

    private static int Distance(string left, string right)
    {
        if (Math.Abs(left.Length - right.Length) > 2 || left.Length > 64)
        {
            return int.MaxValue;
        }

        var previous = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var row = 1; row <= left.Length; row++)
        {
            var current = new int[right.Length + 1];
            current[0] = row;
            for (var column = 1; column <= right.Length; column++)
            {
                var isSame = char.ToLowerInvariant(left[row - 1]) == char.ToLowerInvariant(right[column - 1]);
                var substitution = previous[column - 1] + (isSame ? 0 : 1);
                current[column] = Math.Min(substitution, Math.Min(previous[column], current[column - 1]) + 1);
            }

            previous = current;
        }

        return previous[right.Length];
    }
}

/// <summary>What an app code means on this host.</summary>
internal abstract record AppResolution
{
    private AppResolution()
    {
    }

    /// <summary>Exactly one container.</summary>
    internal sealed record Found(ContainerSummary Container) : AppResolution;

    /// <summary>None.</summary>
    internal sealed record NotFound(CommandErrorDto Error) : AppResolution;

    /// <summary>Several.</summary>
    internal sealed record Ambiguous(CommandErrorDto Error) : AppResolution;
}
