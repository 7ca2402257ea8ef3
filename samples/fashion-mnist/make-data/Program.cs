// Makes ../data from the four files of Fashion-MNIST: see ../data/README.md.
using Compress.Samples;

const int CalibrationCount = 512;
const int TestCountPerClass = 200;
const int Seed = 2026;

if (args is not [var dataset, var output])
{
    Console.Error.WriteLine("usage: make-data DATASET-FOLDER OUTPUT-FOLDER");
    return 1;
}

var trainImages = IdxFile.Read(Path.Combine(dataset, "train-images-idx3-ubyte.gz"));
trainImages.Pick(Choice.AnyOf(trainImages.Count, CalibrationCount, Seed)).Write(Path.Combine(output, "calibration-images.idx3-ubyte.gz"));

var testImages = IdxFile.Read(Path.Combine(dataset, "t10k-images-idx3-ubyte.gz"));
var testLabels = IdxFile.Read(Path.Combine(dataset, "t10k-labels-idx1-ubyte.gz"));
var chosen = Choice.OfEachClass(testLabels.Values, TestCountPerClass, Seed);
testImages.Pick(chosen).Write(Path.Combine(output, "test-images.idx3-ubyte.gz"));
testLabels.Pick(chosen).Write(Path.Combine(output, "test-labels.idx1-ubyte.gz"));
return 0;
