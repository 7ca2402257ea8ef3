namespace Compress.IntegrationTests.Zoo;

/// <summary>Made-up sound, and what speech models make of it on the way.</summary>
static class Sounds
{
    const int Rate = 16000;

    /// <summary>Silero's inputs: 32 ms of sound at 16 kHz, and the state of a network that has heard nothing yet.</summary>
    public static IReadOnlyDictionary<string, Array> Voice(int seed)
    {
        var wave = Wave(seed, 512);
        for (var i = 0; i < wave.GetLength(1); i++)
            wave[0, i] /= short.MaxValue;
        return new Dictionary<string, Array> { ["input"] = wave, ["sr"] = new long[] { Rate }, ["h"] = new float[2, 1, 64], ["c"] = new float[2, 1, 64] };
    }

    /// <summary>A gliding tone with overtones that swells and fades, over noise; in the range of 16 bits. [1, length]</summary>
    public static float[,] Wave(int seed, int length)
    {
        var random = new Random(seed);
        var (pitch, glide, loud, noise) = (80 + (300 * random.NextDouble()), 200 * (random.NextDouble() - 0.5), 8000 * random.NextDouble(), 500 * random.NextDouble());
        var overtones = Enumerable.Range(1, 8).Select(k => (Number: k, Strength: random.NextDouble() / k)).ToArray();
        var wave = new float[1, length];
        for (var i = 0; i < length; i++)
        {
            var t = (double)i / Rate;
            var phase = Math.Tau * ((pitch * t) + (glide * t * t));
            var voice = overtones.Sum(tone => tone.Strength * Math.Sin(tone.Number * phase));
            wave[0, i] = (float)((loud * (0.6 + (0.4 * Math.Sin(t * 20))) * voice) + (noise * (random.NextDouble() - 0.5)));
        }

        return wave;
    }

    /// <summary>76 frames of 32 bands, [1, 76, 32, 1]: bands that swell and fade, in the range that the models are used to.</summary>
    public static float[,,,] Spectrogram(int seed)
    {
        var random = new Random(seed);
        var bands = Enumerable.Range(0, 32).Select(_ => (Level: -2 + (4 * random.NextDouble()), Swing: 2 * random.NextDouble(), Speed: random.NextDouble())).ToArray();
        var frames = new float[1, 76, 32, 1];
        for (var frame = 0; frame < 76; frame++)
        {
            for (var band = 0; band < 32; band++)
                frames[0, frame, band, 0] = (float)(bands[band].Level + (bands[band].Swing * Math.Sin(frame * bands[band].Speed)) + (0.3 * (random.NextDouble() - 0.5)));
        }

        return frames;
    }

    /// <summary>16 embeddings of 96 numbers, [1, 16, 96].</summary>
    public static float[,,] Features(int seed)
    {
        var random = new Random(seed);
        var features = new float[1, 16, 96];
        for (var number = 0; number < 96; number++)
        {
            var (level, speed) = (20 * (random.NextDouble() - 0.5), random.NextDouble());
            for (var frame = 0; frame < 16; frame++)
                features[0, frame, number] = (float)(level + (8 * Math.Sin(frame * speed)) + (4 * (random.NextDouble() - 0.5)));
        }

        return features;
    }
}
