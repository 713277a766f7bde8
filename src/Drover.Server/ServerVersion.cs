using System.Reflection;

namespace Drover.Server;

/// <summary>The version of this build, as the executable and the API tell it.</summary>
internal static class ServerVersion
{
    public static readonly string Text =
        typeof(ServerVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            ?? "0";
}
