// Speed of the features: 30 s of sound in memory, one thread. "x_realtime" is seconds of audio per second of work; the
// label names the instruction set. Every time is that of the whole 30 s, the kernels' too: 1292 frames.
//
//   features, segments, stream   whole roads
//   kernel                       their parts, one by one
//   ffts_alone                   1292 real transforms of 2048 samples by FFTW, nothing else
//   mfcc_by_ffts_alone           MFCCs and these transforms in turn; "ratio" is the median of MFCC / FFTs alone
//   construct                    what it takes until the first frame can come

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <ctime>
#include <span>
#include <string>
#include <vector>

#include "base/aligned.hpp"
#include "earmark/features.hpp"
#include "earmark/segments.hpp"
#include "features/compressor.hpp"
#include "features/dct.hpp"
#include "features/decibels.hpp"
#include "features/fft.hpp"
#include "features/kernels.hpp"
#include "features/mel_bank.hpp"
#include "features/power_spectrum.hpp"

#ifdef EARMARK_FFT_FFTW
#include <fftw3.h>
#endif

namespace {

using namespace earmark;

constexpr int seconds = 30;
constexpr int frames = 1292;

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
    state.SetLabel(std::string(earmark::instruction_set()));
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

/// What listening does: features of segments, the samples arriving in pieces.
void segments(benchmark::State& state, const earmark::SegmentOptions& segment_options) {
    const earmark::FeatureOptions options;
    const std::vector<float> samples = sound(options.sample_rate);
    constexpr std::size_t piece = 4096;
    earmark::Segmenter segmenter(options, segment_options);
    const auto sink = [](const earmark::Segment& segment) { benchmark::DoNotOptimize(segment.values.data()); };
    for (auto _ : state) {
        for (std::size_t i = 0; i < samples.size(); i += piece)
            segmenter.push(std::span(samples).subspan(i, std::min(piece, samples.size() - i)), sink);
        segmenter.finish(sink);
    }
    report(state, options.sample_rate);
}

/// One of the two passes that `earmark features` makes of a file: the first finds the maximum, the second is given it.
void stream(benchmark::State& state, earmark::FeatureKind kind) {
    const earmark::Sink<std::span<const float>> discard = [](std::span<const float> values) {
        benchmark::DoNotOptimize(values.data());
    };
    const earmark::FeatureOptions options{.kind = kind};
    const std::vector<float> samples = sound(options.sample_rate);
    constexpr std::size_t piece = 4096;
    earmark::FeatureStream feature_stream(options, 1.0F);
    for (auto _ : state) {
        for (std::size_t i = 0; i < samples.size(); i += piece)
            feature_stream.push(std::span(samples).subspan(i, std::min(piece, samples.size() - i)), discard);
        feature_stream.finish(discard);
    }
    report(state, options.sample_rate);
}

void construct(benchmark::State& state) {
    for (auto _ : state) {
        earmark::FeatureExtractor extractor;
        benchmark::DoNotOptimize(&extractor);
    }
}

// ---------------------------------------------------------------------------------------------------------- kernels

using earmark::base::AlignedVector;
using earmark::features::frame_group;

base::AlignedVector<float> noise(std::size_t size) {
    base::AlignedVector<float> values(size);
    std::uint32_t state = 1;
    for (float& value : values) {
        state = state * 1664525U + 1013904223U;
        value = static_cast<float>(state >> 8) / 16777216.0F + 1e-3F;
    }
    return values;
}

/// Times `step`, which does `frames_a_step` frames.
template <typename Step>
void kernel(benchmark::State& state, int frames_a_step, const Step& step) {
    for (auto _ : state) {
        for (int frame = 0; frame < frames; frame += frames_a_step) step();
    }
    report(state, 22050);
}

void kernel_window(benchmark::State& state) {
    const auto samples = noise(2048);
    const auto window = noise(2048);
    base::AlignedVector<float> windowed(2048);
    kernel(state, 1, [&] {
        earmark::features::kernels().multiply(samples.data(), window.data(), samples.size(), windowed.data());
        benchmark::DoNotOptimize(windowed.data());
        benchmark::ClobberMemory();
    });
}

void kernel_fft(benchmark::State& state) {
    earmark::features::Fft fft(1024);
    const auto samples = noise(2048);
    std::copy_n(samples.begin(), 2048, reinterpret_cast<float*>(fft.input().data()));
    kernel(state, 1, [&] { benchmark::DoNotOptimize(fft.transform().data()); });
    state.SetLabel(std::string(earmark::features::Fft::backend()));
}

void kernel_power(benchmark::State& state) {
    const auto transform = noise(2048);
    const auto real = noise(512);
    const auto imaginary = noise(512);
    base::AlignedVector<float> power(1025);
    kernel(state, 1, [&] {
        earmark::features::kernels().power(transform.data(), real.data(), imaginary.data(), 1024, power.data());
        benchmark::DoNotOptimize(power.data());
        benchmark::ClobberMemory();
    });
}

void kernel_mel(benchmark::State& state) {
    const earmark::features::MelBank bank(22050, 1025, 128, 0.0, 11025.0);
    const auto power = noise(features::frame_group * bank.stride());
    base::AlignedVector<float> mel(features::frame_group * 128);
    float maximum = 0.0F;
    kernel(state, features::frame_group, [&] {
        bank.apply(power.data(), features::frame_group, mel.data(), maximum);
        benchmark::DoNotOptimize(mel.data());
        benchmark::ClobberMemory();
    });
}

void kernel_decibels(benchmark::State& state) {
    const earmark::features::Decibels decibels(1.0, 1e-10, 80.0);
    const auto mel = noise(features::frame_group * 128);
    base::AlignedVector<float> logmel(features::frame_group * 128);
    kernel(state, features::frame_group, [&] {
        decibels.apply(mel.data(), -80.0F, logmel.data(), mel.size());
        benchmark::DoNotOptimize(logmel.data());
        benchmark::ClobberMemory();
    });
}

void kernel_compression(benchmark::State& state, earmark::Compression compression) {
    earmark::FeatureOptions options;
    options.compression = compression;
    const earmark::features::Compressor compressor(options);
    const auto mel = noise(features::frame_group * 128);
    base::AlignedVector<float> compressed(features::frame_group * 128);
    kernel(state, features::frame_group, [&] {
        compressor.apply(mel.data(), 0.0F, compressed.data(), mel.size());
        benchmark::DoNotOptimize(compressed.data());
        benchmark::ClobberMemory();
    });
}

void kernel_dct(benchmark::State& state) {
    const earmark::features::Dct dct(128, 13);
    const auto logmel = noise(features::frame_group * 128);
    base::AlignedVector<float> mfcc(features::frame_group * 13);
    kernel(state, features::frame_group, [&] {
        dct.apply(logmel.data(), features::frame_group, mfcc.data());
        benchmark::DoNotOptimize(mfcc.data());
        benchmark::ClobberMemory();
    });
}

// ------------------------------------------------------------------------------------------------------- FFTs alone
#ifdef EARMARK_FFT_FFTW

/// FFTW's transform of 2048 real samples, as anyone would use it: aligned memory, one plan.
class RealFft {
  public:
    explicit RealFft(unsigned effort) : plan_(fftwf_plan_dft_r2c_1d(2048, samples_, spectrum_, effort)) {
        const auto values = noise(2048);
        std::copy(values.begin(), values.end(), samples_);
        // What was measured for this plan is to help no other, ours least of all.
        fftwf_forget_wisdom();
    }
    ~RealFft() {
        fftwf_destroy_plan(plan_);
        fftwf_free(spectrum_);
        fftwf_free(samples_);
    }
    RealFft(const RealFft&) = delete;
    RealFft& operator=(const RealFft&) = delete;

