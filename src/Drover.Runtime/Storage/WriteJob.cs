namespace Drover.Runtime.Storage;

/// <summary>A piece of work on its way through the writer.</summary>
internal abstract class WriteJob
{
    public abstract void Run(DbSession session);

    public abstract void Acknowledge();

    public abstract void Fail(Exception exception);
}

internal sealed class WriteJob<T>(Func<DbSession, T> work) : WriteJob
{
    private T? _result;

    public TaskCompletionSource<T> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override void Run(DbSession session) => _result = work(session);

    // A job that failed behind its savepoint is already faulted; then this changes nothing.
    public override void Acknowledge() => Completion.TrySetResult(_result!);

    public override void Fail(Exception exception) => Completion.TrySetException(exception);
}
