namespace Drover.Runtime.Docker.Images;

/// <summary>Splits <c>registry:5000/team/web:1.2</c> where the engine wants name and tag apart.</summary>
internal static class ImageReference
{
    private const string DefaultTag = "latest";

    /// <summary>Name and tag; a digest stays with the name and has no tag. Without either the tag is <c>latest</c>:
    /// the engine would take every tag.</summary>
    public static (string Name, string? Tag) Split(string reference)
    {
        if (reference.Contains('@', StringComparison.Ordinal))
        {
            return (reference, null);
        }

        var colon = reference.LastIndexOf(':');
        return colon > reference.LastIndexOf('/')
            ? (reference[..colon], reference[(colon + 1)..])
            : (reference, DefaultTag);
    }
}
