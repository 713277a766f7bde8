using System.Reflection;

namespace Drover;

/// <summary>Which drover this is.</summary>
internal static class ProductVersion
{
    /// <summary>Version with the commit where the build knew it: <c>0.1.0+a1b2c3d</c>.</summary>
    public static string Full { get; } =
        typeof(ProductVersion).Assembly
            .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?
            .InformationalVersion
            ?? "0.0.0";

    /// <summary>Version alone: <c>0.1.0</c>.</summary>
    public static string Number { get; } = Full.Split('+')[0];
}
