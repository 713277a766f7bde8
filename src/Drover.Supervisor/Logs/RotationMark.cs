using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Drover.Supervisor.Logs;

/// <summary>
/// What stands at the very beginning of the live file, over bytes that are archived, while those bytes are about to be
/// taken out. Taking them out is one atomic step of the file system, so whether the mark is there tells for certain
/// whether it has happened: lengths would not, because the component goes on writing, and contents would not, because
/// it may repeat itself.
/// </summary>
/// <param name="Text">Unlike anything a component writes.</param>
/// <param name="Shift">Bytes that are taken out.</param>
internal sealed record RotationMark(string Text, long Shift)
{
    private const int NonceBytes = 16;

    /// <summary>A new one.</summary>
    public static RotationMark New(string archive, long shift) => new(
        $"drover: these lines are in \"{archive}\" (rotation {RandomNumberGenerator.GetHexString(NonceBytes * 2)})\n",
        shift);

    /// <summary>Puts it there, durably: a mark that a power cut undid would look like a front that is gone.</summary>
    public void Put(SafeFileHandle live)
    {
        RandomAccess.Write(live, Encoding.UTF8.GetBytes(Text), 0);
        RandomAccess.FlushToDisk(live);
    }

    /// <summary>True while it is there.</summary>
    public bool IsAt(SafeFileHandle live)
    {
        var expected = Encoding.UTF8.GetBytes(Text);
        var found = new byte[expected.Length];
        return RandomAccess.Read(live, found, 0) == found.Length && found.AsSpan().SequenceEqual(expected);
    }
}
