using System.Buffers.Binary;
using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;

namespace Drover.Server.Features.Backup;

/// <summary>
/// The archive: a gzip-compressed POSIX tar of a manifest and the files it names. Reading believes nothing: names are
/// those of the closed set, lengths and SHA-256 are the manifest's, and each file is there once.
/// </summary>
internal static class BackupArchive
{
    private const int LargestManifest = 64 * 1024;
    private const int BufferBytes = 128 * 1024;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Writes manifest and files; <paramref name="open"/> gives the content of each.</summary>
    public static void Write(
        Stream to, BackupManifest manifest, Func<BackupMember, Stream> open, CancellationToken cancellationToken)
    {
        using var gzip = new GZipStream(to, CompressionLevel.Optimal, leaveOpen: true);
        using var tar = new TarWriter(gzip, TarEntryFormat.Pax, leaveOpen: true);
        var described = JsonSerializer.SerializeToUtf8Bytes(manifest, BackupJson.Default.BackupManifest);
        using (var text = new MemoryStream(described))
        {
            Add(tar, BackupFiles.Manifest, manifest.TakenAt, text);
        }

        foreach (var member in manifest.Members)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var content = open(member);
            Add(tar, member.Name, manifest.TakenAt, content);
        }
    }

    /// <summary>
    /// Reads an archive to its end. <paramref name="begin"/> sees the manifest before anything else is read, and
    /// <paramref name="open"/> says where each file goes.
    /// </summary>
    /// <exception cref="BackupException">It is missing, damaged, or no backup.</exception>
    public static BackupManifest Read(
        string path,
        Action<BackupManifest> begin,
        Func<BackupMember, Stream> open,
        CancellationToken cancellationToken)
    {
        var at = BackupFiles.Manifest;
        try
        {
            using var file = File.OpenRead(path);
            using var gzip = new GZipStream(file, CompressionMode.Decompress);
            using var tar = new TarReader(gzip);
            var manifest = ReadManifest(tar, path);
            begin(manifest);
            var missing = manifest.Members.ToDictionary(member => member.Name, StringComparer.Ordinal);
            while (tar.GetNextEntry() is { } entry)
            {
                at = missing.Count > 0 ? missing.Values.First().Name : "its end";
                if (!missing.Remove(entry.Name, out var member))
                {
                    throw Damaged(
                        path, $"it holds \"{entry.Name}\", which its manifest does not name, or a second time");
                }

                at = member.Name;
                using var target = open(member);
                Check(path, member, Copy(entry.DataStream ?? Stream.Null, target, member.Bytes, cancellationToken));
            }

            at = "its end";
            RequireWhole(path, cancellationToken);
            return missing.Count == 0
                ? manifest
                : throw Damaged(path, $"\"{missing.Values.First().Name}\" is missing from it");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BackupException($"cannot read the backup \"{path}\": there is no such file", exception)
            {
                IsMissing = true,
            };
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException
            or FormatException or ArgumentException or NotSupportedException)
        {
            throw Damaged(path, $"it cannot be read at {At(at)}", exception);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new BackupException($"cannot read the backup \"{path}\": this user may not read it", exception);
        }
    }

    private static void Add(TarWriter tar, string name, DateTimeOffset time, Stream content) =>
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name)
        {
            Mode = OwnerOnly,
            ModificationTime = time,
            DataStream = content,
        });

    private static BackupManifest ReadManifest(TarReader tar, string path)
    {
        if (tar.GetNextEntry() is not { Name: BackupFiles.Manifest, Length: <= LargestManifest } entry)
        {
            throw new BackupException(
                $"cannot read the backup \"{path}\": it does not begin with a manifest; it is not a backup of Drover");
        }

        BackupManifest? manifest;
        try
        {
            manifest = JsonSerializer.Deserialize(entry.DataStream ?? Stream.Null, BackupJson.Default.BackupManifest);
        }
        catch (JsonException exception)
        {
            throw Damaged(path, $"its {BackupFiles.Manifest} cannot be understood", exception);
        }

        if (manifest is not { Format: > 0 and <= BackupManifest.NewestFormat })
        {
            throw new BackupException(
                $"cannot read the backup \"{path}\": a newer version of Drover wrote it ({manifest?.Version}); install "
                    + "that version");
        }

        var names = manifest.Members.Select(member => member.Name).ToList();
        return names.Distinct().Count() == names.Count
            && names.TrueForAll(BackupFiles.Members.Contains)
            && names.Contains(BackupFiles.Database)
            ? manifest
            : throw Damaged(path, $"its {BackupFiles.Manifest} names other files than a backup has");
    }

    /// <summary>Copies no more than the manifest promised, and one byte to find out that there is more.</summary>
    private static BackupMember Copy(Stream from, Stream to, long most, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferBytes];
        long total = 0;
        while (total <= most && from.Read(buffer) is > 0 and var read)
        {
            cancellationToken.ThrowIfCancellationRequested();
            total += read;
            hash.AppendData(buffer, 0, read);
            to.Write(buffer, 0, read);
        }

        return new BackupMember(string.Empty, total, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>
    /// Manifest and padding have no checksum but gzip's own, which comes last: all of it is read once more to there. Of
    /// a stream that breaks off the library only says that it is over, so its length is compared too (RFC 1952, ISIZE).
    /// </summary>
    private static void RequireWhole(string path, CancellationToken cancellationToken)
    {
        using var file = File.OpenRead(path);
        Span<byte> trailer = stackalloc byte[sizeof(uint)];
        file.Seek(-trailer.Length, SeekOrigin.End);
        file.ReadExactly(trailer);
        file.Seek(0, SeekOrigin.Begin);
        using var gzip = new GZipStream(file, CompressionMode.Decompress);
        var read = Copy(gzip, Stream.Null, long.MaxValue, cancellationToken).Bytes;
        if ((uint)read != BinaryPrimitives.ReadUInt32LittleEndian(trailer))
        {
            throw Damaged(path, "it breaks off before its end");
        }
    }

    private static void Check(string path, BackupMember promised, BackupMember found)
    {
        if (found.Bytes != promised.Bytes || found.Sha256 != promised.Sha256)
        {
            throw Damaged(
                path,
                $"\"{promised.Name}\" has the SHA-256 {found.Sha256} where the manifest says {promised.Sha256}");
        }
    }

    private static BackupException Damaged(string path, string how, Exception? cause = null)
    {
        var message = $"cannot read the backup \"{path}\": it is damaged: {how}; use another backup";
        return cause is null ? new BackupException(message) : new BackupException(message, cause);
    }

    private static string At(string member) => member == "its end" ? member : $"\"{member}\"";
}
