using System.Runtime.InteropServices;

namespace Compress.Execution;

/// <summary>The heap that the runtime's native code allocates from.</summary>
static partial class NativeHeap
{
    static bool isTrimmable = OperatingSystem.IsLinux();

    /// <summary>
    /// Gives freed memory back to the system. The GNU C library keeps it: sessions that come and go, each with large tensors of other
    /// sizes, would leave hundreds of megabytes that are of no use to anyone. Other libraries give it back by themselves.
    /// </summary>
    public static void Trim()
    {
        if (!isTrimmable)
            return;
        try
        {
            _ = TrimGnu(0);
        }
        catch (Exception exception) when (exception is EntryPointNotFoundException or DllNotFoundException)
        {
            isTrimmable = false;
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int TrimGnu(nuint pad);
}
