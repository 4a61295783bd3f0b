using System.Buffers.Text;
using System.Text;
using Tidemark.Core.Errors;

namespace Tidemark.Control.Objects;

/// <summary>
/// The bytes that a secret's options stand for. A secret's file is small and read at once, before anything waits for it.
/// </summary>
internal static class SecretReader
{
    /// <summary>Far beyond any key or password, bytes.</summary>
    private const int LongestFile = 1 << 20;

    public static byte[] Read(ObjectOptions.Secret secret)
    {
        var bytes = (secret.Data, secret.File) switch
        {
            (null, null) => throw Invalid("Either 'file' or 'data' must be provided"),
            ({ } data, null) => Encoding.UTF8.GetBytes(data),
            (null, { } file) => ReadFile(file),
            _ => throw Invalid("'file' and 'data' are mutually exclusive"),
        };
        return secret.Format == SecretFormat.Base64 ? Decode(bytes) : bytes;
    }

    private static byte[] Decode(byte[] text)
    {
        var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        return
            Base64.IsValid(text)
            && Base64.DecodeFromUtf8(text, bytes, out _, out var written) == System.Buffers.OperationStatus.Done
            ? bytes[..written]
            : throw Invalid("Base64 data contains invalid characters");
    }

    private static byte[] ReadFile(string path)
    {
        try
        {
            using var file = File.OpenHandle(path);
            var length = RandomAccess.GetLength(file);
            if (length > LongestFile)
            {
                throw Invalid($"Unable to read {path}: it is longer than a secret may be");
            }
            var bytes = new byte[LongestFile];
            return bytes[..RandomAccess.Read(file, bytes, 0)];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new BlockException(BlockErrorKind.NotFound, $"Unable to read {path}: {Explain(path, error)}", error);
        }
    }

    // In the words of the reference's library.
    private static string Explain(string path, Exception error) =>
        error switch
        {
            FileNotFoundException or DirectoryNotFoundException => $"Failed to open file “{path}”: No such file or directory",
            UnauthorizedAccessException when Directory.Exists(path) => $"Error reading file {path}: Is a directory",
            UnauthorizedAccessException => $"Failed to open file “{path}”: Permission denied",
            _ => error.Message,
        };

    private static BlockException Invalid(string text) => new(BlockErrorKind.InvalidOptions, text);
}
