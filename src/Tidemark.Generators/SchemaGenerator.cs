using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Tidemark.Generators;

/// <summary>
/// Writes reader, writer and description for every type marked [Schema] or [Branch]: plain code that the trimmer sees through.
/// What is wrong with a marked type becomes an #error in its generated file, so that the build says it.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class SchemaGenerator : IIncrementalGenerator
{
    internal const string SchemaNamespace = "Tidemark.Core.Schema";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        Register(context, "SchemaAttribute");
        Register(context, "BranchAttribute");
    }

    private static void Register(IncrementalGeneratorInitializationContext context, string attribute)
    {
        var files = context.SyntaxProvider.ForAttributeWithMetadataName(
            $"{SchemaNamespace}.{attribute}",
            static (node, _) => node is RecordDeclarationSyntax or EnumDeclarationSyntax,
            static (found, cancel) => Emit((INamedTypeSymbol)found.TargetSymbol, found.Attributes[0], cancel)
        );
        context.RegisterSourceOutput(files, static (output, file) => output.AddSource(file.HintName, file.Text));
    }

    private static GeneratedFile Emit(INamedTypeSymbol type, AttributeData attribute, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var writer = new CodeWriter();
        if (type.TypeKind == TypeKind.Enum)
        {
            EnumEmitter.Emit(writer, type, attribute);
        }
        else if (attribute.FlagOf("Alternate"))
        {
            AlternateEmitter.Emit(writer, type, attribute);
        }
        else if (attribute.TextOf("Discriminator") is { } discriminator)
        {
            UnionEmitter.Emit(writer, type, attribute, discriminator);
        }
        else
        {
            ObjectEmitter.Emit(writer, type, attribute);
        }
        var name = type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat).Replace("global::", "");
        return new GeneratedFile($"{name}.Schema.g.cs", writer.ToString());
    }
}
