using Drover.Runtime.Memory;

namespace Drover.Runtime.Tests.Memory;

/// <summary>What of a process's memory may be given back, from the kernel's own words.</summary>
public sealed class MemoryMappingTests
{
    private const string Drover = "/usr/local/bin/drover";
    private const ulong Library = 0x7f1003000000;

    // Written by a running role: proc_pid_smaps(5), the figures that do not matter here left out.
    private const string Recorded =
        """
        5632d0a00000-5632d0c4c000 r--p 00000000 fe:00 4711                       /usr/local/bin/drover
        Size:               2352 kB
        Rss:                1904 kB
        Private_Clean:      1904 kB
        Anonymous:             0 kB
        Swap:                  0 kB
        VmFlags: rd mr mw me
        5632d0c4c000-5632d1310000 r-xp 0024b000 fe:00 4711                       /usr/local/bin/drover
        Size:               6928 kB
        Rss:                4312 kB
        Pss:                4312 kB
        Private_Clean:      4312 kB
        Private_Dirty:         0 kB
        Referenced:         4312 kB
        Anonymous:             0 kB
        AnonHugePages:         0 kB
        Swap:                  0 kB
        SwapPss:               0 kB
        Locked:                0 kB
        THPeligible:           0
        VmFlags: rd ex mr mw me
        5632d1310000-5632d1360000 rw-p 0090e000 fe:00 4711                       /usr/local/bin/drover
        Rss:                 320 kB
        Anonymous:           212 kB
        Swap:                  0 kB
        7f1000000000-7f1001400000 r-xp 01200000 fe:00 4711                       /usr/local/bin/drover
        Rss:               18512 kB
        Anonymous:             0 kB
        Swap:                  0 kB
        7f1001400000-7f1001500000 r-xp 02600000 fe:00 4711                       /usr/local/bin/drover
        Rss:                 512 kB
        Anonymous:             4 kB
        Swap:                  0 kB
        7f1001500000-7f1001600000 r-xp 02700000 fe:00 4711                       /usr/local/bin/drover
        Rss:                 512 kB
        Anonymous:             0 kB
        Swap:                  8 kB
        7f1001600000-7f1001700000 rwxp 02800000 fe:00 4711                       /usr/local/bin/drover
        Rss:                 256 kB
        Anonymous:             0 kB
        Swap:                  0 kB
        7f1001700000-7f1001800000 r--s 02900000 fe:00 4711                       /usr/local/bin/drover
        Rss:                 256 kB
        Anonymous:             0 kB
        Swap:                  0 kB
        7f1001800000-7f1001900000 r-xp 00000000 fe:00 4712                       /usr/local/bin/drover (deleted)
        Rss:                 256 kB
        Anonymous:             0 kB
        Swap:                  0 kB
        7f1002000000-7f1002400000 rw-s 00000000 00:01 9                          /memfd:doublemapper (deleted)
        Rss:                4096 kB
        Anonymous:             0 kB
        Swap:                  0 kB
        7f1003000000-7f1003200000 r-xp 00031000 fe:00 815                        /usr/lib/x86 64/libcrypto.so.3
        Rss:                 900 kB
        Anonymous:             0 kB
        Swap:                  0 kB
        7f1004000000-7f1004100000 r-xp 00000000 00:00 0
        Rss:                 128 kB
        Anonymous:           128 kB
        Swap:                  0 kB
        7ffd3b1a6000-7ffd3b1a8000 r-xp 00000000 00:00 0                          [vdso]
        Rss:                   8 kB
        Anonymous:             0 kB
        Swap:                  0 kB
        ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
        Rss:                   0 kB
        Anonymous:             0 kB
        Swap:                  0 kB
        """;

    [Fact]
    public void Every_mapping_is_read_with_its_place_and_its_figures()
    {
        var mappings = Read(Recorded);

        Assert.Equal(14, mappings.Count);
        Assert.Equal(
            new MemoryMapping(
                new MappingPlace(0x5632d0c4c000, 0x5632d1310000, "r-xp", 0x24b000, "fe:00", 4711, Drover), 4312, 0, 0),
            mappings[1]);
        Assert.Equal("/usr/lib/x86 64/libcrypto.so.3", mappings[10].Place.File);
        Assert.Equal("", mappings[11].Place.File);
        Assert.Equal(ulong.Parse("18446744073699065856"), mappings[13].Place.Start);
    }

