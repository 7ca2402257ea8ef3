using SkiaSharp;

namespace Compress.IntegrationTests.Zoo;

/// <summary>Made-up pictures with what real ones have: light that changes slowly, edges, detail on every scale, and writing.</summary>
static class Pictures
{
    /// <summary>Debian's package fonts-dejavu-core, which every Debian with a desktop or a JRE has.</summary>
    const string FontFile = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf";

    static readonly string[] Words = ["Fresh", "bread", "Market", "open", "daily", "No", "parking", "Station", "24", "hours", "Exit", "2026", "Tickets", "museum", "Price", "19.90", "Garden", "left", "Hotel", "river"];

    static readonly Lazy<SKTypeface> Typeface = new(() =>
    {
        Assert.True(File.Exists(FontFile), $"{FontFile} is missing; install Debian's package fonts-dejavu-core");
        return SKTypeface.FromFile(FontFile);
    });

    /// <summary>
    /// Leaves that cover one another: discs of many sizes, few of them large, each with a colour and a light side. Their sizes follow
    /// a power law, which gives edges and correlations as in photographs (Lee, Mumford and Huang, IJCV 2001). [1, 3, height, width].
    /// </summary>
    /// <param name="seed">Makes the picture what it is.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="scale">What a channel's [0, 1] is multiplied by.</param>
    /// <param name="shift">What is then added.</param>
    public static float[,,,] Photo(int seed, int height, int width, float scale, float shift)
    {
        var random = new Random(seed);
        using var bitmap = new SKBitmap(width, height);
        using var canvas = new SKCanvas(bitmap);
        var hue = random.NextSingle() * 360;
        for (var i = 0; i < 1500; i++)
        {
            var radius = 3 / MathF.Sqrt(Math.Max(1e-3f, random.NextSingle()));
            var (x, y) = (random.NextSingle() * width, random.NextSingle() * height);
            var tone = (hue + (random.NextSingle() * 90)) % 360;
            var (strong, light) = (random.NextSingle() * 60, 10 + (random.NextSingle() * 70));
            using var shader = SKShader.CreateLinearGradient(new SKPoint(x - radius, y - radius), new SKPoint(x + radius, y + radius),
                [SKColor.FromHsl(tone, strong, Math.Min(95, light + 15)), SKColor.FromHsl(tone, strong, Math.Max(3, light - 15))], SKShaderTileMode.Clamp);
            using var paint = new SKPaint { Shader = shader, IsAntialias = true };
            canvas.DrawCircle(x, y, radius, paint);
        }

        return Channels(bitmap, value => (value * scale) + shift);
    }

    /// <summary>One line of words, dark on light: [1, 3, height, width], 1 is white and −1 black.</summary>
    public static float[,,,] Line(int seed, int height, int width)
    {
        var random = new Random(seed);
        using var bitmap = Paper(random, height, width);
        using var canvas = new SKCanvas(bitmap);
        Write(canvas, random, x: 6, baseline: height * 0.72f, size: height * 0.6f, width);
        return Channels(bitmap, value => (value * 2) - 1);
    }

    /// <summary>One text as cameras and scanners see it: of any size, slightly turned, blurred, of little contrast, with noise; as <see cref="Line"/>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="seed">Makes the picture what it is.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="isTurned">Whether it stands on its head.</param>
    public static float[,,,] Text(string text, int seed, int height, int width, bool isTurned = false)
    {
        var random = new Random(seed);
        using var bitmap = Paper(random, height, width);
        using var canvas = new SKCanvas(bitmap);
        using var font = new SKFont(Typeface.Value, height * (0.45f + (0.25f * random.NextSingle())));
        font.Size = Math.Min(font.Size, font.Size * (width - 16) / font.MeasureText(text));
        var dark = (byte)random.Next(0, 140);
        using var blur = SKMaskFilter.CreateBlur(SKBlurStyle.Normal, 0.2f + (0.9f * random.NextSingle()));
        using var paint = new SKPaint { Color = new SKColor(dark, (byte)random.Next(0, 140), dark), IsAntialias = true, MaskFilter = blur };
        if (isTurned)
            canvas.RotateDegrees(180, width / 2f, height / 2f);
        canvas.RotateDegrees((random.NextSingle() - 0.5f) * 4, width / 2f, height / 2f);
        canvas.DrawText(text, 6 + (random.NextSingle() * 4), (height * 0.5f) + (font.Size * 0.35f), SKTextAlign.Left, font, paint);
        canvas.Flush();
        var noise = 0.12f * random.NextSingle();
        return Channels(bitmap, value => Math.Clamp((value * 2) - 1 + (noise * (random.NextSingle() + random.NextSingle() - 1)), -1, 1));
    }

    /// <summary>Several lines of words, as <see cref="Line"/>.</summary>
    public static float[,,,] Page(int seed, int height, int width)
    {
        var random = new Random(seed);
        using var bitmap = Paper(random, height, width);
        using var canvas = new SKCanvas(bitmap);
        for (var baseline = 20f + random.Next(8); baseline < height - 6; baseline += random.Next(24, 36))
            Write(canvas, random, 6 + random.Next(width / 4), baseline, 14 + random.Next(5), width * 0.8f);
        return Channels(bitmap, value => (value * 2) - 1);
    }

    static SKBitmap Paper(Random random, int height, int width)
    {
        var bitmap = new SKBitmap(width, height);
        using var canvas = new SKCanvas(bitmap);
        var light = (byte)random.Next(190, 250);
        using var shader = SKShader.CreateLinearGradient(new SKPoint(0, 0), new SKPoint(width, height),
            [new SKColor(light, light, (byte)(light - 10)), new SKColor((byte)(light - 40), (byte)(light - 35), (byte)(light - 50))], SKShaderTileMode.Clamp);
        using var paint = new SKPaint { Shader = shader };
        canvas.DrawRect(0, 0, width, height, paint);
        return bitmap;
    }

    static void Write(SKCanvas canvas, Random random, float x, float baseline, float size, float width)
    {
        using var font = new SKFont(Typeface.Value, size);
        var dark = (byte)random.Next(0, 90);
        using var paint = new SKPaint { Color = new SKColor(dark, dark, (byte)random.Next(0, 90)), IsAntialias = true };
        while (Words[random.Next(Words.Length)] is var word && x + font.MeasureText(word) < width - 4)
        {
            canvas.DrawText(word, x, baseline, SKTextAlign.Left, font, paint);
            x += font.MeasureText(word + " ");
        }
    }

    static float[,,,] Channels(SKBitmap bitmap, Func<float, float> convert)
    {
        var picture = new float[1, 3, bitmap.Height, bitmap.Width];
        for (var row = 0; row < bitmap.Height; row++)
        {
            for (var column = 0; column < bitmap.Width; column++)
            {
                var pixel = bitmap.GetPixel(column, row);
                (picture[0, 0, row, column], picture[0, 1, row, column], picture[0, 2, row, column]) =
                    (convert(pixel.Blue / 255f), convert(pixel.Green / 255f), convert(pixel.Red / 255f));
            }
        }

        return picture;
    }
}
