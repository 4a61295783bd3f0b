using Tidemark.Core.Schema;

namespace Tidemark.Block.Contract;

/// <summary>
/// Points in the work of nodes and formats at which blkdebug can step in; the words are QMP's BlkdebugEvent. Raised on the node
/// below (<see cref="Graph.BlockChild.RaiseAsync"/>) just before the I/O that they name.
/// </summary>
[Schema]
public enum DebugEvent
{
    /// <summary>An L1 entry is written.</summary>
    [Wire("l1_update")]
    L1Update,

    /// <summary>Space for a larger L1 table is allocated.</summary>
    [Wire("l1_grow_alloc_table")]
    L1GrowAllocTable,

    /// <summary>A larger L1 table is written.</summary>
    [Wire("l1_grow_write_table")]
    L1GrowWriteTable,

    /// <summary>The header is pointed to a larger L1 table.</summary>
    [Wire("l1_grow_activate_table")]
    L1GrowActivateTable,

    /// <summary>An L2 table is read.</summary>
    [Wire("l2_load")]
    L2Load,

    /// <summary>An L2 table is written.</summary>
    [Wire("l2_update")]
    L2Update,

    /// <summary>An L2 table is written for a compressed cluster.</summary>
    [Wire("l2_update_compressed")]
    L2UpdateCompressed,

    /// <summary>An L2 table is read to be copied.</summary>
    [Wire("l2_alloc_cow_read")]
    L2AllocCowRead,

    /// <summary>A new L2 table is written.</summary>
    [Wire("l2_alloc_write")]
    L2AllocWrite,

    /// <summary>Guest data is read.</summary>
    [Wire("read_aio")]
    ReadAio,

    /// <summary>Data is read from the backing file.</summary>
    [Wire("read_backing_aio")]
    ReadBackingAio,

    /// <summary>A compressed cluster is read.</summary>
    [Wire("read_compressed")]
    ReadCompressed,

    /// <summary>Guest data is written.</summary>
    [Wire("write_aio")]
    WriteAio,

    /// <summary>A compressed cluster is written.</summary>
    [Wire("write_compressed")]
    WriteCompressed,

    /// <summary>Machine state is read.</summary>
    [Wire("vmstate_load")]
    VmstateLoad,

    /// <summary>Machine state is written.</summary>
    [Wire("vmstate_save")]
    VmstateSave,

    /// <summary>The rest of a cluster is read to be copied.</summary>
    [Wire("cow_read")]
    CowRead,

    /// <summary>The rest of a cluster is written.</summary>
    [Wire("cow_write")]
    CowWrite,

    /// <summary>The refcount table is read.</summary>
    [Wire("reftable_load")]
    ReftableLoad,

    /// <summary>The refcount table grows.</summary>
    [Wire("reftable_grow")]
    ReftableGrow,

    /// <summary>The refcount table is written.</summary>
    [Wire("reftable_update")]
    ReftableUpdate,

    /// <summary>A refcount block is read.</summary>
    [Wire("refblock_load")]
    RefblockLoad,

    /// <summary>A refcount block is written.</summary>
    [Wire("refblock_update")]
    RefblockUpdate,

    /// <summary>A part of a refcount block is written.</summary>
    [Wire("refblock_update_part")]
    RefblockUpdatePart,

    /// <summary>A refcount block is allocated.</summary>
    [Wire("refblock_alloc")]
    RefblockAlloc,

    /// <summary>A new refcount block is entered in the table.</summary>
    [Wire("refblock_alloc_hookup")]
    RefblockAllocHookup,

    /// <summary>A new refcount block is written.</summary>
    [Wire("refblock_alloc_write")]
    RefblockAllocWrite,

    /// <summary>New refcount blocks for a larger table are written.</summary>
    [Wire("refblock_alloc_write_blocks")]
    RefblockAllocWriteBlocks,

    /// <summary>A larger refcount table is written.</summary>
    [Wire("refblock_alloc_write_table")]
    RefblockAllocWriteTable,

    /// <summary>The header is pointed to a larger refcount table.</summary>
    [Wire("refblock_alloc_switch_table")]
    RefblockAllocSwitchTable,

    /// <summary>Clusters are allocated.</summary>
    [Wire("cluster_alloc")]
    ClusterAlloc,

    /// <summary>Space for a few bytes is allocated.</summary>
    [Wire("cluster_alloc_bytes")]
    ClusterAllocBytes,

    /// <summary>Clusters are freed.</summary>
    [Wire("cluster_free")]
    ClusterFree,

    /// <summary>Cached metadata is written.</summary>
    [Wire("flush_to_os")]
    FlushToOs,

    /// <summary>The medium is flushed.</summary>
    [Wire("flush_to_disk")]
    FlushToDisk,

    /// <summary>The block at the beginning of an unaligned write is read.</summary>
    [Wire("pwritev_rmw_head")]
    PwritevRmwHead,

    /// <summary>It has been read.</summary>
    [Wire("pwritev_rmw_after_head")]
    PwritevRmwAfterHead,

    /// <summary>The block at the end of an unaligned write is read.</summary>
    [Wire("pwritev_rmw_tail")]
    PwritevRmwTail,

    /// <summary>It has been read.</summary>
    [Wire("pwritev_rmw_after_tail")]
    PwritevRmwAfterTail,

    /// <summary>The node writes.</summary>
    [Wire("pwritev")]
    Pwritev,

    /// <summary>The node writes zeroes.</summary>
    [Wire("pwritev_zero")]
    PwritevZero,

    /// <summary>It has written.</summary>
    [Wire("pwritev_done")]
    PwritevDone,

    /// <summary>An image is about to be emptied.</summary>
    [Wire("empty_image_prepare")]
    EmptyImagePrepare,

    /// <summary>A shorter L1 table is written.</summary>
    [Wire("l1_shrink_write_table")]
    L1ShrinkWriteTable,

    /// <summary>The L2 tables that it gives up are freed.</summary>
    [Wire("l1_shrink_free_l2_clusters")]
    L1ShrinkFreeL2Clusters,

    /// <summary>What was read is copied up.</summary>
    [Wire("cor_write")]
    CorWrite,

    /// <summary>Space is reserved for clusters.</summary>
    [Wire("cluster_alloc_space")]
    ClusterAllocSpace,

    /// <summary>Always: rules for it are active from the beginning.</summary>
    [Wire("none")]
    None,
}
