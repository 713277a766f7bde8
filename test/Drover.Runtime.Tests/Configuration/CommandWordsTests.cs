using Drover.Runtime.Configuration;

namespace Drover.Runtime.Tests.Configuration;

public sealed class CommandWordsTests
{
    [Theory]
    [InlineData("./worker.sh", "./worker.sh")]
    [InlineData("  web   --port 80 ", "web,--port,80")]
    [InlineData("web 'a b' \"c d\" e\\ f", "web,a b,c d,e f")]
    [InlineData("web ''", "web,")]
    [InlineData("web a'b'\"c\"d", "web,abcd")]
    [InlineData("web \"a\\\"b\\n\"", "web,a\"b\\n")]
    [InlineData("web '$HOME | * #'", "web,$HOME | * #")]
    [InlineData("web a#b x~y", "web,a#b,x~y")]
    public void A_line_is_cut_as_a_shell_cuts_it(string line, string words)
    {
        Assert.Null(CommandWords.TrySplit(line, out var cut));
        Assert.Equal(words.Split(','), cut);
    }

    [Theory]
    [InlineData("a && b", "&")]
    [InlineData("a > b", ">")]
    [InlineData("a $HOME", "$")]
    [InlineData("a `b`", "`")]
    [InlineData("a *.txt", "*")]
    [InlineData("a # b", "#")]
    [InlineData("~/bin/a", "~")]
    [InlineData("a 'b", "quote")]
    public void What_only_a_shell_can_do_is_refused_instead_of_passed_on_as_text(string line, string named)
    {
        Assert.Contains(named, CommandWords.TrySplit(line, out _), StringComparison.Ordinal);
    }
}
