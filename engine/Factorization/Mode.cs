namespace Compress.Factorization;

/// <summary>A mode of a convolution kernel that Tucker-2 reduces.</summary>
enum Mode
{
    Output,
    Input,
}
