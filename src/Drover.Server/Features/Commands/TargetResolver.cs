using Drover.Server.Features.Hosts;
using Drover.Server.Features.Inventory;
using Drover.Server.Hosting;

namespace Drover.Server.Features.Commands;

/// <summary>
/// Finds what a person means by an app code, a container and perhaps a host, over all hosts: one answer, or a problem
/// that names what could have been meant.
/// </summary>
internal sealed class TargetResolver(HostRegistry hosts)
{
    private const int MostCandidates = 20;
    private const int ShortestId = 6;

    /// <summary>The host a command without an app is for: the named one, or the only one.</summary>
    public (EnrolledHost? Host, Problem? Problem) Host(string? name)
    {
        if (name is not null)
        {
            return hosts.Find(name) is { } named
                ? (named, null)
                : (
                    null,
                    Problem.NotFound(Unknown("host", name, Names.Nearest(name, hosts.All.Select(host => host.Name)))));
        }

        var all = hosts.All.Take(MostCandidates + 1).ToList();
        return all switch
        {
            [] => (null, Problem.NotFound("No host has joined yet; run drover token create and enroll one.")),
            [var only] => (only, null),
            _ =>
                (
                    null,
                    Problem.HostAmbiguous(
                        "Several hosts have joined; say which host.", CandidatesOf(all.Select(host => host.Name)))),
        };
    }

    /// <summary>The one container that the app code (and container, and host) mean.</summary>
    public (Target? Target, Problem? Problem) Container(string appCode, string? container, string? hostName)
    {
        IEnumerable<EnrolledHost> searched = hosts.All;
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
        var found = Matching(known, appCode);
        if (container is not null)
        {
            found = Matching(found.Count > 0 ? found : known, container, byNameFirst: true);
        }

        return found switch
        {
            [] => (null, UnknownApp(container ?? appCode, known)),
            [var only] => (only, null),
            _ => (null, Ambiguous(appCode, found)),
        };
    }

    private static List<Target> Matching(List<Target> known, string wanted, bool byNameFirst = false)
    {
        // An app code outranks a container's name, and a name outranks the beginning of an id.
        Func<Target, bool>[] tests =
        [
            target => target.Container.AppCode == wanted,
            target => target.Container.Name == wanted,
            target =>
                wanted.Length >= ShortestId && target.Container.DockerId.StartsWith(wanted, StringComparison.Ordinal),
        ];
        return tests
            .Skip(byNameFirst ? 1 : 0)
            .Select(test => known.Where(test).ToList())
            .FirstOrDefault(found => found.Count > 0) ?? [];
    }

    private static Problem UnknownApp(string wanted, List<Target> known)
    {
        var nearest = Names.Nearest(wanted, known.Select(target => target.Container.AppCode));
        return Problem.AppUnknown(Unknown("app", wanted, nearest), nearest);
    }

    private static Problem Ambiguous(string appCode, List<Target> found)
    {
        var onHosts = found.Select(target => target.Host.Name).Distinct(StringComparer.Ordinal).ToList();
        return onHosts.Count > 1
            ? Problem.HostAmbiguous(
                $"\"{appCode}\" is on several hosts; say which host.", CandidatesOf(onHosts))
            : Problem.AppAmbiguous(
                $"\"{appCode}\" has several containers on host \"{onHosts[0]}\"; say which container.",
                CandidatesOf(found.Select(target => target.Container.Name)));
    }

    private static string Unknown(string noun, string wanted, IReadOnlyList<string> nearest) => nearest.Count == 0
        ? $"There is no {noun} \"{wanted}\"."
        : $"There is no {noun} \"{wanted}\"; did you mean "
            + $"{string.Join(" or ", nearest.Select(name => $"\"{name}\""))}?";

    private static List<string> CandidatesOf(IEnumerable<string> names) =>
        [.. names.Order(StringComparer.Ordinal).Take(MostCandidates)];
}

/// <summary>One container of one host.</summary>
internal sealed record Target(EnrolledHost Host, ContainerEntry Container);
