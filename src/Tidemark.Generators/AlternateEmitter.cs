using System.Linq;
using Microsoft.CodeAnalysis;

namespace Tidemark.Generators;

/// <summary>A record of which exactly one parameter is set, according to the kind of the JSON value.</summary>
internal static class AlternateEmitter
{
    public static void Emit(CodeWriter writer, INamedTypeSymbol type, AttributeData attribute)
    {
        var members = Symbols.PrimaryParameters(type).Select(parameter => new Member(parameter)).ToList();
        if (members.Count < 2 || members.Any(member => member.Codec is null || !member.IsNullable))
        {
            writer.Error(
                $"{type.Name}: an alternate has at least two parameters, all of them nullable and of types of the schema"
            );
            return;
        }
        var self = type.FullName();
        const string space = "global::" + SchemaGenerator.SchemaNamespace;
        var depth = writer.OpenType(type, $"{space}.ISchema<{self}>");
        writer.Line("/// <summary>Reader, writer and description of the alternate.</summary>");
        writer.Line($"public static {space}.AlternateCodec<{self}> Codec {{ get; }} = new SchemaAlternateCodec();");
        writer.Line();
        writer.Line($"static {Symbols.Codecs}<{self}> {space}.ISchema<{self}>.Codec => Codec;");
        writer.Line();
        writer.Open(
            $"private sealed class SchemaAlternateCodec() : {space}.AlternateCodec<{self}>(\"{Symbols.SchemaName(type, attribute)}\")"
        );
        writer.Line($"protected override global::System.Collections.Generic.IReadOnlyList<{Symbols.Codecs}> Choices =>");
        writer.Line($"    [{string.Join(", ", members.Select(member => member.Codec))}];");
        writer.Line();
        writer.Line(
            $"protected override {self} ReadChoice(int choice, {space}.SchemaReader reader, global::Tidemark.Core.Json.JsonValue value) =>"
        );
        writer.Open("    choice switch");
        for (var i = 0; i < members.Count; i++)
        {
            var pattern = i == members.Count - 1 ? "_" : i.ToString(System.Globalization.CultureInfo.InvariantCulture);
            writer.Line($"{pattern} => new {self}({members[i].Name}: {members[i].Codec}.Read(reader, value)),");
        }
        writer.Close(";");
        writer.Line();
        writer.Open($"public override global::Tidemark.Core.Json.JsonValue Write({self} value)");
        foreach (var member in members)
        {
            writer.Open($"if (value.{member.Name} is {{ }} its{member.Name})");
            writer.Line($"return {member.Codec}.Write(its{member.Name});");
            writer.Close();
        }
        writer.Line("throw NothingChosen();");
        writer.Close();
        writer.Close();
        writer.CloseAll(depth);
    }
}
