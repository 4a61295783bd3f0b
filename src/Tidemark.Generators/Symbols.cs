using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Tidemark.Generators;

/// <summary>Questions to the compiler's symbols.</summary>
internal static class Symbols
{
    public const string Codecs = "global::Tidemark.Core.Schema.SchemaCodec";

    public static string FullName(this ITypeSymbol type) =>
        type.WithNullableAnnotation(NullableAnnotation.None).ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);

    public static string? TextOf(this AttributeData attribute, string name) =>
        attribute.NamedArguments.FirstOrDefault(pair => pair.Key == name).Value.Value as string;

    public static bool FlagOf(this AttributeData attribute, string name) =>
        attribute.NamedArguments.FirstOrDefault(pair => pair.Key == name).Value.Value is true;

    public static AttributeData? Find(this ISymbol symbol, string attribute) =>
        symbol
            .GetAttributes()
            .FirstOrDefault(a =>
                a.AttributeClass?.Name == attribute
                && a.AttributeClass.ContainingNamespace.ToDisplayString() == SchemaGenerator.SchemaNamespace
            );

    /// <summary>The name on the wire: given, or the C# name in kebab case.</summary>
    public static string WireName(ISymbol symbol) =>
        symbol.Find("WireAttribute")?.ConstructorArguments[0].Value as string ?? Kebab(symbol.Name);

    /// <summary>The type's name in messages: given, or its own.</summary>
    public static string SchemaName(INamedTypeSymbol type, AttributeData attribute) => attribute.TextOf("Name") ?? type.Name;

    /// <summary>The parameters of a record's primary constructor; none if it has none.</summary>
    public static IReadOnlyList<IParameterSymbol> PrimaryParameters(INamedTypeSymbol record)
    {
        foreach (var constructor in record.InstanceConstructors)
        {
            if (constructor.DeclaringSyntaxReferences.Any(r => r.GetSyntax() is RecordDeclarationSyntax))
            {
                return constructor.Parameters;
            }
        }
        return [];
    }

    /// <summary>"NodeName" becomes "node-name", "L2CacheSize" "l2-cache-size", "XPerf" "x-perf".</summary>
    public static string Kebab(string name)
    {
        var result = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            var c = name[i];
            if (i > 0 && char.IsUpper(c))
            {
                var afterWord = char.IsLower(name[i - 1]) || char.IsDigit(name[i - 1]);
                var beforeWord = i + 1 < name.Length && char.IsLower(name[i + 1]);
                if (afterWord || beforeWord)
                {
                    _ = result.Append('-');
                }
            }
            _ = result.Append(char.ToLowerInvariant(c));
        }
        return result.ToString();
    }

    /// <summary>
    /// The expression of the codec for a member's type, null if there is none. <paramref name="member"/> carries the attributes
    /// that choose among them.
    /// </summary>
    public static string? CodecOf(ITypeSymbol type, ISymbol member)
    {
        if (type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable)
        {
            return CodecOf(nullable.TypeArguments[0], member);
        }
        var isSize = member.Find("SizeAttribute") is not null;
        switch (type.SpecialType)
        {
            case SpecialType.System_String:
                return $"{Codecs}.String";
            case SpecialType.System_Boolean:
                return $"{Codecs}.Bool";
            case SpecialType.System_SByte:
                return $"{Codecs}.Int8";
            case SpecialType.System_Int16:
                return $"{Codecs}.Int16";
            case SpecialType.System_Int32:
                return $"{Codecs}.Int32";
            case SpecialType.System_Int64:
                return isSize ? $"{Codecs}.LongSize" : $"{Codecs}.Int64";
            case SpecialType.System_Byte:
                return $"{Codecs}.UInt8";
            case SpecialType.System_UInt16:
                return $"{Codecs}.UInt16";
            case SpecialType.System_UInt32:
                return $"{Codecs}.UInt32";
            case SpecialType.System_UInt64:
                return isSize ? $"{Codecs}.Size" : $"{Codecs}.UInt64";
            case SpecialType.System_Double:
                return $"{Codecs}.Number";
        }
        return type is INamedTypeSymbol named ? CodecOfNamed(named, member) : null;
    }

    /// <summary>Name of the class that the generator makes for an enum.</summary>
    public static string WordsClass(INamedTypeSymbol type)
    {
        var name = type.Name;
        for (var outer = type.ContainingType; outer is not null; outer = outer.ContainingType)
        {
            name = outer.Name + name;
        }
        return name + "Words";
    }

    private static string? CodecOfNamed(INamedTypeSymbol type, ISymbol member)
    {
        switch (type.FullName())
        {
            case "global::Tidemark.Core.Json.JsonValue":
                return $"{Codecs}.Any";
            case "global::Tidemark.Core.Json.JsonNull":
                return $"{Codecs}.Null";
            case "global::Tidemark.Core.Json.JsonObject":
                var late = member.Find("LateAttribute")?.ConstructorArguments[0].Value as string;
                return $"{Codecs}.Late(\"{late ?? "any object"}\")";
        }
        if (type.OriginalDefinition.SpecialType == SpecialType.System_Collections_Generic_IReadOnlyList_T)
        {
            var element = CodecOf(type.TypeArguments[0], member);
            return element is null ? null : $"{Codecs}.List({element})";
        }
        if (type.TypeKind == TypeKind.Enum)
        {
            var space = type.ContainingNamespace.IsGlobalNamespace ? "" : type.ContainingNamespace.ToDisplayString() + ".";
            return type.Find("SchemaAttribute") is null ? null : $"global::{space}{WordsClass(type)}.Codec";
        }
        var known =
            type.Find("SchemaAttribute") is not null
            || type.Find("BranchAttribute") is not null
            || type.AllInterfaces.Any(i =>
                i.Name == "ISchema" && i.ContainingNamespace.ToDisplayString() == SchemaGenerator.SchemaNamespace
            );
        return known ? $"{type.FullName()}.Codec" : null;
    }

    /// <summary>"public" if everybody may see the type, otherwise "internal".</summary>
    public static string Visibility(INamedTypeSymbol type)
    {
        for (var t = type; t is not null; t = t.ContainingType)
        {
            if (t.DeclaredAccessibility != Accessibility.Public)
            {
                return "internal";
            }
        }
        return "public";
    }
}
