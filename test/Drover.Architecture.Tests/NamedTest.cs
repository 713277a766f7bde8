using System.Text.RegularExpressions;

namespace Drover.Architecture.Tests;

/// <summary>Tests that a document names as <c>Class.Method</c>.</summary>
internal static class NamedTest
{
    /// <summary>True when there is a file of that class with a test of that name.</summary>
    public static bool Exists(string name)
    {
        var (type, method) = (name.Split('.')[0], name.Split('.')[1]);
        var isTest = new Regex(
            $@"\[(?:Fact|Theory)\b(?:(?!\bpublic\b)[\s\S])*\bpublic\s+[\w<>\s]*\b{Regex.Escape(method)}\(");
        return Repository.SourceFiles("test/")
            .Where(file => Path.GetFileName(file).StartsWith(type + ".", StringComparison.Ordinal))
            .Any(file => isTest.IsMatch(Repository.Read(file)));
    }
}
