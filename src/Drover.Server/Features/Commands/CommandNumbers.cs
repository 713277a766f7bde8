using Drover.Runtime.Storage;

namespace Drover.Server.Features.Commands;

/// <summary>Gives commands their place in the order of acceptance; used by the one writer alone.</summary>
internal sealed class CommandNumbers(Database database)
{
    private long _last;

    public async Task LoadAsync(CancellationToken cancellationToken) =>
        _last = await database.ReadAsync(CommandStore.NewestNumber, cancellationToken);

    public long Next() => ++_last;
}
