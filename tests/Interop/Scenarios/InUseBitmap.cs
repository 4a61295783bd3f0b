using Tidemark.Testing;

namespace Tidemark.Interop.Tests.Scenarios;

/// <summary>An image as a process that was killed leaves it: with a stored bitmap that is marked as in use.</summary>
internal static class InUseBitmap
{
    /// <summary>Stores bitmap "b" in the image and marks it: a daemon opens the image and is killed.</summary>
    public static void Leave(string image)
    {
        _ = ProgramRun.Of("qemu-img", "bitmap", "--add", image, "b").MustSucceed();
        using var daemon = RealQemu.Start("--blockdev", $"qcow2,node-name=n,file.driver=file,file.filename={image}");
        daemon.Kill();
    }
}