    [Fact]
    public void Only_what_nobody_can_write_to_of_the_file_or_a_library_and_has_no_copy_of_may_be_given_back()
    {
        var all = Read(Recorded);

        Assert.Equal(
            [0x5632d0a00000UL, 0x5632d0c4c000UL, 0x7f1000000000UL, 0x7f1001700000UL, Library],
            Starts(SettledMemory.Unchanged(all, all, Drover)));
    }

    [Theory]
    [InlineData("/usr/lib/x86 64/libcrypto.so.3", true)]
    [InlineData("/usr/lib/libsqlite3.so", true)]
    [InlineData("/usr/lib/libcrypto.so.3 (deleted)", false)]
    [InlineData("libcrypto.so.3", false)]
    [InlineData("/home/drover/notes.sow", false)]
    [InlineData("/usr/lib/locale/locale-archive", false)]
    [InlineData("[vdso]", false)]
    public void Of_other_files_only_shared_libraries_are_given_back(string file, bool isGivenBack)
    {
        var all = Read(Recorded.Replace("/usr/lib/x86 64/libcrypto.so.3", file, StringComparison.Ordinal));

        Assert.Equal(isGivenBack, Starts(SettledMemory.Unchanged(all, all, Drover)).Contains(Library));
    }

    [Fact]
    public void A_smaps_file_of_any_size_is_read_whole_whatever_its_reader_hands_out_at_a_time()
    {
        var text = string.Join('\n', Enumerable.Repeat(Recorded, 50));
        using var inPieces = new ReaderOfPieces(text);

        var mappings = MemoryMapping.Parse(inPieces);

        Assert.Equal(Enumerable.Repeat(Read(Recorded), 50).SelectMany(one => one), mappings);
    }

    [Theory]
    [InlineData("5632d0c4c000-5632d1310000 r-xp", "5632d0c4d000-5632d1310000 r-xp")]
    [InlineData("5632d0c4c000-5632d1310000 r-xp", "5632d0c4c000-5632d1310000 r--p")]
    [InlineData("5632d0c4c000-5632d1310000 r-xp", "5632d0c4c000-5632d1310000 rw-p")]
    [InlineData("r-xp 0024b000", "r-xp 0024c000")]
    [InlineData("r-xp 0024b000 fe:00 4711", "r-xp 0024b000 fe:01 4711")]
    [InlineData("r-xp 0024b000 fe:00 4711", "r-xp 0024b000 fe:00 4713")]
    public void A_mapping_that_the_two_readings_show_otherwise_is_left_alone(string seen, string shown)
    {
        var other = Read(Recorded.Replace(seen, shown, StringComparison.Ordinal));
        var all = Read(Recorded);

        ulong[] others = [0x5632d0a00000, 0x7f1000000000, 0x7f1001700000, Library];
        Assert.Equal(others, Starts(SettledMemory.Unchanged(other, all, Drover)));
        Assert.Equal(others, Starts(SettledMemory.Unchanged(all, other, Drover)));
    }

    [Theory]
    [InlineData("\nAnonymous:             4 kB")]
    [InlineData("\nAnonymous:             ? kB")]
    [InlineData("")]
    public void A_mapping_with_a_private_copy_in_either_reading_or_without_the_figure_is_left_alone(string anonymous)
    {
        const string Resident = "Rss:               18512 kB";
        var other = Read(Recorded.Replace(
            Resident + "\nAnonymous:             0 kB", Resident + anonymous, StringComparison.Ordinal));
        var all = Read(Recorded);

        ulong[] others = [0x5632d0a00000, 0x5632d0c4c000, 0x7f1001700000, Library];
        Assert.Equal(others, Starts(SettledMemory.Unchanged(other, all, Drover)));
        Assert.Equal(others, Starts(SettledMemory.Unchanged(all, other, Drover)));
    }

    [Fact]
    public void What_makes_no_sense_is_passed_over() =>
        Assert.Empty(Read("\nnonsense\nRss: 4 kB\n1-zz r-xp 0 0:0 1 /a\n"));

    private static List<MemoryMapping> Read(string text) => MemoryMapping.Parse(new StringReader(text));

    private static IEnumerable<ulong> Starts(IEnumerable<MemoryMapping> mappings) =>
        mappings.Select(mapping => mapping.Place.Start);

    /// <summary>Hands out a text in pieces of one to nine characters.</summary>
    private sealed class ReaderOfPieces(string text) : TextReader
    {
        private int _at;

        public override int Read(Span<char> buffer)
        {
            var length = Math.Min(Math.Min(1 + (_at % 9), buffer.Length), text.Length - _at);
            text.AsSpan(_at, length).CopyTo(buffer);
            _at += length;
            return length;
        }
    }
}
