using System.Diagnostics;
using Compress.Data;
using Compress.Diagnostics;
using Compress.Evaluation;
using Compress.Execution;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Reporting;
using Compress.Rewriting;
using Compress.Rewriting.Opsets;
using Compress.Techniques;
using Compress.Verification;

namespace Compress;

/// <summary>The state of one run: what each step found, for the steps after it and for the report.</summary>
sealed class CompressionRun(
    CompressionRequest request, IReadOnlyList<IRewrite> passes, IProgress<StepProgress>? progress, CancellationToken cancellation) : IDisposable
{
    /// <summary>
    /// With gates skipped, larger models with external data are not run to verify their rewriting: every weight would be read from disk,
    /// and the memory in use would follow the model.
    /// </summary>
    const long MostBytesRunUnasked = 1 << 28;

    readonly DiagnosticBag diagnostics = [];
    readonly RunFindings findings = new();
    readonly List<string> inputFiles = [];
    readonly List<IRewrite> rewrites = [.. passes];
    Policy? policy;
    ModelPlan? plan;
    Model? model;
    Model? original;
    CompressionContext? context;
    string? noSample;
    Session? baseline;
    IReadOnlyList<ModelInput> inputs = [];
    DataSet? calibration;
    DataSet? evaluation;
    OutputPlaces? places;
    PendingModel? pending;

    string ModelPath => model!.Path;

    Session Baseline => baseline ??= Session.Open(ModelPath, new SessionSettings(request.Threads));

    /// <summary>Reads the policy, the model and the data, so that whatever is wrong with them is said before any work.</summary>
    public void Read() => Timed("read", () =>
    {
        policy = PolicyReader.Read(request.PolicyPath, diagnostics);
        diagnostics.ThrowIfErrors();
        inputFiles.Add(Path.GetFullPath(request.PolicyPath));
        var path = request.ModelPath ?? (policy!.Model is { } named ? policy.Resolve(named.Value) : throw Codes.MissingKey.Fail(
            request.PolicyPath, "no model is named; add 'model: FILE.onnx' to the policy, or name one with --model"));
        places = new OutputPlaces(OutputPathFor(path));
        if (policy!.Model is { } located && request.ModelPath is null && !File.Exists(path))
            throw Codes.ModelNotFound.Fail(located.Position, $"the model '{located.Value}' does not exist; it is looked for at {path}");
        model = Model.Load(path);
        inputFiles.AddRange([Path.GetFullPath(path), .. model.DataFiles]);
        // A look at what the model takes. What it gives is asked of a session as an app would open it, and only if it is asked for.
        using (var session = Session.Open(path, SessionSettings.Once(request.Threads)))
            inputs = session.Inputs;
        calibration = Open(policy.Data.Calibration);
        evaluation = Open(policy.Data.Evaluation);
        foreach (var place in places.All)
            RefuseToOverwrite(place);
    });

    /// <summary>Rewrites the model into the form that techniques know, with the same outputs.</summary>
    public void Rewrite() => Timed("rewrite", () =>
    {
        original = model!.Clone();
        Rewriter.Run(model, passes, diagnostics);
        var sample = calibration?.Read(0, 1) ?? evaluation?.Read(0, 1) ?? ProbeSample.Of(inputs, out noSample);
        context = new CompressionContext(model.Clone(), sample, calibration)
        {
            Threads = request.Threads,
            Seed = request.Seed,
            Source = new Lazy<Model>(() => Model.Load(ModelPath)),
            Diagnostics = diagnostics,
            Progress = progress,
            Cancellation = cancellation,
        };
    });

    /// <summary>Compares the rewritten model with the original, so that whatever is lost later is lost by a technique.</summary>
    public void Verify() => Timed("verify", () =>
    {
        var verifier = new RewriteVerifier(original!, rewrites, request.Threads, cancellation);
        var result = context!.Sample is not { } sample
            ? verifier.Load(model!, $"there is no data, and no sample can be made up: {noSample}")
            : request.Gates == GateMode.Skip && model!.DataFiles.Count > 0 && model.FileBytes > MostBytesRunUnasked
                ? verifier.Load(model, "gates are skipped, and its external data is large")
                : verifier.Compare(model!, sample);
        findings.Verified = result.Verified;
        if (result.Fault is { } fault)
            throw KeepForBugReport(fault);
    });

    /// <summary>Applies the rules to the layers, and foresees what would stop the techniques.</summary>
    public void Plan()
    {
        findings.Before = Summarize(ModelPath, model!.FileBytes);
        plan = PlanResolver.Resolve(policy!, LayerCatalog.List(model.Graph, context!.MeasureShapes(model)), diagnostics);
        findings.Layers = [.. plan.Layers.Select(layer => (layer.Layer.Name, layer.Layer.Op))];
        var asked = AskedTechniques();
        if (asked.Count == 0 && policy!.Rules.Count > 0)
            throw Codes.NothingToDo.Fail(policy.Rules[0].Position, "no rule asks for anything on any layer; run 'dotnet compress inspect' to see the layers' names");
        foreach (var technique in asked)
            diagnostics.AddRange(technique.Foresee(model, plan, calibration is not null));
        diagnostics.ThrowIfErrors();
    }

    /// <summary>Raises the model's opset to the lowest in which every technique that is asked for can write what it makes.</summary>
    /// <returns>Whether it was raised.</returns>
    public bool Upgrade()
    {
        var need = new OpsetNeed(AskedTechniques(), plan!);
        if (model!.Opset >= need.Opset)
            return false;
        var raised = false;
        Timed("upgrade", () =>
        {
            var upgrade = need.Meet(model, diagnostics);
            raised = upgrade.To > upgrade.From;
            rewrites.Add(new OpsetRaise(upgrade.To));
            context = context! with { Original = model.Clone() };
        });
        return raised;
    }

    public void Apply(ITechnique technique)
    {
        if (!technique.IsAsked(plan!))
            return;
        // Nothing is compared with it any more.
        original = null;
        Timed(technique.Kind, () =>
        {
            var made = technique.Apply(model!, plan!, context!);
            findings.Changes.AddRange(made);
            findings.Repairs = context!.Repairs;
            if (made.All(change => change.Skipped is not null))
            {
                diagnostics.Add(Codes.NothingChanged.At(new SourcePosition(policy!.File),
                    $"{technique.Kind} changed no layer: {(made.Count > 0 ? made[0].Skipped : null) ?? "none was asked for"}"));
            }
        });
    }

    /// <summary>Writes the result beside its place; it moves there once the gates have passed.</summary>
    public void Write() => Timed("write", () =>
    {
        pending = model!.BeginSave(places!.Output);
        findings.After = Summarize(places.Output, pending.Bytes);
        if (CountsDownload)
        {
            findings.Before = findings.Before! with { DownloadBytes = DownloadSize.Of([ModelPath, .. model.DataFiles], cancellation) };
            findings.After = findings.After with { DownloadBytes = DownloadSize.Of(pending.TemporaryFiles, cancellation) };
        }

        // What techniques held, and what the plan holds of the model as it was, is of no more use, and two sessions are about to take as much.
        plan = null;
        context = context! with { Original = model };
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive);
    });

    /// <summary>Measures the file that ships against the file that came in, both as an app would load them.</summary>
    public void Evaluate() => Timed("evaluate", () =>
    {
        // Where nothing is measured, the runtime only has to accept the model; it need not make it ready to run.
        var isMeasured = request.Gates != GateMode.Skip;
        using var candidate = Session.Open(
            pending!.TemporaryPath, isMeasured ? new SessionSettings(request.Threads) : SessionSettings.Once(request.Threads), shownAs: places!.Output);
        if (!isMeasured)
            return;
        if (evaluation is not null)
        {
            findings.Comparison = Evaluator.Compare(Baseline, candidate, evaluation, context!.BatchSize, progress, cancellation);
            diagnostics.AddRange(findings.Comparison.Diagnostics);
        }

        findings.Latency = MeasureLatency(candidate);
        if (findings.Changes.Exists(change => change is { Kind: "quantize", Skipped: null }) && pending.Bytes <= MostBytesRunUnasked)
            findings.Int8 = OptimizedGraph.Look(pending.TemporaryPath, request.Threads);
        var ratios = findings.Ratios;
        foreach (var judgement in policy!.Gates.Select(gate => GateJudge.Judge(gate, findings.Comparison, ratios, request.Gates)))
        {
            findings.Gates.Add(judgement.Result);
            if (judgement.Diagnostic is { } diagnostic)
                diagnostics.Add(diagnostic);
        }
    });

    /// <summary>Puts the result in its place if the gates have passed, and aside if not.</summary>
    public CompressionResult Finish()
    {
        cancellation.ThrowIfCancellationRequested();
        var gateFailed = findings.Gates.Exists(gate => gate.Verdict != GateVerdict.Passed);
        var outcome = !diagnostics.HasErrors ? Outcome.Done : gateFailed ? Outcome.GateFailed : Outcome.Error;
        WriteReport(outcome);
        if (outcome != Outcome.Done)
        {
            pending!.CommitAs(places!.Rejected);
            return Result(outcome) with { RejectedPath = places.Rejected };
        }

        pending!.Commit();
        places!.RemoveLeftovers();
        return Result(Outcome.Done) with { OutputPath = places.Output, InputFiles = inputFiles };
    }

    public CompressionResult Fail(IReadOnlyList<Diagnostic> errors)
    {
        diagnostics.AddRange(errors);
        try
        {
            WriteReport(Outcome.Error);
        }
        catch (CompressException exception)
        {
            diagnostics.AddRange(exception.Diagnostics);
        }

        return Result(Outcome.Error);
    }

    public CompressionResult Cancel()
    {
        diagnostics.Add(Codes.Cancelled.At(null, "the run was cancelled; nothing was written"));
        return Result(Outcome.Cancelled);
    }

    public PolicyCheck Describe(IReadOnlyList<Diagnostic> errors)
    {
        diagnostics.AddRange(errors);
        var layers = plan?.Layers ?? [];
        return new PolicyCheck(
            [.. (policy?.Rules ?? []).Select(rule => new CheckedRule(rule.Position.Line, rule.MatchText,
                [.. PlanResolver.Matches(rule, [.. layers.Select(layer => layer.Layer)]).Select(layer => layer.Name)]))],
            [.. layers.Select(layer => new CheckedLayer(layer.Layer.Name, layer.Layer.Op, layer.Describe()))],
            [.. diagnostics], inputFiles);
    }

    public void Dispose()
    {
        pending?.Dispose();
        baseline?.Dispose();
        if (context?.Source is { IsValueCreated: true } source)
            source.Value.Dispose();
        model?.Dispose();
        calibration?.Dispose();
        evaluation?.Dispose();
    }

    List<ITechnique> AskedTechniques() => [.. Compression.Techniques.Where(technique => technique.IsAsked(plan!))];

    DataSet? Open(DataSource? source)
    {
        if (source is null)
            return null;
        inputFiles.AddRange(DataFiles.Of(source).Select(policy!.Resolve));
        return DataSets.Open(source, policy!.Resolve, inputs, request.Seed, diagnostics);
    }

    string OutputPathFor(string modelPath) => Path.GetFullPath(
        request.OutputPath ?? (policy!.Output is { } named ? policy.Resolve(named.Value) : Path.ChangeExtension(modelPath, ".compressed.onnx")));

    void RefuseToOverwrite(string path)
    {
        var comparison = OperatingSystem.IsLinux() ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
        if (inputFiles.Exists(input => string.Equals(input, path, comparison)))
        {
            throw Codes.ImpossibleValue.Fail(policy!.Output?.Position ?? new SourcePosition(request.PolicyPath),
                $"the run would write '{path}', which is one of the files that it reads; name another output");
        }
    }

    ModelSummary Summarize(string path, long bytes) => new(path, bytes, ModelSize.Parameters(model!.Graph),
        ModelSize.Macs(LayerCatalog.List(model.Graph, context!.MeasureShapes(model))));

    /// <summary>A gigabyte takes ten seconds: large models are compressed only for a gate.</summary>
    bool CountsDownload => request.Gates != GateMode.Skip
        && (model!.FileBytes <= MostBytesRunUnasked || policy!.Gates.Any(gate => gate.Metric == MetricNames.DownloadSize));

    /// <summary>Times both files on the same batch, as a latency gate asks or as an app runs one sample.</summary>
    LatencyComparison? MeasureLatency(Session candidate)
    {
        var gate = policy!.Gates.FirstOrDefault(gate => gate.Metric == MetricNames.Latency);
        var count = gate?.Batch ?? 1;
        var data = evaluation ?? calibration;
        var batch = data is not null && data.Count >= count ? data.Read(0, count) : count == 1 ? context!.Sample : null;
        if (batch is null)
            return null;
        if (gate?.Threads is not { } threads || threads == request.Threads)
            return LatencyMeter.Ratio(Baseline, candidate, batch, cancellation: cancellation);
        using var one = Session.Open(ModelPath, new SessionSettings(threads));
        using var other = Session.Open(pending!.TemporaryPath, new SessionSettings(threads), shownAs: places!.Output);
        return LatencyMeter.Ratio(one, other, batch, cancellation: cancellation);
    }

    CompressionResult Result(Outcome outcome) => new(outcome, Report(outcome));

    Report Report(Outcome outcome) => findings.ToReport(outcome, policy, [.. diagnostics]);

    /// <summary>Keeps the rewritten model beside the output, for whoever looks into the fault.</summary>
    CompressException KeepForBugReport(RewriteFault fault)
    {
        var said = Codes.RewriteFault.At(new SourcePosition(ModelPath), $"an internal error: the pass '{fault.Pass}' does not keep what the model computes: "
            + $"{fault.Finding}; nothing was compressed; please report it, with the policy and the rewritten model, which is kept as {places!.BugReport}");
        try
        {
            model!.Save(places.BugReport);
            return new CompressException(said);
        }
        catch (CompressException exception)
        {
            return new CompressException([said, .. exception.Diagnostics]);
        }
    }

    void WriteReport(Outcome outcome)
    {
        if (request.ReportDirectory is { } folder)
            ReportJson.Save(Report(outcome), Path.Combine(folder, "report.json"));
    }

    void Timed(string step, Action action)
    {
        cancellation.ThrowIfCancellationRequested();
        progress?.Report(new StepProgress(step, 0));
        var watch = Stopwatch.StartNew();
        action();
        findings.Seconds[step] = findings.Seconds.GetValueOrDefault(step) + Math.Round(watch.Elapsed.TotalSeconds, 3);
        progress?.Report(new StepProgress(step, 1));
    }
}
