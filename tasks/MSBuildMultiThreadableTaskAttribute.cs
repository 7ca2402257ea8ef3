namespace Microsoft.Build.Framework;

/// <summary>
/// Lets a multithreaded MSBuild run a task in its own process; MSBuild knows the attribute by its full name.
/// The oldest MSBuild that the package supports does not define it.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class MSBuildMultiThreadableTaskAttribute : Attribute;
