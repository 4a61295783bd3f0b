using Tidemark.Cli.Options;

namespace Tidemark.Cli.Machine;

/// <summary>
/// The options of qemu-system-x86_64 as far as a machine without a guest has them. Names follow one dash or two and are written in
/// full, values come in the next word.
/// </summary>
internal static class MachineOptions
{
    /// <summary>Options with a value that mean something here.</summary>
    private static readonly string[] WithValue =
    [
        "M",
        "blockdev",
        "cdrom",
        "chardev",
        "device",
        "drive",
        "fda",
        "fdb",
        "hda",
        "hdb",
        "hdc",
        "hdd",
        "incoming",
        "machine",
        "mon",
        "monitor",
        "name",
        "object",
        "pidfile",
        "qmp",
        "qmp-pretty",
        "uuid",
    ];

    private static readonly string[] Flags = ["S", "daemonize", "h", "help", "nodefaults", "snapshot", "version"];

    /// <summary>
    /// What is about a guest that runs, its processors, memory and screen: there is none, so any value is right. (Those that would
    /// give it a disk or a door to the outside are not here.)
    /// </summary>
    private static readonly string[] AboutGuestWithValue =
    [
        "accel",
        "bios",
        "boot",
        "cpu",
        "display",
        "global",
        "k",
        "m",
        "msg",
        "nic",
        "numa",
        "overcommit",
        "parallel",
        "rtc",
        "sandbox",
        "serial",
        "smbios",
        "smp",
        "vga",
    ];

    private static readonly string[] AboutGuest =
    [
        "enable-kvm",
        "no-acpi",
        "no-hpet",
        "no-reboot",
        "no-shutdown",
        "no-user-config",
        "nographic",
    ];

    /// <summary>Takes the words apart; what is about a guest is left out. Throws <see cref="UsageException"/>.</summary>
    public static ParsedOptions Parse(IReadOnlyList<string> words)
    {
        List<ParsedOption> options = [];
        for (var i = 0; i < words.Count; i++)
        {
            var word = words[i];
            if (word.Length == 0 || word[0] != '-')
            {
                // The first disk, as with the reference.
                options.Add(new ParsedOption("hda", word, word));
                continue;
            }
            var name = word.StartsWith("--", StringComparison.Ordinal) ? word[2..] : word[1..];
            var isKnown = WithValue.Contains(name, StringComparer.Ordinal);
            if (isKnown || AboutGuestWithValue.Contains(name, StringComparer.Ordinal))
            {
                if (++i == words.Count)
                {
                    throw new UsageException($"{word}: requires an argument");
                }
                if (isKnown)
                {
                    options.Add(new ParsedOption(name == "M" ? "machine" : name, words[i], $"{word} {words[i]}"));
                }
            }
            else if (Flags.Contains(name, StringComparer.Ordinal))
            {
                options.Add(new ParsedOption(name == "h" ? "help" : name, "", word));
            }
            else if (!AboutGuest.Contains(name, StringComparer.Ordinal))
            {
                throw new UsageException($"{word}: invalid option");
            }
        }
        return new ParsedOptions(options, []);
    }
}
