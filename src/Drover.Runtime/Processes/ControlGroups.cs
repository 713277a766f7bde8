namespace Drover.Runtime.Processes;

/// <summary>
/// Where this process may make control groups (version 2): below its own group when that was delegated to it, or
/// anywhere as root. A machine without them is ordinary; then sessions, markers and orphans are what is looked for.
/// </summary>
public sealed class ControlGroups
{
    /// <summary>Makes none.</summary>
    public static readonly ControlGroups None = new(null, "they are switched off");

    private ControlGroups(string? root, string? absence)
    {
        Root = root;
        Absence = absence;
    }

    /// <summary>Why there are none, as a sentence to be said once; null when there are.</summary>
    public string? Absence { get; }

    internal string? Root { get; }

    /// <summary>Looks where this process is and tries.</summary>
    /// <param name="name">Of the group for all components, different for every supervisor of the machine.</param>
    public static ControlGroups Find(string name)
    {
        try
        {
            return Find(name, File.ReadAllText("/proc/self/mountinfo"), File.ReadAllText("/proc/self/cgroup"));
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return new ControlGroups(null, unreadable.Message);
        }
    }

    internal static ControlGroups Find(string name, string mounts, string membership)
    {
        if (OwnGroup(mounts, membership) is not { } own)
        {
            return new ControlGroups(null, "version 2 is not mounted");
        }

        var root = Path.Combine(own, name);
        try
        {
            Directory.CreateDirectory(root);
            CountMemory(root);
            return File.Exists(Path.Combine(root, "cgroup.procs"))
                ? new ControlGroups(root, null)
                : new ControlGroups(null, $"\"{own}\" is not a control group");
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return new ControlGroups(null, $"\"{own}\" may not be used by this user; delegate it to have them");
        }
    }

    /// <summary>
    /// Lets the groups of components count their memory where the group above allows it, so that a kill for want of
    /// memory is seen. Our own group is not changed for it: with processes in it, it could not hand anything down, and
    /// an emptied one could not be entered by the service's next start while components of this one still live.
    /// </summary>
    private static void CountMemory(string root)
    {
        var file = Path.Combine(root, "cgroup.subtree_control");
        try
        {
            if (File.ReadAllText(Path.Combine(root, "cgroup.controllers")).Contains("memory", StringComparison.Ordinal))
            {
                File.WriteAllText(file, "+memory");
            }
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // Without it an end by SIGKILL is just that.
        }
    }

    /// <summary>The directory of our own group; null when version 2 is not mounted.</summary>
    internal static string? OwnGroup(string mounts, string membership)
    {
        // "0::/path" is version 2 on pure and on hybrid machines. Source: cgroups(7).
        var path = membership.Split('\n')
            .FirstOrDefault(line => line.StartsWith("0::", StringComparison.Ordinal))?[3..];
        foreach (var line in mounts.Split('\n'))
        {
            // id parent major:minor root mount-point options [fields] - type source options. Source:
            // proc_pid_mountinfo(5).
            var words = line.Split(' ');
            var dash = Array.IndexOf(words, "-");
            if (dash < 5 || words.Length <= dash + 1 || words[dash + 1] != "cgroup2" || path is null)
            {
                continue;
            }

            var (root, point) = (words[3], words[4]);
            var below = root == "/" ? path
                : path == root || path.StartsWith(root + "/", StringComparison.Ordinal) ? path[root.Length..]
                : "/";
            return Path.Combine(point, below.TrimStart('/'));
        }

        return null;
    }

    /// <summary>The group of a component, which is made when it is first joined.</summary>
    internal ControlGroup? Of(string? component) =>
        Root is null || component is null
            ? null
            : new ControlGroup(Path.Combine(Root, "c." + Uri.EscapeDataString(component)));

    /// <summary>Removes the group for all components when nothing is in it any more.</summary>
    public void RemoveWhenEmpty()
    {
        if (Root is not null)
        {
            new ControlGroup(Root).TryRemove();
        }
    }
}
