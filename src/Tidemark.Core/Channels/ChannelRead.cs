using Tidemark.Core.Errors;

namespace Tidemark.Core.Channels;

/// <summary>Outcome of a receive: <paramref name="Count"/> bytes, 0 at the end of the stream, meaningful only with <see cref="IoStatus.Ok"/>.</summary>
public readonly record struct ChannelRead(IoStatus Status, int Count)
{
    /// <summary>Whether the stream is over, by its end or by an error.</summary>
    public bool IsEnd => Status != IoStatus.Ok || Count == 0;
}
