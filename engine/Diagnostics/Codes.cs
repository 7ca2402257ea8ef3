using static Compress.Diagnostics.Severity;

namespace Compress.Diagnostics;

/// <summary>
/// The catalogue of everything the user can be told. Codes are stable: they are never renumbered or reused.
/// docs/diagnostics.md describes each; a test holds the two together.
/// </summary>
public static class Codes
{
    // The policy
    public static readonly DiagnosticKind PolicyNotFound = new("CMP1001", Error, "The policy file cannot be read");
    public static readonly DiagnosticKind PolicySyntax = new("CMP1002", Error, "The policy is not valid YAML");
    public static readonly DiagnosticKind UnknownKey = new("CMP1003", Error, "Unknown key");
    public static readonly DiagnosticKind WrongType = new("CMP1004", Error, "Wrong type of value");
    public static readonly DiagnosticKind ImpossibleValue = new("CMP1005", Error, "Value out of its legal range");
    public static readonly DiagnosticKind MissingKey = new("CMP1006", Error, "A required key is missing");
    public static readonly DiagnosticKind ConflictingKeys = new("CMP1007", Error, "Keys that exclude each other, or a key given twice");
    public static readonly DiagnosticKind MatchesNothing = new("CMP1008", Warning, "A rule matches no layer");
    public static readonly DiagnosticKind PolicyVersion = new("CMP1009", Error, "The policy's version is not supported");
    public static readonly DiagnosticKind PolicyTooComplex = new("CMP1010", Error, "The policy is too large, too deep or uses aliases without end");
    public static readonly DiagnosticKind NothingToDo = new("CMP1011", Error, "The policy asks for nothing that can be done");

    // The model
    public static readonly DiagnosticKind ModelNotFound = new("CMP2001", Error, "The model file cannot be read");
    public static readonly DiagnosticKind NotOnnx = new("CMP2002", Error, "The file is not an ONNX model, or is cut short");
    public static readonly DiagnosticKind ModelRejected = new("CMP2003", Error, "ONNX Runtime does not accept the model");
    public static readonly DiagnosticKind OpsetTooLow = new("CMP2004", Error, "The model's opset is too low for a technique");
    public static readonly DiagnosticKind ExternalData = new("CMP2005", Error, "External data cannot be used");
    public static readonly DiagnosticKind InvalidTensor = new("CMP2006", Error, "A tensor's data does not fit its type and shape");
    public static readonly DiagnosticKind InvalidGraph = new("CMP2007", Error, "The graph is not well formed");
    public static readonly DiagnosticKind UnknownDimension = new("CMP2008", Error, "A dimension's size is not known");
    public static readonly DiagnosticKind UnknownSizes = new("CMP2009", Warning, "Sizes could not be measured");
    public static readonly DiagnosticKind RuntimeOperators = new("CMP2010", Warning, "Operators of ONNX Runtime's own stand in for standard ones");
    public static readonly DiagnosticKind FunctionKept = new("CMP2011", Warning, "A local function stays as it is");

    // The data
    public static readonly DiagnosticKind DataNotFound = new("CMP3001", Error, "A data file cannot be read");
    public static readonly DiagnosticKind MalformedData = new("CMP3002", Error, "A data file is malformed");
    public static readonly DiagnosticKind DataMisfit = new("CMP3003", Error, "The data does not fit the model's inputs");
    public static readonly DiagnosticKind LabelMisfit = new("CMP3004", Error, "The labels do not fit the data or the model");
    public static readonly DiagnosticKind EmptyData = new("CMP3005", Error, "The data holds no sample");
    public static readonly DiagnosticKind RandomData = new("CMP3006", Warning, "Random data stands in for real data");
    public static readonly DiagnosticKind DataNeeded = new("CMP3007", Error, "The policy needs data that it does not name");

    // The techniques
    public static readonly DiagnosticKind CannotApply = new("CMP4001", Error, "A technique cannot apply to a layer that is matched by name");
    public static readonly DiagnosticKind NothingChanged = new("CMP4002", Warning, "A technique changed no layer");
    public static readonly DiagnosticKind SettingOutOfRange = new("CMP4003", Error, "A setting is out of range for a layer");
    public static readonly DiagnosticKind NumericTrouble = new("CMP4004", Error, "The model gives values that are not finite");
    public static readonly DiagnosticKind NotRefitted = new("CMP4005", Warning, "A layer could not be re-fitted");
    public static readonly DiagnosticKind RepairFailed = new("CMP4006", Warning, "Quantization changes the outputs by more than was aimed at");
    public static readonly DiagnosticKind RangesUnknown = new("CMP4007", Warning, "Nothing tells how great a model's numbers get");

    // The gates
    public static readonly DiagnosticKind GateFailed = new("CMP5001", Error, "A gate failed");
    public static readonly DiagnosticKind GateNotMeasured = new("CMP5002", Error, "A gate cannot be measured");

    // Environment and I/O
    public static readonly DiagnosticKind CannotWrite = new("CMP6001", Error, "An output cannot be written");
    public static readonly DiagnosticKind RuntimeMissing = new("CMP6002", Error, "ONNX Runtime's native library cannot be loaded");
    public static readonly DiagnosticKind Cancelled = new("CMP6003", Error, "The run was cancelled");
    public static readonly DiagnosticKind Usage = new("CMP6004", Error, "The command line cannot be understood");
    public static readonly DiagnosticKind OutOfMemory = new("CMP6005", Error, "There is not enough memory");
    public static readonly DiagnosticKind ToolFailed = new("CMP6006", Error, "The tool cannot be run from MSBuild, or ended without a message");
    public static readonly DiagnosticKind ModelItem = new("CMP6007", Error, "A CompressModel item cannot be used as it is");

    // Internal
    public static readonly DiagnosticKind Internal = new("CMP9001", Error, "An internal error: please report it");
    public static readonly DiagnosticKind RewriteFault = new("CMP9002", Error, "The rewritten model computes something else: please report it");

    /// <summary>Every entry, in order of code.</summary>
    public static IReadOnlyList<DiagnosticKind> All { get; } =
    [
        .. typeof(Codes).GetFields().Where(field => field.FieldType == typeof(DiagnosticKind))
            .Select(field => (DiagnosticKind)field.GetValue(null)!).OrderBy(kind => kind.Code, StringComparer.Ordinal),
    ];
}
