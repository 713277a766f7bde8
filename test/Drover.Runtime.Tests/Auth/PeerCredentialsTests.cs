using System.Net.Sockets;
using Drover.Runtime.Auth;
using Drover.Testing.Agents;

namespace Drover.Runtime.Tests.Auth;

public sealed class PeerCredentialsTests
{
    [Fact]
    public async Task The_kernel_tells_who_is_at_the_other_end_of_a_unix_socket()
    {
        using var directory = new TemporaryDirectory();
        var address = new UnixDomainSocketEndPoint(directory.File("s"));
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(address);
        listener.Listen();
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(address, TestContext.Current.CancellationToken);
        using var accepted = await listener.AcceptAsync(TestContext.Current.CancellationToken);

        var peer = PeerCredentials.Of(accepted);

        Assert.Equal((Environment.ProcessId, CurrentUser.Id), (peer.ProcessId, peer.UserId));
    }

    [Fact]
    public void A_user_without_a_name_is_told_by_number()
    {
        Assert.Equal("root", PeerCredentials.NameOf(0));
        Assert.Equal("uid:4000000001", PeerCredentials.NameOf(4_000_000_001));
        Assert.Equal("uid:0", PeerCredentials.NameOf(0, "/nowhere/passwd"));
    }
}
