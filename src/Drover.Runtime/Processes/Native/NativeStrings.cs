using System.Runtime.InteropServices;
using System.Text;

namespace Drover.Runtime.Processes.Native;

/// <summary>
/// A list of strings as <c>exec</c> wants it: pointers to texts that end with a zero byte, after them a null pointer.
/// </summary>
internal sealed unsafe class NativeStrings : IDisposable
{
    private readonly byte** _block;

    /// <param name="texts">None holds a zero character.</param>
    internal NativeStrings(IReadOnlyCollection<string> texts)
    {
        var table = (texts.Count + 1) * sizeof(byte*);
        var size = texts.Sum(text => Encoding.UTF8.GetByteCount(text) + 1);
        _block = (byte**)NativeMemory.Alloc((nuint)(table + size));
        var position = (byte*)_block + table;
        var index = 0;
        foreach (var text in texts)
        {
            _block[index++] = position;
            var length = Encoding.UTF8.GetBytes(text, new Span<byte>(position, size));
            position[length] = 0;
            position += length + 1;
            size -= length + 1;
        }

        _block[index] = null;
    }

    internal byte** Pointer => _block;

    /// <inheritdoc/>
    public void Dispose() => NativeMemory.Free(_block);
}
