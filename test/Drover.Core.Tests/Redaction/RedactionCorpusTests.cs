using Drover.Core.Redaction;

namespace Drover.Core.Tests.Redaction;

public sealed class RedactionCorpusTests(ITestOutputHelper output)
{
    private const double AllowedFalsePositives = 0.01;

    [Fact]
    public void Every_secret_of_the_corpus_is_replaced_and_the_rest_of_its_line_stays()
    {
        var wrong = new List<string>();
        foreach (var (line, expected) in Pairs())
        {
            var actual = SecretRedactor.Redact(line);
            if (actual.Text != expected || !actual.Redacted)
            {
                wrong.Add($"line     {line}\nexpected {expected}\nactual   {actual.Text}");
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void Fewer_than_one_in_a_hundred_ordinary_log_lines_is_touched()
    {
        var lines = Lines("ordinary.txt");
        var touched = lines.Where(line => SecretRedactor.Redact(line).Redacted).ToList();

        var rate = (double)touched.Count / lines.Count;
        output.WriteLine($"false positives: {touched.Count} of {lines.Count} lines = {rate:P2}");
        touched.ForEach(line => output.WriteLine($"  {line}\n  {SecretRedactor.Redact(line).Text}"));
        Assert.True(lines.Count >= 200, "the corpus is too small to measure a rate of 1 %");
        Assert.True(rate < AllowedFalsePositives, string.Join('\n', touched));
    }

    [Fact]
    public void An_untouched_line_is_returned_as_it_came_and_not_flagged()
    {
        foreach (var line in Lines("ordinary.txt"))
        {
            var result = SecretRedactor.Redact(line);
            Assert.Equal(result.Redacted, result.Text != line);
        }
    }

    [Fact]
    public void Redacting_the_corpus_twice_changes_nothing_and_flags_nothing()
    {
        foreach (var (_, expected) in Pairs())
        {
            Assert.Equal(new RedactedText(expected, false), SecretRedactor.Redact(expected));
        }
    }

    private static IEnumerable<(string Line, string Expected)> Pairs() =>
        Lines("secrets.txt").Chunk(2).Select(pair => (pair[0], pair[1]));

    private static List<string> Lines(string file) =>
    [
        .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Redaction", "Corpus", file))
            .Where(line => line.Length > 0 && !line.StartsWith('#')),
    ];
}
