namespace Tidemark.Block.Graph;

/// <summary>What a user of a backend does about drained sections: a job pauses, an export stops taking requests.</summary>
public interface IDrainListener
{
    /// <summary>A drained section begins: start nothing new.</summary>
    void OnDrainBegin();

    /// <summary>The last drained section has ended: go on.</summary>
    void OnDrainEnd();

    /// <summary>Whether something that began before still goes on; when that ends, call <see cref="BlockGraph.RequestEnded"/>.</summary>
    bool IsBusy { get; }
}
