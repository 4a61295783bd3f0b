namespace Tidemark.Qmp.Errors;

/// <summary>A command was refused or failed: what the client reads. Thrown by commands, caught by the dispatcher alone.</summary>
public sealed class QmpException(QmpErrorClass errorClass, string text) : Exception(text)
{
    /// <summary>An error of the common class.</summary>
    public QmpException(string text)
        : this(QmpErrorClass.GenericError, text) { }

    /// <summary>Class of the error.</summary>
    public QmpErrorClass ErrorClass { get; } = errorClass;
}
