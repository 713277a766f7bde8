using Drover.Runtime.Configuration;
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

        var names = containers.Select(AppCodeOf).Concat(containers.Select(one => one.Name));
        var near = NearestName.Rank(appCode, names).Take(MaxNear).ToList();
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
