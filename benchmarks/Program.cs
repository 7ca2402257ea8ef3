// Measures what policies reach on the sample models: see README.md.
using Compress.Benchmarks;
using Compress.Diagnostics;

try
{
    switch (args)
    {
        case ["figures"]:
            Figures.Print(FigurePolicy.UsualDataFolder);
            return 0;
        case ["figures", var dataFolder]:
            Figures.Print(dataFolder);
            return 0;
        case ["measure", var policy, var dataFolder]:
            FigureRun.Measure(policy, dataFolder).Write(Console.Out);
            return 0;
        case ["run", var policy, var model]:
            PolicyRun.Print(policy, model);
            return 0;
        case ["products"]:
            ProductsRun.Print();
            return 0;
        case ["int8", .. var models]:
            Int8Run.Print(models);
            return 0;
        case ["saturation", .. var models]:
            SaturationRun.Print(models);
            return 0;
        case ["rewrite", var model]:
            RewriteRun.Print(model);
            return 0;
        default:
            Console.Error.WriteLine("usage: figures [FOLDER-OF-FASHION-MNIST] | run POLICY MODEL | rewrite MODEL | products | int8 MODEL... | saturation MODEL...");
            return 1;
    }
}
catch (CompressException exception)
{
    foreach (var diagnostic in exception.Diagnostics)
        Console.Error.WriteLine(diagnostic);
    return 1;
}
catch (IOException exception)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}
