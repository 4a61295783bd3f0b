using Tidemark.Core.Schema;

namespace Tidemark.Control.Migration;

/// <summary>What may be switched on for migrations (MigrationCapability), in the order of query-migrate-capabilities.</summary>
[Schema(Name = "MigrationCapability")]
internal enum MigrationCapability
{
    Xbzrle,
    RdmaPinAll,
    AutoConverge,
    ZeroBlocks,
    Compress,
    Events,
    PostcopyRam,
    XColo,
    ReleaseRam,
    Block,
    ReturnPath,
    PauseBeforeSwitchover,
    Multifd,
    DirtyBitmaps,
    PostcopyBlocktime,
    LateBlockActivate,
    XIgnoreShared,
    ValidateUuid,
    BackgroundSnapshot,
    ZeroCopySend,
    PostcopyPreempt,
}
