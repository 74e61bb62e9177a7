#include "earmark/features.hpp"
#include "base/throw.hpp"
#include "cli/messages.hpp"
#include "cli/options.hpp"
#include "earmark/audio.hpp"
#include "earmark/commands/commands.hpp"
#include "formats/npy.hpp"

namespace earmark::commands {

namespace {

struct Options {
    std::string file;
    std::string kind = "mfcc";
    std::string output;
    FeatureOptions features;
    bool quiet = false;
};

/// Feeds the whole file to `stream`. @return the reader's warnings
std::vector<std::string> feed(const Options& options, FeatureStream& stream, const Sink<std::span<const float>>& sink) {
    AudioReader reader(options.file, {.sample_rate = options.features.sample_rate});
    for (auto samples = reader.read(); !samples.empty(); samples = reader.read()) stream.push(samples, sink);
    stream.finish(sink);
    return reader.warnings();
}

int features(Options options) {
    options.features.kind = feature_kind(options.kind);
    validate(options.features);
    std::optional<float> maximum;
    if (needs_maximum_power(options.features)) {
        // The floor of --top-db is relative to the maximum of the whole file, which a first pass finds.
        FeatureOptions mel = options.features;
        mel.kind = FeatureKind::mel;
        FeatureStream stream(mel);
        feed(options, stream, [](std::span<const float>) {});
        maximum = stream.maximum_power();
    }
    formats::NpyWriter writer(options.output, {coefficient_count(options.features)});
    FeatureStream stream(options.features, maximum);
    const std::vector<std::string> warnings =
        feed(options, stream, [&](std::span<const float> frame) { writer.append(frame); });
    writer.commit();
    if (!options.quiet) cli::warn(options.file, warnings);
    return 0;
}

}  // namespace

void add_features(CLI::App& app, Run& run) {
    auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand("features", "Write the features of an audio file as a NumPy array");
    command->add_option("FILE", options->file, "Audio file")->required();
    command->add_option("--kind", options->kind, "waveform, spectrogram, mel, logmel (compressed) or mfcc")
        ->check(CLI::IsMember({"waveform", "spectrogram", "mel", "logmel", "mfcc"}))
        ->capture_default_str();
    command->add_option("--output", options->output, "File to write: .npy, float32, frames × coefficients")
        ->required()
        ->type_name("FILE");
    cli::add_feature_options(*command, options->features);
    command->add_flag("--quiet", options->quiet, "No warnings");
    command->callback([options, &run] { run = [options] { return features(*options); }; });
}

}  // namespace earmark::commands
