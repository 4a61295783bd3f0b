namespace Tidemark.Nbd.Handshake;

/// <summary>A piece of information about an export (NBD protocol, "NBD_REP_INFO").</summary>
internal enum InfoType : ushort
{
    Export = 0,
    Name = 1,
    Description = 2,
    BlockSize = 3,
}
