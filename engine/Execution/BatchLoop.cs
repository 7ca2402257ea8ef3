using System.Runtime.ExceptionServices;
using Compress.Data;

namespace Compress.Execution;

/// <summary>
/// Runs batches side by side, each on some of the threads: a model of many small operators is done sooner so than with all threads on
/// one operator after another.
/// </summary>
/// <param name="threads">Threads in all; 0 for one on each core.</param>
public sealed class BatchLoop(int threads)
{
    /// <summary>Each holds the activations of a batch.</summary>
    const int MostAtOnce = 4;

    readonly int cores = threads > 0 ? threads : Environment.ProcessorCount;

    /// <summary>Batches that run at once.</summary>
    public int AtOnce => Math.Min(MostAtOnce, cores);

    /// <summary>The threads within an operator that a session gets for such a loop.</summary>
    public int ThreadsWithin => Math.Max(1, cores / AtOnce);

    /// <summary>Reads batches and hands them on, in no particular order and several at once.</summary>
    /// <param name="data">The samples; they are read one batch after another.</param>
    /// <param name="batches">The samples of each batch.</param>
    /// <param name="use">Told the number of the batch, and its samples.</param>
    /// <param name="report">Told the share of batches that were begun.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <exception cref="OperationCanceledException">The loop was stopped.</exception>
    public void Run(
        DataSet data, IReadOnlyList<(int Start, int Count)> batches, Action<int, IReadOnlyDictionary<string, DataTensor>> use, Action<double> report, CancellationToken cancellation)
    {
        var reading = new Lock();
        var begun = 0;
        Each(batches.Count, i =>
        {
            IReadOnlyDictionary<string, DataTensor> batch;
            lock (reading)
            {
                report((double)begun++ / batches.Count);
                batch = data.Read(batches[i].Start, batches[i].Count);
            }

            use(i, batch);
        }, cancellation);
    }

    /// <summary>Does pieces of work that run models, in no particular order and several at once.</summary>
    /// <param name="count">How many pieces.</param>
    /// <param name="work">Told the number of the piece.</param>
    /// <param name="cancellation">Stops between pieces.</param>
    /// <exception cref="OperationCanceledException">The loop was stopped.</exception>
    public void Each(int count, Action<int> work, CancellationToken cancellation)
    {
        try
        {
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, work);
        }
        catch (AggregateException exception)
        {
            // What went wrong first is told as if the loop were an ordinary one.
            ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
        }
    }
}
