// Speed of listening, one thread, warm: a file to its prediction (with the counter "x_decoding", the ratio to decoding
// alone), and its parts: features of the whole, and the shipped model's network by number of segments. Files can be
// named after the options.

#include "clips.hpp"
#include "earmark/audio.hpp"
#include "earmark/classifier.hpp"

namespace {

const earmark::Classifier& classifier() {
    static const earmark::Classifier shipped(EARMARK_SOURCE_DIR "/models/default.safetensors");
    return shipped;
}

void prediction(benchmark::State& state, const std::filesystem::path& file) {
    classifier().classify(file);
    clips::against_decoding(state, file, [&] { benchmark::DoNotOptimize(classifier().classify(file)); });
}

void prediction_from_samples(benchmark::State& state, const std::filesystem::path& file) {
    earmark::AudioReader reader(file, {.sample_rate = classifier().model().features.sample_rate});
    std::vector<float> samples;
    for (auto piece = reader.read(); !piece.empty(); piece = reader.read()) {
        samples.insert(samples.end(), piece.begin(), piece.end());
    }
    for (auto _ : state) benchmark::DoNotOptimize(classifier().classify(samples));
}

void network(benchmark::State& state) {
    const earmark::Model& model = classifier().model();
    const auto values = static_cast<std::size_t>(state.range(0)) * static_cast<std::size_t>(model.segments.frames) *
                        static_cast<std::size_t>(coefficient_count(model.features));
    const std::vector<float> inputs(values, -10.0F);
    for (auto _ : state) benchmark::DoNotOptimize(classifier().probabilities(inputs));
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

void start(benchmark::State& state) {
    const std::filesystem::path model = EARMARK_SOURCE_DIR "/models/default.safetensors";
    const std::vector<float> samples(22050 * 6, 0.01F);
    for (auto _ : state) benchmark::DoNotOptimize(earmark::Classifier(model).classify(samples));
}

}  // namespace

int main(int argc, char** argv) {
    av_log_set_level(AV_LOG_QUIET);
    benchmark::Initialize(&argc, argv);
    const auto files = clips::named(argc, argv);
    clips::measure("verdict", files, prediction);
    clips::measure("verdict_from_samples", files, prediction_from_samples);
    benchmark::RegisterBenchmark("network", network)->Arg(1)->Arg(5)->Arg(32)->Unit(benchmark::kMicrosecond);
    benchmark::RegisterBenchmark("model_to_first_verdict", start)->Unit(benchmark::kMillisecond);
    benchmark::RunSpecifiedBenchmarks();
}
