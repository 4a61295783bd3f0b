using System.Globalization;
using Tidemark.Core.Errors;

namespace Tidemark.Fuzz;

/// <summary>The long run: <c>dotnet run -c Release --project fuzz -- all --seconds 600</c>. See README.md.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        Invariant.OnBroken = static message => throw new InvalidOperationException(message);
        if (arguments is [] or ["--help"])
        {
            Console.Error.WriteLine(
                "usage: fuzz TARGET|all [--runs N] [--seconds S] [--seed N] [--findings DIR] | fuzz TARGET --replay FILE"
            );
            Console.Error.WriteLine($"targets: {string.Join(' ', FuzzTargets.All.Select(static t => t.Name))}");
            return 1;
        }
        var targets = FuzzTargets.All.Where(t => arguments[0] == "all" || t.Name == arguments[0]).ToList();
        if (targets.Count == 0)
        {
            Console.Error.WriteLine($"There is no target '{arguments[0]}'");
            return 1;
        }
        if (Option(arguments, "--replay") is { } file)
        {
            return Replay(targets[0], file);
        }
        var failed = 0;
        foreach (var target in targets)
        {
            failed += Fuzz(target, arguments) ? 0 : 1;
        }
        return failed == 0 ? 0 : 2;
    }

    private static bool Fuzz(FuzzTarget target, string[] arguments)
    {
        var seed = Number(arguments, "--seed", Environment.TickCount);
        var seconds = Number(arguments, "--seconds", 60);
        var findings = Path.Combine(Option(arguments, "--findings") ?? "findings", target.Name);
        var run = new FuzzRun(target, seed);
        var found = run.Run(
            Number(arguments, "--runs", int.MaxValue),
            TimeSpan.FromSeconds(seconds),
            input =>
            {
                Console.Error.WriteLine($"{target.Name}: endless, kept as {Keep(findings, input)}");
                Environment.Exit(3);
            }
        );
        if (found is not { } finding)
        {
            Console.WriteLine($"{target.Name}: {run.Count} inputs, seed {seed}, nothing found");
            return true;
        }
        Console.WriteLine($"{target.Name}: input {run.Count}, seed {seed}, kept as {Keep(findings, finding.Input)}");
        Console.WriteLine(finding.Finding);
        return false;
    }

    private static int Replay(FuzzTarget target, string file)
    {
        var finding = new FuzzRun(target, 0).TryOne(File.ReadAllBytes(file));
        Console.WriteLine(finding ?? "nothing found");
        return finding is null ? 0 : 2;
    }

    private static string Keep(string folder, byte[] input)
    {
        _ = Directory.CreateDirectory(folder);
        var path = Path.Combine(
            folder,
            $"{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(input))[..16]}.bin"
        );
        File.WriteAllBytes(path, input);
        return path;
    }

    private static string? Option(string[] arguments, string name)
    {
        var at = Array.IndexOf(arguments, name);
        return at >= 0 && at + 1 < arguments.Length ? arguments[at + 1] : null;
    }

    private static int Number(string[] arguments, string name, int unlessGiven) =>
        Option(arguments, name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : unlessGiven;
}