    /// As many as 30 s have frames.
    void transform_all() {
        for (int frame = 0; frame < frames; ++frame) {
            fftwf_execute(plan_);
            benchmark::DoNotOptimize(spectrum_);
        }
    }

  private:
    float* samples_ = fftwf_alloc_real(2048);
    fftwf_complex* spectrum_ = fftwf_alloc_complex(1025);
    fftwf_plan plan_;
};

void ffts_alone(benchmark::State& state, unsigned effort) {
    RealFft fft(effort);
    for (auto _ : state) fft.transform_all();
    report(state, 22050);
    state.SetLabel("FFTW");
}

/// Of this thread, so that other programs do not show.
double cpu_seconds() {
    std::timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

void mfcc_by_ffts_alone(benchmark::State& state, unsigned effort) {
    const earmark::FeatureOptions options;
    const std::vector<float> samples = sound(options.sample_rate);
    earmark::FeatureExtractor extractor(options);
    earmark::FeatureMatrix matrix;
    RealFft fft(effort);
    std::vector<double> ratios;
    for (auto _ : state) {
        const double start = cpu_seconds();
        extractor.compute(samples, matrix);
        benchmark::DoNotOptimize(matrix.values.data());
        const double middle = cpu_seconds();
        fft.transform_all();
        const double end = cpu_seconds();
        ratios.push_back((middle - start) / (end - middle));
        state.SetIterationTime(middle - start);
    }
    std::nth_element(ratios.begin(), ratios.begin() + static_cast<std::ptrdiff_t>(ratios.size() / 2), ratios.end());
    state.counters["ratio"] = ratios[ratios.size() / 2];
    report(state, options.sample_rate);
}

BENCHMARK_CAPTURE(ffts_alone, estimate, FFTW_ESTIMATE)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(ffts_alone, measure, FFTW_MEASURE)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(ffts_alone, patient, FFTW_PATIENT)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(mfcc_by_ffts_alone, estimate, FFTW_ESTIMATE)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(mfcc_by_ffts_alone, measure, FFTW_MEASURE)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(mfcc_by_ffts_alone, patient, FFTW_PATIENT)->UseManualTime()->Unit(benchmark::kMillisecond);

#endif  // EARMARK_FFT_FFTW

BENCHMARK_CAPTURE(features, spectrogram, earmark::FeatureKind::spectrogram)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(features, mel, earmark::FeatureKind::mel)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(features, logmel, earmark::FeatureKind::logmel)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(features, mfcc, earmark::FeatureKind::mfcc)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(segments, 6_seconds, earmark::SegmentOptions{})->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(segments, of_a_store, earmark::SegmentOptions{6.0, 5, 77, 2586.0 / 775.0})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(stream, mel, earmark::FeatureKind::mel)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(stream, mfcc, earmark::FeatureKind::mfcc)->Unit(benchmark::kMillisecond);
BENCHMARK(kernel_window)->Unit(benchmark::kMillisecond);
BENCHMARK(kernel_fft)->Unit(benchmark::kMillisecond);
BENCHMARK(kernel_power)->Unit(benchmark::kMillisecond);
BENCHMARK(kernel_mel)->Unit(benchmark::kMillisecond);
BENCHMARK(kernel_decibels)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(kernel_compression, log10_1p, earmark::Compression::log10_1p)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(kernel_compression, ln_offset, earmark::Compression::ln_offset)->Unit(benchmark::kMillisecond);
BENCHMARK(kernel_dct)->Unit(benchmark::kMillisecond);
BENCHMARK(construct)->Unit(benchmark::kMillisecond);

}  // namespace
