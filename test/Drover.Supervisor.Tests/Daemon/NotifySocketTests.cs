using System.Net.Sockets;
using System.Text;
using Drover.Supervisor.Daemon;
using Drover.Testing.Agents;

namespace Drover.Supervisor.Tests.Daemon;

public sealed class NotifySocketTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_message_reaches_a_socket_with_a_path_and_one_of_the_abstract_namespace(bool isAbstract)
    {
        var name = isAbstract ? $"@drover-test-{Guid.NewGuid():N}" : _directory.File("notify");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(isAbstract ? "\0" + name[1..] : name));
        new NotifySocket(name).Send(NotifySocket.Ready, NotifySocket.Status("two\nlines"));
        var buffer = new byte[256];
        Assert.Equal("READY=1\nSTATUS=two lines", Encoding.UTF8.GetString(buffer, 0, listener.Receive(buffer)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("/no/such/socket")]
    [InlineData("@")]
    public void Where_nobody_listens_nothing_happens(string? name) => new NotifySocket(name).Send(NotifySocket.Alive);

    public void Dispose() => _directory.Dispose();
}
