namespace Drover.Runtime.Journal;

/// <summary>
/// Where a <see cref="RecordLog"/> has its files: those of this machine (<see cref="MachineDisk"/>), or a disk of the
/// simulator that fills up, tears writes and dies in the middle of one.
/// </summary>
public interface IRecordDisk
{
    /// <summary>Opens the file or makes it, durably, with nothing in it.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    IRecordMedium Open(string path);

    /// <summary>Removes the file, where there is one.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    void Delete(string path);

    /// <summary>Puts one file into the place of another, durably, whole or not at all.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    void Replace(string from, string to);
}

/// <summary>One open file, read and written at any place. Not thread-safe.</summary>
public interface IRecordMedium : IDisposable
{
    /// <summary>Bytes in it.</summary>
    long Length { get; }

    /// <summary>Reads up to so many bytes; 0 at the end.</summary>
    int Read(Span<byte> buffer, long offset);

    /// <summary>Writes all of it, or throws with any part of it written.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    void Write(ReadOnlySpan<byte> bytes, long offset);

    /// <summary>Cuts the file off.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    void SetLength(long length);

    /// <summary>What was written survives a power cut from now on.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    void Flush();
}
