using System.Text;
using Tidemark.Core.Errors;
using Tidemark.Core.Schema;

namespace Tidemark.Fuzz.Targets;

/// <summary>"a=b,c.d=e" options of command lines.</summary>
internal sealed class KeyvalOptions : FuzzTarget
{
    public override string Name => "keyval-options";

    public override long MemoryBound => 16L << 20;

    public override IReadOnlyList<byte[]> CreateSeeds() =>
        [
            .. new[]
            {
                "driver=qcow2,node-name=n,file.driver=file,file.filename=/a,,b,cache.direct=on",
                "qcow2,children.0.driver=raw,children.1.driver=null-co,children.1.size=64k",
                "socket,id=c,path=/run/x.sock,server=on,wait=off",
            }.Select(Encoding.UTF8.GetBytes),
        ];

    public override void Run(byte[] input)
    {
        try
        {
            _ = KeyvalParser.Parse(Encoding.UTF8.GetString(input), "driver");
        }
        catch (BlockException)
        {
            // The right answer.
        }
    }
}
