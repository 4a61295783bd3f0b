using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace Tidemark.Generators;

/// <summary>A record whose parameters are the members of an object.</summary>
internal static class ObjectEmitter
{
    public static void Emit(CodeWriter writer, INamedTypeSymbol type, AttributeData attribute)
    {
        var members = Symbols.PrimaryParameters(type).Select(parameter => new Member(parameter)).ToList();
        foreach (var member in members.Where(member => member.Codec is null))
        {
            writer.Error($"{type.Name}.{member.Name}: {member.TypeName} is no type of the schema");
        }
        if (members.Any(member => member.Codec is null))
        {
            return;
        }
        var self = type.FullName();
        var hides = type.BaseType is { } parent && parent.Find("SchemaAttribute") is not null ? "new " : "";
        var depth = writer.OpenType(type, $"global::{SchemaGenerator.SchemaNamespace}.ISchema<{self}>");
        writer.Line("/// <summary>Reader, writer and description of the type.</summary>");
        writer.Line(
            $"public static {hides}global::{SchemaGenerator.SchemaNamespace}.ObjectCodec<{self}> Codec {{ get; }} = new SchemaObjectCodec();"
        );
        writer.Line();
        writer.Line($"static {Symbols.Codecs}<{self}> global::{SchemaGenerator.SchemaNamespace}.ISchema<{self}>.Codec => Codec;");
        writer.Line();
        writer.Open($"private sealed class SchemaObjectCodec : global::{SchemaGenerator.SchemaNamespace}.ObjectCodec<{self}>");
        writer.Line($"public override string Name => \"{Symbols.SchemaName(type, attribute)}\";");
        EmitRead(writer, self, members);
        EmitWrite(writer, self, members);
        EmitList(writer, members);
        writer.Close();
        writer.CloseAll(depth);
    }

    private static void EmitRead(CodeWriter writer, string self, List<Member> members)
    {
        writer.Line();
        writer.Open($"public override {self} ReadMembers(global::{SchemaGenerator.SchemaNamespace}.ObjectReader reader)");
        foreach (var (member, i) in members.Select((member, i) => (member, i)).OrderBy(pair => pair.member.ReadLast))
        {
            writer.Line($"var m{i} = {member.Read()};");
        }
        writer.Line($"return new {self}({string.Join(", ", members.Select((_, i) => $"m{i}"))});");
        writer.Close();
    }

    private static void EmitWrite(CodeWriter writer, string self, List<Member> members)
    {
        writer.Line();
        writer.Open($"public override void WriteMembers({self} value, global::Tidemark.Core.Json.JsonObject target)");
        foreach (var member in members)
        {
            member.EmitWrite(writer);
        }
        writer.Close();
    }

    private static void EmitList(CodeWriter writer, List<Member> members)
    {
        const string member = "global::" + SchemaGenerator.SchemaNamespace + ".SchemaMember";
        writer.Line();
        writer.Line($"protected override global::System.Collections.Generic.IReadOnlyList<{member}> ListMembers() =>");
        writer.Line("[");
        foreach (var m in members)
        {
            writer.Line($"    new {member}(\"{m.WireName}\", {m.Codec}, {(m.IsOptional ? "true" : "false")}),");
        }
        writer.Line("];");
    }
}
