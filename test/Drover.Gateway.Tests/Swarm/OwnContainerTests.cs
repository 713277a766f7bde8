using Drover.Gateway.Swarm;

namespace Drover.Gateway.Tests.Swarm;

public sealed class OwnContainerTests
{
    private const string Id = "9ce82bfbdc3f61ca0e10d080c0c0547c0a4977c0997d5a2d5c78a9dcc97f237e";

    [Theory]
    [InlineData("/var/lib/docker/containers/" + Id + "/hostname", "/etc/hostname")]
    [InlineData("/srv/containers/docker/containers/" + Id + "/resolv.conf", "/etc/resolv.conf")]
    [InlineData("/docker/containers/" + Id + "/hosts", "/etc/hosts")]
    public void A_process_in_a_container_knows_it_by_the_files_that_Docker_mounts(string source, string target)
    {
        string[] mounts =
        [
            "471 335 0:52 / / rw,relatime - overlay overlay rw,lowerdir=/x",
            $"482 471 254:1 {source} {target} rw,relatime - ext4 /dev/vda1 rw",
        ];

        Assert.Equal(Id, OwnContainer.Find(mounts));
    }

    [Theory]
    [InlineData("482 471 254:1 / / rw,relatime - ext4 /dev/vda1 rw")]
    [InlineData("482 471 254:1 /var/lib/docker/containers/" + Id + "/mounts/shm /dev/shm rw - tmpfs shm rw")]
    [InlineData("482 471 254:1 /containers/short/hostname /etc/hostname rw - ext4 /dev/vda1 rw")]
    [InlineData("482 471")]
    [InlineData("")]
    public void A_process_of_the_host_is_in_no_container(string mount)
    {
        Assert.Null(OwnContainer.Find([mount]));
    }
}
