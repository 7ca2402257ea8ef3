namespace Compress.MSBuild;

/// <summary>The entries of the catalogue that the tasks themselves report; a test holds them to the engine's.</summary>
internal static class TaskCodes
{
    public const string PolicyNotFound = "CMP1001";
    public const string ModelNotFound = "CMP2001";
    public const string GateFailed = "CMP5001";
    public const string CannotWrite = "CMP6001";
    public const string Cancelled = "CMP6003";
    public const string ToolFailed = "CMP6006";
    public const string ModelItem = "CMP6007";
}
