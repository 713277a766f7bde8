using Drover.Runtime.Docker.Containers;

namespace Drover.Supervisor.Containers;

/// <summary>A port as <c>docker run -p</c> has it: <c>[[address:]host port:]container port[/protocol]</c>.</summary>
/// <param name="Inner">In the container, with its protocol: <c>80/tcp</c>.</param>
/// <param name="Binding">On the host.</param>
internal readonly record struct PublishedPort(string Inner, PortBinding Binding)
{
    internal static PublishedPort Parse(string text)
    {
        var slash = text.LastIndexOf('/');
        var protocol = slash < 0 ? "tcp" : text[(slash + 1)..];
        var ports = slash < 0 ? text : text[..slash];
        var last = ports.LastIndexOf(':');
        var inner = $"{ports[(last + 1)..]}/{protocol}";
        if (last < 0)
        {
            return new PublishedPort(inner, new PortBinding());
        }

        var outer = ports[..last];
        var before = outer.LastIndexOf(':');
        return new PublishedPort(
            inner,
            new PortBinding
            {
                HostIp = before < 0 ? null : outer[..before].Trim('[', ']'),
                HostPort = outer[(before + 1)..],
            });
    }
}
