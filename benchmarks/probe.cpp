// One stage at a time, timed from within, for scripts/bench: runs a work again and again and prints one line of JSON,
// {"seconds": [one a repetition], "check": what it computed, "version": of the library under it}.
//
//     benchmark-probe mfcc SAMPLES [--output FILE]  MFCCs of a signal in memory; SAMPLES holds raw 32-bit floats
//     benchmark-probe fft SAMPLES                   its Fourier transforms alone, as many as it has frames, on FFTW
//     benchmark-probe decode FILE                   libavformat and libavcodec alone: no mix-down, no resampling
//     benchmark-probe classify FILE --model MODEL   the prediction on a file, with the model loaded before
//
// --time SECONDS: how long to repeat, 1 unless told; at least three times.

#ifdef EARMARK_PROBE_FFTW
#include <fftw3.h>
#endif

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <numbers>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "decode_alone.hpp"
#include "earmark/classifier.hpp"
#include "earmark/features.hpp"
#include "earmark/version.hpp"

namespace {

using nlohmann::json;

struct Arguments {
    std::string work;
    std::string file;
    std::string model;
    std::string output;
    double time = 1.0;
};

Arguments parse(std::span<char*> words) {
    if (words.size() < 3) throw std::runtime_error("usage: benchmark-probe mfcc|fft|decode|classify FILE [OPTIONS]");
    Arguments arguments;
    arguments.work = words[1];
    arguments.file = words[2];
    for (std::size_t i = 3; i + 1 < words.size(); i += 2) {
        const std::string option = words[i];
        if (option == "--model") {
            arguments.model = words[i + 1];
        } else if (option == "--output") {
            arguments.output = words[i + 1];
        } else if (option == "--time") {
            arguments.time = std::stod(words[i + 1]);
        } else {
            throw std::runtime_error("unknown option " + option);
        }
    }
    return arguments;
}

/// Seconds that each repetition took, after one that is not counted.
std::vector<double> repeat(double time, const std::function<void()>& work) {
    using Clock = std::chrono::steady_clock;
    const auto since = [](Clock::time_point start) {
        return std::chrono::duration<double>(Clock::now() - start).count();
    };
    work();
    std::vector<double> seconds;
    const Clock::time_point begin = Clock::now();
    while (seconds.size() < 3 || since(begin) < time) {
        const Clock::time_point start = Clock::now();
        work();
        seconds.push_back(since(start));
    }
    return seconds;
}

std::vector<float> read_samples(const std::string& path) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    if (!file) throw std::runtime_error(path + ": cannot be read");
    std::vector<float> samples(static_cast<std::size_t>(file.tellg()) / sizeof(float));
    file.seekg(0);
    file.read(reinterpret_cast<char*>(samples.data()), static_cast<std::streamsize>(samples.size() * sizeof(float)));
    if (samples.empty() || !file) throw std::runtime_error(path + ": holds no samples");
    return samples;
}

json probe_mfcc(const Arguments& arguments) {
    const std::vector<float> samples = read_samples(arguments.file);
    earmark::FeatureExtractor extractor;
    earmark::FeatureMatrix matrix;
    const auto seconds = repeat(arguments.time, [&] { extractor.compute(samples, matrix); });
    if (!arguments.output.empty()) {
        std::ofstream file(arguments.output, std::ios::binary);
        file.write(reinterpret_cast<const char*>(matrix.values.data()),
                   static_cast<std::streamsize>(matrix.values.size() * sizeof(float)));
        if (!file.flush()) throw std::runtime_error(arguments.output + ": cannot be written");
    }
    return {{"seconds", seconds},
            {"check", {{"frames", matrix.frames}, {"coefficients", matrix.coefficients}}},
            {"version", earmark::version()}};
}

#ifdef EARMARK_PROBE_FFTW

/// The frame is one that stays in the cache: what FFTW needs when it has to wait for nothing. The check is the largest
/// difference from Earmark's spectrogram, relative to its greatest value.
json probe_fft(const Arguments& arguments) {
    constexpr int size = 2048;
    const std::vector<float> samples = read_samples(arguments.file);
    const earmark::FeatureOptions options{.kind = earmark::FeatureKind::spectrogram, .fft_size = size};
    earmark::FeatureMatrix spectrogram;
    earmark::FeatureExtractor(options).compute(samples, spectrogram);

    const std::unique_ptr<float, decltype(&fftwf_free)> input(fftwf_alloc_real(size), fftwf_free);
    const std::unique_ptr<fftwf_complex, decltype(&fftwf_free)> output(fftwf_alloc_complex(size / 2 + 1), fftwf_free);
    const fftwf_plan plan = fftwf_plan_dft_r2c_1d(size, input.get(), output.get(), FFTW_PATIENT);

    double difference = 0.0;
    double greatest = 0.0;
    for (std::int64_t frame = 0; frame < spectrogram.frames; ++frame) {
        for (std::int64_t n = 0; n < size; ++n) {
            const std::int64_t position = frame * options.hop_length - size / 2 + n;
            const bool inside = position >= 0 && position < std::ssize(samples);
            const double window = 0.5 - 0.5 * std::cos(2.0 * std::numbers::pi * static_cast<double>(n) / size);
            input.get()[n] = inside ? samples[static_cast<std::size_t>(position)] * static_cast<float>(window) : 0.0F;
        }
        fftwf_execute(plan);
        const std::span<const float> ours = spectrogram.frame(frame);
        for (std::size_t k = 0; k < ours.size(); ++k) {
            const double power = std::pow(output.get()[k][0], 2) + std::pow(output.get()[k][1], 2);
            difference = std::max(difference, std::abs(power - static_cast<double>(ours[k])));
            greatest = std::max(greatest, power);
        }
    }
    const auto seconds = repeat(arguments.time, [&] {
        for (std::int64_t frame = 0; frame < spectrogram.frames; ++frame) fftwf_execute(plan);
    });
    fftwf_destroy_plan(plan);
    return {{"seconds", seconds},
            {"check", {{"frames", spectrogram.frames}, {"relative_difference", difference / greatest}}},
            {"version", std::string(fftwf_version)}};
}

#else

json probe_fft(const Arguments&) {
    throw std::runtime_error("built without FFTW");
}

#endif

json probe_decode(const Arguments& arguments) {
    double duration = 0.0;
    const auto seconds = repeat(arguments.time, [&] { duration = decode_alone(arguments.file); });
    return {{"seconds", seconds}, {"check", {{"duration", duration}}}, {"version", std::string(av_version_info())}};
}

json probe_classify(const Arguments& arguments) {
    const earmark::Classifier classifier(std::filesystem::path(arguments.model));
    earmark::Prediction prediction;
    const auto seconds = repeat(arguments.time, [&] { prediction = classifier.classify(arguments.file); });
    return {{"seconds", seconds},
            {"check",
             {{"duration", prediction.duration_seconds},
              {"genre", classifier.labels()[prediction.best()]},
              {"probabilities", prediction.probabilities}}},
            {"version", earmark::version()}};
}

json probe(const Arguments& arguments) {
    if (arguments.work == "mfcc") return probe_mfcc(arguments);
    if (arguments.work == "fft") return probe_fft(arguments);
    if (arguments.work == "decode") return probe_decode(arguments);
    if (arguments.work == "classify") return probe_classify(arguments);
    throw std::runtime_error("unknown work " + arguments.work);
}

}  // namespace

int main(int count, char** words) try {
    std::cout << probe(parse({words, static_cast<std::size_t>(count)})) << '\n';
    return 0;
} catch (const std::exception& error) {
    std::cerr << "benchmark-probe: " << error.what() << '\n';
    return 1;
}
