using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Tidemark.Core.Errors;

namespace Tidemark.Control.Objects;

/// <summary>
/// The bytes that a secret's options stand for: given as they are or in a file, in base64 or not, and encrypted by another
/// secret (AES-256-CBC with PKCS #7 padding) or not. A secret's file is small and read at once, before anything waits for it.
/// </summary>
internal static class SecretReader
{
    private const int KeyBytes = 32;
    private const int BlockBytes = 16;

    /// <summary>Far beyond any key or password, bytes.</summary>
    private const int LongestFile = 1 << 20;

    /// <summary>Reads a secret; <paramref name="findKey"/> gives the bytes of another one, or throws. Throws <see cref="BlockException"/>.</summary>
    public static byte[] Read(ObjectOptions.Secret secret, Func<string, byte[]> findKey)
    {
        if (secret.Loaded is not null)
        {
            throw Invalid("Property 'secret.loaded' is not writable");
        }
        var bytes = (secret.Data, secret.File) switch
        {
            (null, null) => throw Invalid("Either 'file' or 'data' must be provided"),
            ({ } data, null) => Encoding.UTF8.GetBytes(data),
            (null, { } file) => ReadFile(file),
            _ => throw Invalid("'file' and 'data' are mutually exclusive"),
        };
        if (secret.Keyid is { } keyId)
        {
            var key = findKey(keyId);
            var initial = CheckKey(secret, key);
            return Decrypt(key, initial, secret.Format == SecretFormat.Base64 ? Decode(bytes) : bytes);
        }
        return secret.Format == SecretFormat.Base64 ? Decode(bytes) : bytes;
    }

    private static byte[] CheckKey(ObjectOptions.Secret secret, byte[] key)
    {
        if (key.Length != KeyBytes)
        {
            throw Invalid($"Key should be {KeyBytes} bytes in length");
        }
        if (secret.Iv is null)
        {
            throw Invalid("IV is required to decrypt secret");
        }
        var initial = Decode(Encoding.UTF8.GetBytes(secret.Iv));
        return initial.Length == BlockBytes
            ? initial
            : throw Invalid($"IV should be {BlockBytes} bytes in length not {Number(initial.Length)}");
    }

    private static byte[] Decrypt(byte[] key, byte[] initial, byte[] encrypted)
    {
        if (encrypted.Length % BlockBytes != 0)
        {
            throw Invalid($"Length {Number(encrypted.Length)} must be a multiple of block size {BlockBytes}");
        }
        if (encrypted.Length == 0)
        {
            return [];
        }
        using var aes = Aes.Create();
        aes.Key = key;
        var plain = aes.DecryptCbc(encrypted, initial, PaddingMode.None);
        var padding = plain[^1];
        return padding <= BlockBytes
            ? plain[..^padding]
            : throw Invalid($"Incorrect number of padding bytes ({Number(padding)}) found on decrypted data");
    }

    private static byte[] Decode(byte[] text) =>
        LenientBase64.Decode(text) ?? throw Invalid("Base64 data contains invalid characters");

    private static byte[] ReadFile(string path)
    {
        try
        {
            using var file = File.OpenHandle(path);
            // A pipe or a device has no length: what it gives is read until it ends, within bounds.
            var bytes = new byte[LongestFile + 1];
            var filled = 0;
            while (filled < bytes.Length)
            {
                var read = RandomAccess.Read(file, bytes.AsSpan(filled), filled);
                if (read == 0)
                {
                    return bytes[..filled];
                }
                filled += read;
            }
            throw Invalid($"Unable to read {path}: it is longer than a secret may be");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new BlockException(BlockErrorKind.NotFound, $"Unable to read {path}: {Explain(path, error)}", error);
        }
    }

    // In the words of the reference's library.
    private static string Explain(string path, Exception error) =>
        error switch
        {
            FileNotFoundException or DirectoryNotFoundException or ArgumentException =>
                $"Failed to open file “{path}”: No such file or directory",
            UnauthorizedAccessException when Directory.Exists(path) => $"Error reading file “{path}”: Is a directory",
            UnauthorizedAccessException => $"Failed to open file “{path}”: Permission denied",
            _ => error.Message,
        };

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static BlockException Invalid(string text) => new(BlockErrorKind.InvalidOptions, text);
}
