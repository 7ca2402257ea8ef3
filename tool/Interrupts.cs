using System.Runtime.InteropServices;

namespace Compress.Tool;

/// <summary>Turns the first Ctrl+C or SIGTERM into a cancellation; the second one ends the process at once.</summary>
sealed class Interrupts : IDisposable
{
    const string ShowCursor = "\u001b[?25h";

    readonly CancellationTokenSource source = new();
    readonly PosixSignalRegistration[] registrations;

    public Interrupts() =>
        registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal), PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal)];

    public CancellationToken Token => source.Token;

    public void Dispose()
    {
        foreach (var registration in registrations)
            registration.Dispose();
        source.Dispose();
    }

    void OnSignal(PosixSignalContext context)
    {
        context.Cancel = !source.IsCancellationRequested;
        if (context.Cancel)
            source.Cancel();
        else if (!Console.IsErrorRedirected)
            Console.Error.Write(ShowCursor);
    }
}
