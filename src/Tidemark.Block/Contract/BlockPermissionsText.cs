namespace Tidemark.Block.Contract;

/// <summary>The names of permissions as messages give them.</summary>
public static class BlockPermissionsText
{
    /// <summary>"consistent read, write" and so on; "none" for none.</summary>
    public static string Describe(this BlockPermissions permissions)
    {
        List<string> names = [];
        Add(BlockPermissions.ConsistentRead, "consistent read");
        Add(BlockPermissions.Write, "write");
        Add(BlockPermissions.WriteUnchanged, "write unchanged");
        Add(BlockPermissions.Resize, "resize");
        return names.Count == 0 ? "none" : string.Join(", ", names);

        void Add(BlockPermissions permission, string name)
        {
            if ((permissions & permission) != 0)
            {
                names.Add(name);
            }
        }
    }
}
