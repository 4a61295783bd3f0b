using Tidemark.Core.Errors;

namespace Tidemark.Drivers.Qcow2.Refcounts;

/// <summary>A refcount, if it could be read.</summary>
internal readonly record struct RefcountValue(IoStatus Status, ulong Value);
