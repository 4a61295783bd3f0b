using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Machine;

/// <summary>query-kvm: whether the processor helps to run the guest. There is none; the words are those of a program that could.</summary>
internal sealed partial class QueryKvm()
    : QmpCommand<NoArguments, QueryKvm.KvmInfo>("query-kvm", NoArguments.Codec, KvmInfo.Codec)
{
    /// <summary>The answer.</summary>
    [Schema]
    internal sealed partial record KvmInfo(bool Enabled, bool Present);

    /// <inheritdoc/>
    protected override ValueTask<KvmInfo> RunAsync(NoArguments arguments) => new(new KvmInfo(Enabled: false, Present: true));
}
