using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Tidemark.Generators;

/// <summary>A parameter of a record as the schema sees it.</summary>
internal sealed class Member
{
    private readonly IParameterSymbol parameter;

    public Member(IParameterSymbol parameter)
    {
        this.parameter = parameter;
        Codec = Symbols.CodecOf(parameter.Type, parameter);
        WireName = Symbols.WireName(parameter);
        ReadLast = parameter.Find("WireAttribute")?.FlagOf("ReadLast") == true;
        IsNullableValue = parameter.Type.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T;
        IsNullable = IsNullableValue || parameter.NullableAnnotation == NullableAnnotation.Annotated;
        HasDefault = parameter.HasExplicitDefaultValue && parameter.ExplicitDefaultValue is not null;
    }

    public string Name => parameter.Name;

    public string TypeName => parameter.Type.ToDisplayString();

    public string WireName { get; }

    /// <summary>Whether it is read behind all others.</summary>
    public bool ReadLast { get; }

    /// <summary>The codec's expression, null if the type has none.</summary>
    public string? Codec { get; }

    public bool IsNullable { get; }

    public bool IsOptional => IsNullable || HasDefault;

    private bool IsNullableValue { get; }

    private bool HasDefault { get; }

    public string Read()
    {
        var arguments = $"\"{WireName}\", {Codec}";
        if (IsNullable)
        {
            var verb = IsNullableValue ? "OptionalValue" : "OptionalReference";
            var fallback = HasDefault ? $" ?? {Default()}" : "";
            return $"reader.{verb}({arguments}){fallback}";
        }
        return HasDefault ? $"reader.OptionalOr({arguments}, {Default()})" : $"reader.Required({arguments})";
    }

    public void EmitWrite(CodeWriter writer)
    {
        if (!IsNullable)
        {
            writer.Line($"target[\"{WireName}\"] = {Codec}.Write(value.{Name});");
            return;
        }
        writer.Open($"if (value.{Name} is {{ }} its{Name})");
        writer.Line($"target[\"{WireName}\"] = {Codec}.Write(its{Name});");
        writer.Close();
    }

    private string Default()
    {
        var type = parameter.Type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable
            ? nullable.TypeArguments[0]
            : parameter.Type;
        // HasDefault proves that there is a value.
        return $"({type.FullName()}){SymbolDisplay.FormatPrimitive(parameter.ExplicitDefaultValue!, quoteStrings: true, useHexadecimalNumbers: false)}";
    }
}
