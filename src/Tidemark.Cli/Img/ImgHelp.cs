using Tidemark.Cli.Meta;
using Tidemark.Drivers;

namespace Tidemark.Cli.Img;

/// <summary>What qemu-img --help and --version print.</summary>
internal static class ImgHelp
{
    /// <summary>The version.</summary>
    public static void PrintVersion(TextWriter output)
    {
        output.WriteLine($"qemu-img version {VersionTool.CompatibleRelease} (Tidemark)");
        output.WriteLine("Copyright (c) 2026 The Tidemark authors");
    }

    /// <summary>The whole help.</summary>
    public static void Print(TextWriter output)
    {
        PrintVersion(output);
        output.WriteLine("usage: qemu-img [standard options] command [command options]");
        output.WriteLine("Makes, shows, checks, copies and changes disk images.");
        output.WriteLine();
        output.WriteLine("    '-h', '--help'       this help");
        output.WriteLine("    '-V', '--version'    the version");
        output.WriteLine();
        output.WriteLine("Command syntax:");
        foreach (var command in ImgCommands.All)
        {
            output.WriteLine($"  {command.Name} {command.Usage}");
        }
        output.WriteLine();
        foreach (var command in ImgCommands.All)
        {
            output.WriteLine($"  {command.Name, -9} {command.Summary}");
        }
        output.WriteLine();
        output.WriteLine(
            """
            Words in the syntax:
              filename      an image: a path, nbd:…, json:{…}; with --image-opts a list driver=…,file.filename=…
              fmt           its format; found out from its first bytes if left out
              objectdef     an object such as secret,id=s0,file=key
              cache         none, writeback (default), writethrough, directsync or unsafe (default of convert)
              options       name=value,…; '-o help' lists those of a format
              size          bytes, or with k, M, G, T, P, E (powers of 1024)
              ofmt          human or json
              -U            open although another process writes to the image
              -p, -q        show progress; print nothing but errors
            """
        );
        output.WriteLine();
        output.WriteLine(
            $"Supported formats: {string.Join(' ', BuiltinDrivers.CreateRegistry().All.Select(static d => d.Name).Order(StringComparer.Ordinal))}"
        );
    }
}
