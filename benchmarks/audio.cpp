// Speed of reading, one thread: decoding alone (a plain loop around FFmpeg's libraries), and AudioReader on top of it,
// at the file's own rate and at 22 050 Hz. Files can be named after the options.

#include "earmark/audio.hpp"
#include "clips.hpp"

namespace {

void decoding(benchmark::State& state, const std::filesystem::path& file) {
    for (auto _ : state) benchmark::DoNotOptimize(decode_alone(file));
}

template <int sample_rate>
void reading(benchmark::State& state, const std::filesystem::path& file) {
    clips::against_decoding(state, file, [&] {
        earmark::AudioReader reader(file, {.sample_rate = sample_rate});
        while (!reader.read().empty()) {
        }
    });
}

}  // namespace

int main(int argc, char** argv) {
    av_log_set_level(AV_LOG_QUIET);
    benchmark::Initialize(&argc, argv);
    const auto files = clips::named(argc, argv);
    clips::measure("decoding", files, decoding);
    clips::measure("reading", files, reading<0>);
    clips::measure("reading_at_22050", files, reading<22050>);
    benchmark::RunSpecifiedBenchmarks();
}
