namespace Drover.Runtime.Processes;

/// <summary>A limit of the kernel: the soft one counts, the program may raise it up to the hard one.</summary>
/// <param name="Soft">Counts.</param>
/// <param name="Hard">Bounds the soft one.</param>
public readonly record struct ResourceLimit(ulong Soft, ulong Hard)
{
    /// <summary>No limit.</summary>
    public const ulong Unlimited = ulong.MaxValue;
}

/// <summary>The limits of a program; those that are null stay as they are. Sizes are in bytes. Source:
/// getrlimit(2).</summary>
public sealed record ResourceLimits
{
    internal const int OpenFilesNumber = 7;
    internal const int AddressSpaceNumber = 9;

    /// <summary>Processor time in seconds.</summary>
    public ResourceLimit? CpuSeconds { get; init; }

    /// <summary>Largest file it may write.</summary>
    public ResourceLimit? FileSize { get; init; }

    /// <summary>Heap.</summary>
    public ResourceLimit? Data { get; init; }

    /// <summary>Stack of the first thread.</summary>
    public ResourceLimit? Stack { get; init; }

    /// <summary>Largest core dump; 0 for none.</summary>
    public ResourceLimit? CoreSize { get; init; }

    /// <summary>Processes and threads of its user.</summary>
    public ResourceLimit? Processes { get; init; }

    /// <summary>Descriptors.</summary>
    public ResourceLimit? OpenFiles { get; init; }

    /// <summary>Memory it may lock.</summary>
    public ResourceLimit? LockedMemory { get; init; }

    /// <summary>Address space.</summary>
    public ResourceLimit? AddressSpace { get; init; }

    /// <summary>As the user's file spells it.</summary>
    internal static string NameOf(int number) => number switch
    {
        0 => "cpu_seconds",
        1 => "file_size",
        2 => "data",
        3 => "stack",
        4 => "core",
        6 => "processes",
        OpenFilesNumber => "open_files",
        8 => "locked_memory",
        _ => "memory",
    };

    /// <summary>With the kernel's numbers, those that are set.</summary>
    internal IEnumerable<(int Number, ResourceLimit Limit)> Set()
    {
        (int, ResourceLimit?)[] all =
        [
            (0, CpuSeconds), (1, FileSize), (2, Data), (3, Stack), (4, CoreSize), (6, Processes),
            (OpenFilesNumber, OpenFiles), (8, LockedMemory), (AddressSpaceNumber, AddressSpace),
        ];
        return all.Where(entry => entry.Item2 is not null).Select(entry => (entry.Item1, entry.Item2!.Value));
    }
}
