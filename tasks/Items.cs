using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace Compress.MSBuild;

/// <summary>MSBuild items whose texts may hold any character.</summary>
internal static class Items
{
    public static TaskItem Create(string path) => new(Escape(path));

    public static TaskItem CopyOf(ITaskItem source, string path)
    {
        var item = Create(path);
        source.CopyMetadataTo(item);
        return item;
    }

    public static TaskItem With(this TaskItem item, string name, string value)
    {
        item.SetMetadata(name, Escape(value));
        return item;
    }

    /// <summary>Escapes the characters that mean something to MSBuild.</summary>
    public static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var character in text)
        {
            if ("%*?@$();'".IndexOf(character) >= 0)
                escaped.Append('%').Append(((int)character).ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
            else
                escaped.Append(character);
        }

        return escaped.ToString();
    }
}
