// Speed of the features: 30 s of sound in memory, one thread. "x_realtime" is seconds of audio per second of work.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "earmark/features.hpp"
#include "earmark/segments.hpp"

namespace {

constexpr int seconds = 30;

/// A chord over noise: neither silent nor regular, and the same on every machine.
std::vector<float> sound(int sample_rate) {
    std::vector<float> samples(static_cast<std::size_t>(seconds) * static_cast<std::size_t>(sample_rate));
    std::uint32_t state = 1;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        state = state * 1664525U + 1013904223U;  // Numerical Recipes' generator
        const double time = static_cast<double>(i) / sample_rate;
        double value = 0.1 * (static_cast<double>(state) / 4294967296.0 - 0.5);
        for (const double hertz : {220.0, 277.18, 329.63, 1760.0}) value += 0.15 * std::sin(6.283185307 * hertz * time);
        samples[i] = static_cast<float>(value);
    }
    return samples;
}

void report(benchmark::State& state, int sample_rate) {
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * seconds * sample_rate);
    state.counters["x_realtime"] =
        benchmark::Counter(static_cast<double>(seconds), benchmark::Counter::kIsIterationInvariantRate);
}

void features(benchmark::State& state, earmark::FeatureKind kind) {
    const earmark::FeatureOptions options{.kind = kind};
    const std::vector<float> samples = sound(options.sample_rate);
    earmark::FeatureExtractor extractor(options);
    earmark::FeatureMatrix matrix;
    for (auto _ : state) {
        extractor.compute(samples, matrix);
        benchmark::DoNotOptimize(matrix.values.data());
    }
    report(state, options.sample_rate);
}

/// What listening does: MFCCs of 6 s segments, the samples arriving in pieces.
void segments(benchmark::State& state) {
    const earmark::FeatureOptions options;
    const std::vector<float> samples = sound(options.sample_rate);
    constexpr std::size_t piece = 4096;
    earmark::Segmenter segmenter(options, {});
    const auto sink = [](const earmark::Segment& segment) { benchmark::DoNotOptimize(segment.values.data()); };
    for (auto _ : state) {
        for (std::size_t i = 0; i < samples.size(); i += piece)
            segmenter.push(std::span(samples).subspan(i, std::min(piece, samples.size() - i)), sink);
        segmenter.finish(sink);
    }
    report(state, options.sample_rate);
}

BENCHMARK_CAPTURE(features, spectrogram, earmark::FeatureKind::spectrogram)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(features, mel, earmark::FeatureKind::mel)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(features, logmel, earmark::FeatureKind::logmel)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(features, mfcc, earmark::FeatureKind::mfcc)->Unit(benchmark::kMillisecond);
BENCHMARK(segments)->Unit(benchmark::kMillisecond);

}  // namespace
