using Drover.Runtime.Docker.Containers;
using Drover.Wire.Commands;
using Drover.Wire.Inventory;

namespace Drover.HostAgent.Commands;

/// <summary>
/// Finds the one container that a command means. A server names it by its full id, and then it is that one and no
/// other, whatever else runs; what it does not name so is found by the rule that server and agent share. Pure.
/// </summary>
internal static class AppResolver
{
    private const int MaxListed = 20;
    private const int MaxNear = 5;

    /// <summary>The app code of a container.</summary>
    public static string AppCodeOf(ContainerSummary container) => AppCode.Of(container.Labels, container.Name);

    /// <summary>Finds it among all containers of the host.</summary>
    public static AppResolution Resolve(IReadOnlyList<ContainerSummary> containers, string appCode, string? container)
    {
        var id = container?.Trim();
        if (containers.FirstOrDefault(one => one.Id == id) is { } named)
        {
            return new AppResolution.Found(named);
        }

        var found = ContainerResolver.Resolve(containers, KeyOf, appCode, container);
        return found.Count switch
        {
            0 => new AppResolution.NotFound(NotFoundError(containers, appCode, container)),
            1 => new AppResolution.Found(found[0]),
            _ => new AppResolution.Ambiguous(AmbiguousError(found, appCode)),
        };
    }

    private static ContainerKey KeyOf(ContainerSummary container) => new(
        container.Id, container.Name, AppCodeOf(container), ContainerResolver.IsStopped(container.State));

    private static CommandErrorDto NotFoundError(
        IReadOnlyList<ContainerSummary> containers, string appCode, string? container)
    {
        if (!string.IsNullOrWhiteSpace(container))
        {
            return new CommandErrorDto(
                CommandErrors.ContainerNotFound,
                $"cannot find container \"{container}\" of app \"{appCode}\": the app has no container of that name "
                    + "or id on this host");
        }

        var near = containers.Select(AppCodeOf).Concat(containers.Select(one => one.Name))
            .Distinct(StringComparer.Ordinal)
            .Where(name => IsNear(name, appCode))
            .Order(StringComparer.Ordinal)
            .Take(MaxNear)
            .ToList();
        var hint = near.Count > 0 ? $"; there is {string.Join(", ", near)}" : "";
        return new CommandErrorDto(
            CommandErrors.ContainerNotFound,
            $"cannot find app \"{appCode}\": no container of this host has that app code, name or id{hint}",
            near.Count > 0 ? new Dictionary<string, string> { ["near"] = string.Join(", ", near) } : null);
    }

    private static CommandErrorDto AmbiguousError(IReadOnlyList<ContainerSummary> candidates, string appCode)
    {
        var names = string.Join(
            ", ", candidates.Select(candidate => candidate.Name).Order(StringComparer.Ordinal).Take(MaxListed));
        return new CommandErrorDto(
            CommandErrors.ContainerAmbiguous,
            $"cannot choose a container for app \"{appCode}\": {candidates.Count} answer to it; name one of {names}",
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
