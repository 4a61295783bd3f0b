using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Drivers.Tests.Qcow2;

/// <summary>A disk as a plain array beside an image: what is done to one is done to the other, by seed.</summary>
internal sealed class ImageModel(int seed, int size)
{
    private readonly Random random = new(seed);
    private byte[] content = new byte[size];

    public int Size => content.Length;

    public ReadOnlyMemory<byte> Content => content;

    /// <summary>Starts with this content.</summary>
    public void Load(byte[] initial) => content = initial;

    /// <summary>One random change of the image: a write, zeroes, a discard, a flush, or a read that must agree.</summary>
    public async Task StepAsync(BlockBackend image)
    {
        var range = RandomRange();
        var span = content.AsMemory((int)range.Offset, (int)range.Length);
        switch (random.Next(12))
        {
            case < 6:
                random.NextBytes(span.Span);
                await ImageWorld.MustAsync(image.WriteAsync(range, span.ToArray()));
                break;
            case 6:
                span.Span.Clear();
                await ImageWorld.MustAsync(image.WriteZeroesAsync(range));
                break;
            case 7:
                span.Span.Clear();
                await ImageWorld.MustAsync(image.WriteZeroesAsync(range, RequestFlags.MayUnmap));
                break;
            case 8:
                await DiscardAsync(image, range);
                break;
            case 9:
                await ImageWorld.MustAsync(image.FlushAsync());
                break;
            default:
                var read = await ImageWorld.ReadAsync(image, range.Offset, (int)range.Length);
                Assert.True(read.AsSpan().SequenceEqual(span.Span), $"seed {seed}: read of {range} differs");
                break;
        }
    }

    /// <summary>A change as a qemu-io command, done to the array alone.</summary>
    public string RealStep(Random chance)
    {
        var sectors = content.Length / 512;
        var offset = chance.Next(sectors) * 512;
        var length = Math.Min((1 + chance.Next(300)) * 512, content.Length - offset);
        var span = content.AsSpan(offset, length);
        if (chance.Next(4) == 0)
        {
            span.Clear();
            return $"write -z -u {offset} {length}";
        }
        var value = (byte)chance.Next(1, 256);
        span.Fill(value);
        return $"write -P {value} {offset} {length}";
    }

    /// <summary>Larger, with zeroes.</summary>
    public void Grow(int wanted) => Array.Resize(ref content, wanted);

    /// <summary>Many at once, on places apart from each other.</summary>
    public async Task BurstAsync(BlockBackend image, int count)
    {
        var slot = content.Length / count / 512 * 512;
        if (slot < 512)
        {
            return;
        }
        var tasks = new List<Task>();
        for (var i = 0; i < count; i++)
        {
            var offset = (i * slot) + (random.Next(slot / 512) * 512);
            var length = Math.Min((1 + random.Next(slot / 512)) * 512, ((i + 1) * slot) - offset);
            var range = new ByteRange(offset, length);
            var span = content.AsMemory(offset, length);
            if (random.Next(5) == 0)
            {
                span.Span.Clear();
                tasks.Add(
                    ImageWorld.MustAsync(
                        image.WriteZeroesAsync(range, random.Next(2) == 0 ? RequestFlags.MayUnmap : RequestFlags.None)
                    )
                );
            }
            else
            {
                random.NextBytes(span.Span);
                tasks.Add(ImageWorld.MustAsync(image.WriteAsync(range, span.ToArray())));
            }
        }
        await Task.WhenAll(tasks);
    }

    /// <summary>A change of size, by whole sectors; what is cut off and comes back is zero.</summary>
    public async Task ResizeAsync(BlockBackend image, int alignment)
    {
        var wanted = (int)Alignment.Up(1 + random.Next(size), alignment);
        await image.TruncateAsync(wanted, exact: true, PreallocationMode.Off);
        Array.Resize(ref content, wanted);
    }

    public async Task CompareAsync(BlockBackend image)
    {
        Assert.Equal(content.Length, image.SizeBytes);
        var read = await ImageWorld.ReadAsync(image, 0, content.Length);
        var same = read.AsSpan().CommonPrefixLength(content);
        Assert.True(same == content.Length, $"seed {seed}: content differs at byte {same}");
    }

    // What a discard leaves is the driver's choice: it is read back, and must be the old bytes or zeroes.
    private async Task DiscardAsync(BlockBackend image, ByteRange range)
    {
        await ImageWorld.MustAsync(image.DiscardAsync(range));
        var left = await ImageWorld.ReadAsync(image, range.Offset, (int)range.Length);
        for (var i = 0; i < left.Length; i++)
        {
            Assert.True(
                left[i] == 0 || left[i] == content[range.Offset + i],
                $"seed {seed}: discard left rubbish at {range.Offset + i}"
            );
        }
        left.CopyTo(content, range.Offset);
    }

    private ByteRange RandomRange()
    {
        var sectors = content.Length / 512;
        var offset = random.Next(sectors);
        var longest = Math.Min(sectors - offset, random.Next(4) == 0 ? sectors : 64);
        var length = 1 + random.Next(longest);
        return random.Next(8) == 0
            ? new ByteRange((offset * 512) + random.Next(256), Math.Max(1, (length * 512) - 256 - random.Next(250)))
            : new ByteRange(offset * 512, length * 512);
    }
}
