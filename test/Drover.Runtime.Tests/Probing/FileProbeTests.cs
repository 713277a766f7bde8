using Drover.Core.Health;
using Drover.Runtime.Probing;
using Drover.Testing.Agents;
using Drover.Testing.Time;

namespace Drover.Runtime.Tests.Probing;

/// <summary>The file probe on real files.</summary>
public sealed class FileProbeTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly FakeClock _clock = new();
    private readonly string _path;

    public FileProbeTests() => _path = Path.Combine(_directory.Path, "alive");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_file_that_exists_is_a_success_and_one_that_does_not_is_a_failure()
    {
        var target = new ProbeTarget.File(_path);
        (await target.AskAsync()).Failed($"there is no file \"{_path}\"");
        await File.WriteAllTextAsync(_path, "", TestContext.Current.CancellationToken);

        (await target.AskAsync()).Succeeded($"\"{_path}\" exists");
        (await new ProbeTarget.File(_directory.Path).AskAsync()).Succeeded();
        (await new ProbeTarget.File($"{_directory.Path}/none/alive").AskAsync())
            .Failed($"there is no file \"{_directory.Path}/none/alive\"");
    }

    [Theory]
    [InlineData(-5, "was written just now")]
    [InlineData(0, "was written just now")]
    [InlineData(29, "was written 29s ago")]
    public async Task A_file_younger_than_the_age_is_a_success(int age, string says)
    {
        (await AskAged(age)).Succeeded($"\"{_path}\" {says}");
    }

    [Theory]
    [InlineData(30, "30s")]
    [InlineData(3700, "1h1m40s")]
    public async Task A_file_that_nobody_has_touched_for_that_long_is_a_failure(int age, string ago)
    {
        (await AskAged(age)).Failed($"\"{_path}\" was last written {ago} ago, which is not less than 30s");
    }

    [Fact]
    public async Task A_path_through_something_that_is_no_directory_cannot_be_looked_at()
    {
        await File.WriteAllTextAsync(_path, "", TestContext.Current.CancellationToken);

        Assert.NotEqual(ProbeOutcome.Success, (await new ProbeTarget.File($"{_path}/inner").AskAsync()).Outcome);
    }

    [Fact]
    public void A_relative_path_and_an_age_of_nothing_are_refused()
    {
        Assert.Equal(
            "path takes an absolute path, not \"alive\"", new ProbeTarget.File("alive").Fault(ProbeKind.Liveness));
        Assert.Equal(
            "younger_than must be longer than zero",
            new ProbeTarget.File("/alive", TimeSpan.Zero).Fault(ProbeKind.Liveness));
        Assert.Null(new ProbeTarget.File("/alive").Fault(ProbeKind.Startup));
    }

    private Task<ProbeReport> AskAged(int seconds)
    {
        File.WriteAllText(_path, "");
        File.SetLastWriteTimeUtc(_path, _clock.GetUtcNow().UtcDateTime - TimeSpan.FromSeconds(seconds));
        return new ProbeTarget.File(_path, TimeSpan.FromSeconds(30)).Make(new ProbeServices(_clock)).AskAsync();
    }
}
