using System.Net;
using Drover.Runtime.Storage;
using Drover.Testing.Server;
using Drover.Wire;
using Drover.Wire.Commands;

namespace Drover.Server.Tests.Storage;

public sealed class DeadWriterTests
{
    [Fact]
    public async Task A_writer_that_dies_of_a_defect_ends_the_server_with_a_sentence_and_until_then_refuses_orders()
    {
        await using var server = await ServerFixture.StartAsync();
        var people = server.OnSocket();
        await server.JoinAsync("alpha", "web");

        await Assert.ThrowsAsync<StorageException>(server.BreakWriterAsync);

        var failure = await Assert.ThrowsAsync<StorageException>(
            () => server.Role.Completion.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        Assert.StartsWith("cannot write to the database", failure.Message, StringComparison.Ordinal);
        Assert.Contains("restart Drover", failure.Message, StringComparison.Ordinal);
        await people.TryOrderAsync(CommandTypes.Restart, "web")
            .ProblemAsync(HttpStatusCode.ServiceUnavailable, Problems.StorageUnavailable);
        await people.GetAsync(Routes.Ready, TestContext.Current.CancellationToken)
            .ProblemAsync(HttpStatusCode.ServiceUnavailable, Problems.StorageUnavailable);
    }
}
