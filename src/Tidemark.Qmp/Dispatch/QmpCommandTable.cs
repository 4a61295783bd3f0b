using Tidemark.Core.Schema;
using Tidemark.Qmp.Events;

namespace Tidemark.Qmp.Dispatch;

/// <summary>All that a process offers over QMP: commands, events, and the definitions its arguments refer to. Filled at start-up.</summary>
public sealed class QmpCommandTable(SchemaDefinitions definitions)
{
    private readonly Dictionary<string, QmpCommand> byName = new(StringComparer.Ordinal);
    private readonly List<QmpCommand> inOrder = [];
    private readonly List<QmpEventDefinition> events = [];

    /// <summary>What late members of arguments refer to.</summary>
    public SchemaDefinitions Definitions { get; } = definitions;

    /// <summary>The commands, in the order in which they were added.</summary>
    public IReadOnlyList<QmpCommand> Commands => inOrder;

    /// <summary>The events that may come.</summary>
    public IReadOnlyList<QmpEventDefinition> Events => events;

    /// <summary>Where commands find descriptors that clients pass; null when no command takes any, and they are closed as they come.</summary>
    public PassedDescriptors? Descriptors { get; set; }

    /// <summary>Adds a command; its name must be new.</summary>
    public void Add(QmpCommand command)
    {
        byName.Add(command.Name, command);
        inOrder.Add(command);
    }

    /// <summary>Adds an event to the description.</summary>
    public void Add(QmpEventDefinition definition) => events.Add(definition);

    /// <summary>The command of that name, or null.</summary>
    public QmpCommand? Find(string name) => byName.GetValueOrDefault(name);
}
