#pragma once

#include <benchmark/benchmark.h>

#include <filesystem>
#include <functional>
#include <vector>

#include "decode_alone.hpp"

namespace clips {

/// The files to measure with: those named after the options of Google Benchmark, or a synthetic clip of each codec.
inline std::vector<std::filesystem::path> named(int argc, char** argv) {
    std::vector<std::filesystem::path> files(argv + 1, argv + argc);
    if (!files.empty()) return files;
    const std::filesystem::path samples = EARMARK_SOURCE_DIR "/tests/clips";
    for (const char* name :
         {"synthetic-blues.mp3", "synthetic-classical.flac", "synthetic-country.ogg", "synthetic-disco.m4a"}) {
        files.push_back(samples / name);
    }
    return files;
}

/// Registers the same work on each file.
inline void measure(const char* what, const std::vector<std::filesystem::path>& files,
                    const std::function<void(benchmark::State&, const std::filesystem::path&)>& work) {
    for (const std::filesystem::path& file : files) {
        benchmark::RegisterBenchmark((std::string(what) + "/" + file.filename().string()).c_str(), work, file)
            ->Unit(benchmark::kMillisecond);
    }
}

/// Times `work` and, in turn with it, decoding alone; the counter "x_decoding" is the ratio of the fastest of each, in
/// processor time of this thread, which other programs on the machine disturb least.
template <typename Work>
void against_decoding(benchmark::State& state, const std::filesystem::path& file, Work work) {
    const auto now = [] {
        timespec time{};
        ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
    };
    double fastest = 1e9;
    double fastest_decoding = 1e9;
    for (auto _ : state) {
        const double begin = now();
        work();
        fastest = std::min(fastest, now() - begin);
        state.PauseTiming();
        const double begin_decoding = now();
        benchmark::DoNotOptimize(decode_alone(file));
        fastest_decoding = std::min(fastest_decoding, now() - begin_decoding);
        state.ResumeTiming();
    }
    state.counters["ms"] = 1e3 * fastest;
    state.counters["decoding_ms"] = 1e3 * fastest_decoding;
    state.counters["x_decoding"] = fastest / fastest_decoding;
}

}  // namespace clips
