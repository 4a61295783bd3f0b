using System.Linq;
using Microsoft.CodeAnalysis;

namespace Tidemark.Generators;

/// <summary>An abstract record whose nested [Branch] records are the branches of a union.</summary>
internal static class UnionEmitter
{
    public static void Emit(CodeWriter writer, INamedTypeSymbol type, AttributeData attribute, string discriminator)
    {
        var branches = type.GetTypeMembers().Where(nested => nested.Find("BranchAttribute") is not null).ToList();
        if (branches.Count == 0 || !type.IsAbstract)
        {
            writer.Error($"{type.Name}: a union is an abstract record with nested records marked [Branch]");
            return;
        }
        var self = type.FullName();
        const string space = "global::" + SchemaGenerator.SchemaNamespace;
        var depth = writer.OpenType(type, $"{space}.ISchema<{self}>");
        writer.Line("/// <summary>Reader, writer and description of the union.</summary>");
        writer.Line($"public static {space}.UnionCodec<{self}> Codec {{ get; }} = new(");
        writer.Line($"    \"{Symbols.SchemaName(type, attribute)}\",");
        writer.Line($"    \"{discriminator}\",");
        writer.Line("    [");
        foreach (var branch in branches)
        {
            var tag = branch.Find("BranchAttribute")?.ConstructorArguments[0].Value as string;
            writer.Line($"        new {space}.UnionBranch<{self}, {branch.FullName()}>(\"{tag}\", {branch.FullName()}.Codec),");
        }
        writer.Line(attribute.TextOf("Shared") is { } shared ? $"    ], \"{shared}\"" : "    ]");
        writer.Line(");");
        writer.Line();
        writer.Line($"static {Symbols.Codecs}<{self}> {space}.ISchema<{self}>.Codec => Codec;");
        writer.CloseAll(depth);
    }
}
