using Tidemark.Core.Schema;

namespace Tidemark.Exports.Tests;

/// <summary>Options of the test driver "slow": its size, and the alignment that it wants of requests and memory.</summary>
[Schema]
internal sealed partial record SlowOptions([Size] long Size, int Alignment = 1);
