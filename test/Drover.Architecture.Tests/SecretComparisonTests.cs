using System.Text.RegularExpressions;

namespace Drover.Architecture.Tests;

/// <summary>
/// A comparison that ends at the first difference tells how much of a secret was right. Text is compared where only
/// hashes and ids are; bytes of MACs and keys are compared in constant time everywhere.
/// </summary>
public sealed partial class SecretComparisonTests
{
    [Fact]
    public void Whatever_is_compared_with_a_secret_is_compared_in_constant_time()
    {
        var verifiers = Repository.SourceFiles("src/Drover.Core/Trust/")
            .Where(file => Comparer().IsMatch(Repository.Read(file)))
            .ToList();

        Assert.NotEmpty(verifiers);
        Assert.All(verifiers, file => Assert.Contains(
            "CryptographicOperations.FixedTimeEquals", Repository.Read(file), StringComparison.Ordinal));
        Assert.All(Repository.SourceFiles("src/Drover.Core/Trust/"), file =>
            Assert.DoesNotMatch(EarlyEnd(), Repository.Read(file)));
        Assert.All(Repository.SourceFiles("src/"), file => Assert.DoesNotMatch(Revealed(), Repository.Read(file)));
    }

    [Theory]
    [InlineData("if (key.Reveal() == given)", true)]
    [InlineData("return given.Equals(token.Reveal(), StringComparison.Ordinal);", true)]
    [InlineData("bytes.SequenceEqual(Encoding.UTF8.GetBytes(key.Reveal()))", true)]
    [InlineData("Response(host.HostId, key.Reveal())", false)]
    public void A_secret_that_is_compared_like_any_text_is_seen(string code, bool isSeen) =>
        Assert.Equal(isSeen, Revealed().IsMatch(code));

    /// <summary>What verifies a MAC, a bearer or a key.</summary>
    [GeneratedRegex(@"public (?:static )?(?:override )?bool (?:Verify|IsBearer|Equals)\(")]
    private static partial Regex Comparer();

    [GeneratedRegex(@"\.SequenceEqual\(")]
    private static partial Regex EarlyEnd();

    [GeneratedRegex(@"Reveal\(\)\s*[=!]=|[=!]=\s*\w+\.Reveal\(\)|(?:SequenceEqual|\bEquals)\([^;\n]*Reveal\(\)")]
    private static partial Regex Revealed();
}
