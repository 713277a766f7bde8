using Drover.Runtime.Configuration;
using Drover.Server.Features.Hosts;
using Drover.Server.Features.Inventory;
using Drover.Server.Hosting;
using Drover.Wire.Inventory;

namespace Drover.Server.Features.Commands;

/// <summary>
/// Finds what a person means by an app code, a container and perhaps a host, over all hosts: one answer, or a problem
/// that names what could have been meant.
/// </summary>
internal sealed class TargetResolver(HostRegistry hosts)
{
    private const int MostCandidates = 20;
    private const int MostSuggestions = 3;

    /// <summary>What commands can be for, by name.</summary>
    private IEnumerable<EnrolledHost> Machines => hosts.All.Where(host => host.Kind.HasEngine);

    /// <summary>The host a command without an app is for: the named one, or the only one.</summary>
    public (EnrolledHost? Host, Problem? Problem) Host(string? name)
    {
        if (name is not null)
        {
            return hosts.Find(name) switch
            {
                { Kind.HasEngine: true } named => (named, null),
                { } other => (
                    null,
                    Problem.Conflict($"\"{other.Name}\" is a {other.Kind.Word}, which takes no commands of hosts.")),
                null => (null, Problem.NotFound(Unknown("host", name, Nearest(name, Machines.Select(HostName))))),
            };
        }

        var all = Machines.Take(MostCandidates + 1).ToList();
        return all switch
        {
            [] => (null, Problem.NotFound("No host has joined yet; run drover token create and enroll one.")),
            [var only] => (only, null),
            _ =>
                (
                    null,
                    Problem.HostAmbiguous(
                        "Several hosts have joined; say which host.", CandidatesOf(all.Select(HostName)))),
        };
    }

    /// <summary>The one container that the app code (and container, and host) mean.</summary>
    public (Target? Target, Problem? Problem) Container(string appCode, string? container, string? hostName)
    {
        var searched = Machines;
        if (hostName is not null)
        {
            var (host, problem) = Host(hostName);
            if (host is null)
            {
                return (null, problem);
            }

            searched = [host];
        }

        var known = searched
            .SelectMany(host => host.Inventory.Readable.Select(entry => new Target(host, entry)))
            .ToList();
        var found = ContainerResolver.Candidates(known, KeyOf, appCode, container);
        var onHosts = found.Select(target => target.Host.Name).Distinct(StringComparer.Ordinal).ToList();
        if (onHosts.Count > 1)
        {
            // Leftovers of earlier runs settle nothing here: on two hosts they are two things.
            return (null, Problem.HostAmbiguous(
                $"\"{appCode}\" is on several hosts; say which host.", CandidatesOf(onHosts)));
        }

        return ContainerResolver.PreferRunning(found, KeyOf) switch
        {
            [] => (null, UnknownContainer(appCode, container, known)),
            [var only] => (only, null),
            _ => (null, Problem.AppAmbiguous(
                $"\"{appCode}\" has several containers on host \"{onHosts[0]}\"; say which container.",
                CandidatesOf(found.Select(target => target.Container.Name)))),
        };
    }

    private static string HostName(EnrolledHost host) => host.Name;

    private static ContainerKey KeyOf(Target target) => new(
        target.Container.DockerId,
        target.Container.Name,
        target.Container.AppCode,
        ContainerResolver.IsStopped(target.Container.State));

    private static Problem UnknownContainer(string appCode, string? container, List<Target> known)
    {
        var ofApp = ContainerResolver.Candidates(known, KeyOf, appCode, null);
        if (container is not null && ofApp.Count > 0)
        {
            var has = CandidatesOf(ofApp.Select(target => target.Container.Name));
            return Problem.AppUnknown(
                $"\"{appCode}\" has no container \"{container}\"; it has {string.Join(", ", has)}.", has);
        }

        var nearest = Nearest(appCode, known.Select(target => target.Container.AppCode));
        return Problem.AppUnknown(Unknown("app", appCode, nearest), nearest);
    }

    private static List<string> Nearest(string wanted, IEnumerable<string> known) =>
        [.. NearestName.Rank(wanted, known).Take(MostSuggestions)];

    private static string Unknown(string noun, string wanted, List<string> nearest) => nearest.Count == 0
        ? $"There is no {noun} \"{wanted}\"."
        : $"There is no {noun} \"{wanted}\"; did you mean "
            + $"{string.Join(" or ", nearest.Select(name => $"\"{name}\""))}?";

    private static List<string> CandidatesOf(IEnumerable<string> names) =>
        [.. names.Order(StringComparer.Ordinal).Take(MostCandidates)];
}

/// <summary>One container of one host.</summary>
internal sealed record Target(EnrolledHost Host, ContainerEntry Container);
