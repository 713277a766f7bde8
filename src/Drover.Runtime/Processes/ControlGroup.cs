using System.Globalization;

namespace Drover.Runtime.Processes;

/// <summary>
/// A control group (version 2) of one component. Nothing escapes from it and nothing foreign gets in. Source: the
/// kernel's cgroup-v2 document.
/// </summary>
internal sealed class ControlGroup
{
    private readonly string _path;

    internal ControlGroup(string path) => _path = path;

    /// <summary>Makes it where it is missing, and puts the process in. Null when it is in, else why not.</summary>
    internal string? Join(int pid)
    {
        try
        {
            Directory.CreateDirectory(_path);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return refused.Message;
        }

        return TryWrite("cgroup.procs", pid.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Kills all of it at once. Does nothing before Linux 5.14; then the sweep has to.</summary>
    internal void Kill() => TryWrite("cgroup.kill", "1");

    /// <summary>Null when it cannot be told.</summary>
    internal bool? IsPopulated() => Count("cgroup.events", "populated") is { } populated ? populated != 0 : null;

    /// <summary>How often the kernel killed something in it for want of memory; null without that controller.</summary>
    internal long? OomKills() => Count("memory.events", "oom_kill");

    /// <summary>What is in it and in groups that it made below.</summary>
    internal IReadOnlySet<int> Members()
    {
        var members = new HashSet<int>();
        try
        {
            var below = Directory.EnumerateDirectories(_path, "*", SearchOption.AllDirectories);
            foreach (var line in below.Prepend(_path).SelectMany(group => Lines(Path.Combine(group, "cgroup.procs"))))
            {
                members.Add(int.Parse(line, CultureInfo.InvariantCulture));
            }
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            // A group that is not there has no members.
        }

        return members;
    }

    /// <summary>Removes it when it is empty. The next launch makes it again.</summary>
    internal void TryRemove()
    {
        try
        {
            foreach (var group in Directory.EnumerateDirectories(_path, "*", SearchOption.AllDirectories)
                .OrderByDescending(path => path.Length)
                .Append(_path))
            {
                Directory.Delete(group);
            }
        }
        catch (Exception busy) when (busy is IOException or UnauthorizedAccessException)
        {
            // Somebody is in it, or it is gone.
        }
    }

    private static IEnumerable<string> Lines(string path) =>
        File.Exists(path) ? File.ReadLines(path) : [];

    private long? Count(string file, string key)
    {
        try
        {
            return Lines(Path.Combine(_path, file))
                .Select(line => line.Split(' '))
                .Where(words => words.Length == 2 && words[0] == key)
                .Select(words => (long?)long.Parse(words[1], CultureInfo.InvariantCulture))
                .FirstOrDefault();
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private string? TryWrite(string file, string text)
    {
        try
        {
            File.WriteAllText(Path.Combine(_path, file), text);
            return null;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return refused.Message;
        }
    }
}
