using Tidemark.Core.Schema;

namespace Tidemark.Drivers.File;

/// <summary>Options of file.</summary>
[Schema]
internal sealed partial record FileOptions(string Filename, OnOffAuto Locking = OnOffAuto.Auto, AioMode Aio = AioMode.Threads);
