namespace Drover.Testing.Time;

/// <summary>The timers a <see cref="FakeClock"/> hands out, with the meaning of <see cref="ITimer"/>.</summary>
public sealed partial class FakeClock
{
    private sealed class FakeTimer(FakeClock clock, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period;
        private long _order;
        private bool _disposed;

        /// <summary>When it fires, on the clock's <see cref="Elapsed"/>; meaningful while it is armed.</summary>
        internal TimeSpan Due { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            ThrowUnlessTimeout(dueTime, nameof(dueTime));
            ThrowUnlessTimeout(period, nameof(period));

            lock (clock._gate)
            {
                if (_disposed)
                {
                    return false;
                }

                clock._armed.Remove(this);
                _period = period;
                if (dueTime == TimeSpan.Zero)
                {
                    ThreadPool.UnsafeQueueUserWorkItem(static timer => timer.Fire(), this, preferLocal: false);
                    Arm(period);
                }
                else
                {
                    Arm(dueTime);
                }

                clock.ReleaseWaiters();
                return true;
            }
        }

        public void Dispose()
        {
            lock (clock._gate)
            {
                _disposed = true;
                clock._armed.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        /// <summary>Timers due at the same instant fire in the order in which they were armed.</summary>
        internal bool IsBefore(FakeTimer other) => Due < other.Due || (Due == other.Due && _order < other._order);

        /// <summary>Called under the clock's gate when the timer is about to fire.</summary>
        internal void Rearm()
        {
            clock._armed.Remove(this);
            Arm(_period);
        }

        internal void Fire()
        {
            lock (clock._gate)
            {
                if (_disposed)
                {
                    return;
                }
            }

            callback(state);
        }

        private void Arm(TimeSpan dueIn)
        {
            // A period of zero means once, as with the system's timers.
            if (dueIn <= TimeSpan.Zero)
            {
                return;
            }

            Due = clock._elapsed + dueIn;
            _order = ++clock._armings;
            clock._armed.Add(this);
        }

        private static void ThrowUnlessTimeout(TimeSpan value, string name)
        {
            if (value < TimeSpan.Zero && value != Timeout.InfiniteTimeSpan)
            {
                throw new ArgumentOutOfRangeException(name, value, "must be zero, positive or infinite");
            }
        }
    }
}
