using System.Buffers;
using System.Globalization;
using System.Text;
using Drover.Runtime.Processes.Native;

namespace Drover.Runtime.Processes;

/// <summary>
/// Reads <see cref="LaunchSpec.MarkerVariable"/> from the environment that a process was started with. A program may
/// have cleared or overwritten it: that it is missing proves nothing, that it is there does.
/// </summary>
internal static class ProcessMarker
{
    private const int MostBytes = 256 * 1024;

    private static readonly byte[] Name = Encoding.ASCII.GetBytes(LaunchSpec.MarkerVariable + "=");

    /// <summary>Null when there is none or this user may not look.</summary>
    internal static string? TryRead(int pid)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(MostBytes);
        try
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/environ");
            var length = NativeFiles.Read(path, buffer.AsSpan(0, MostBytes));
            return length <= 0 ? null : Find(buffer.AsSpan(0, length));
        }
        finally
        {
            // It holds other people's variables, which may be secrets.
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    internal static string? Find(ReadOnlySpan<byte> environment)
    {
        foreach (var range in environment.Split((byte)0))
        {
            var variable = environment[range];
            if (variable.StartsWith(Name))
            {
                return Encoding.UTF8.GetString(variable[Name.Length..]);
            }
        }

        return null;
    }
}
