namespace Drover.EndToEnd.Delivery;

/// <summary>
/// What the unit takes away with <c>SystemCallFilter=~...</c>, as a seccomp profile of Docker: the light tier boots no
/// systemd, and a filter that nobody ran under is a guess.
/// </summary>
internal static class UnitFilter
{
    private const string Key = "SystemCallFilter=";

    public static async Task<string> AsDockerProfileAsync()
    {
        var unit = await File.ReadAllLinesAsync(
            Path.Combine(Tool.Root, "deploy/systemd/drover@.service"), TestContext.Current.CancellationToken);
        var denied = new SortedSet<string>(StringComparer.Ordinal);
        var filters = unit.Where(line => line.StartsWith(Key, StringComparison.Ordinal));
        foreach (var value in filters.Select(line => line[Key.Length..]))
        {
            foreach (var name in value.TrimStart('~').Split(' '))
            {
                var calls = await CallsOfAsync(name);
                if (value.StartsWith('~'))
                {
                    denied.UnionWith(calls);
                }
                else
                {
                    denied.ExceptWith(calls);
                }
            }
        }

        Assert.Contains("chroot", denied);
        var names = string.Join(',', denied.Select(name => $"\"{name}\""));
        return $$"""
            {"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":[{{names}}],"action":"SCMP_ACT_ERRNO"}]}
            """;
    }

    /// <summary>A call, or all that a group of systemd's and the groups within it name.</summary>
    private static async Task<IReadOnlyList<string>> CallsOfAsync(string name)
    {
        if (!name.StartsWith('@'))
        {
            return [name];
        }

        var (exitCode, output) = await Tool.RunAsync(
            new Dictionary<string, string>(),
            ["systemd-analyze", "syscall-filter", "--no-pager", name],
            TestContext.Current.CancellationToken);
        Assert.True(exitCode == 0, output);
        var calls = new List<string>();
        foreach (var line in output.Split('\n').Skip(1).Select(line => line.Trim()))
        {
            if (line.Length > 0 && !line.StartsWith('#'))
            {
                calls.AddRange(await CallsOfAsync(line));
            }
        }

        return calls;
    }
}
