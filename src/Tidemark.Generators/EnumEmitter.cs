using System.Linq;
using Microsoft.CodeAnalysis;

namespace Tidemark.Generators;

/// <summary>An enum as the words of the wire.</summary>
internal static class EnumEmitter
{
    public static void Emit(CodeWriter writer, INamedTypeSymbol type, AttributeData attribute)
    {
        var self = type.FullName();
        const string space = "global::" + SchemaGenerator.SchemaNamespace;
        var inNamespace = !type.ContainingNamespace.IsGlobalNamespace;
        if (inNamespace)
        {
            writer.Open($"namespace {type.ContainingNamespace.ToDisplayString()}");
        }
        writer.Line($"/// <summary>The words of <see cref=\"{self}\"/> on the wire.</summary>");
        writer.Open($"{Symbols.Visibility(type)} static class {Symbols.WordsClass(type)}");
        writer.Line("/// <summary>Reader, writer and description of the enumeration.</summary>");
        writer.Line($"public static {space}.EnumCodec<{self}> Codec {{ get; }} = new(");
        writer.Line($"    \"{Symbols.SchemaName(type, attribute)}\",");
        writer.Line("    [");
        var next = 0;
        foreach (var field in type.GetMembers().OfType<IFieldSymbol>().Where(field => field.HasConstantValue))
        {
            if (!(field.ConstantValue is int value) || value != next++)
            {
                writer.Line($"#error The values of {self} must be int and go 0, 1, 2 …");
            }
            writer.Line($"        \"{Symbols.WireName(field)}\",");
        }
        writer.Line("    ]");
        writer.Line(");");
        writer.Line();
        writer.Line("/// <summary>The value's word.</summary>");
        writer.Line($"public static string ToWord(this {self} value) => Codec.Format(value);");
        writer.Close();
        if (inNamespace)
        {
            writer.Close();
        }
    }
}
