#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/enum_names.hpp"
#include "earmark/features.hpp"
#include "earmark/segments.hpp"

/// Options that several sub-commands share. Ranges are left to `validate`, whose messages are the library's.
namespace earmark::cli {

/// Adds an option for a value of an enumeration, by the names that its table gives. `value` must outlive the parsing.
template <typename Enum>
CLI::Option* add_enum_option(CLI::App& app, const std::string& name, Enum& value, const std::string& description) {
    return app
        .add_option_function<std::string>(
            name, [&value](const std::string& text) { value = *base::parse_enum<Enum>(text); }, description)
        ->check(CLI::IsMember(base::enum_names<Enum>()))
        ->default_str(std::string(base::enum_name(value)));
}

/// Adds an option for a value of an enumeration that `parse` and `to_string` know by these names.
template <typename Enum>
void add_named_option(CLI::App& app, const std::string& name, Enum& value, Enum (*parse)(std::string_view),
                      std::vector<std::string> names, const std::string& description, const std::string& group) {
    app.add_option_function<std::string>(
           name, [&value, parse](const std::string& text) { value = parse(text); }, description)
        ->check(CLI::IsMember(std::move(names)))
        ->default_str(std::string(to_string(value)))
        ->group(group);
}

/// Adds the options that say how features are computed; the kind is left to the command, whose choices differ.
/// `options` must outlive the parsing.
inline void add_feature_options(CLI::App& app, FeatureOptions& options) {
    const std::string group = "Features";
    app.add_option("--sample-rate", options.sample_rate, "Samples per second to which the audio is brought")
        ->capture_default_str()
        ->group(group);
    app.add_option("--fft-size", options.fft_size, "Samples of a Fourier transform")
        ->capture_default_str()
        ->group(group);
    app.add_option("--window-length", options.window_length, "Samples of a frame and its window; 0: --fft-size")
        ->capture_default_str()
        ->group(group);
    app.add_option("--hop-length", options.hop_length, "Samples from one frame to the next")
        ->capture_default_str()
        ->group(group);
    app.add_option("--mel-bands", options.mel_bands, "Number of mel bands")->capture_default_str()->group(group);
    app.add_option("--coefficients", options.coefficients, "Number of MFCCs")->capture_default_str()->group(group);
    app.add_option("--minimum-frequency", options.minimum_frequency, "Lower edge of the lowest mel band, hertz")
        ->capture_default_str()
        ->group(group);
    app.add_option("--maximum-frequency", options.maximum_frequency,
                   "Upper edge of the highest mel band, hertz; 0: half the sample rate")
        ->capture_default_str()
        ->group(group);
    cli::add_named_option(app, "--padding", options.padding, padding, {"zero", "reflect"},
                          "What stands beyond the ends of the signal", group);
    app.add_flag_function(
           "--no-centre", [&options](std::int64_t count) { options.centred = count <= 0; },
           "Frames begin at their time, and nothing is padded")
        ->group(group);
    cli::add_named_option(app, "--spectrum", options.spectrum, spectrum_scale, {"power", "magnitude"},
                          "What mel bands add up", group);
    cli::add_named_option(app, "--mel-scale", options.mel_scale, mel_scale, {"slaney", "htk"},
                          "Scale on which mel bands are equally wide", group);
    cli::add_named_option(app, "--mel-norm", options.mel_norm, mel_norm, {"area", "none", "peak"},
                          "Triangles of mel bands: of one area, of height 1, or of height 1 as TensorFlow's", group);
    cli::add_named_option(app, "--compression", options.compression, compression, {"decibels", "log10-1p", "ln-offset"},
                          "Of mel bands x: decibels, log10(1 + c x) or ln(x + c)", group);
    app.add_option("--compression-constant", options.compression_constant, "The c of --compression")
        ->capture_default_str()
        ->group(group);
    app.add_option_function<std::string>(
           "--top-db",
           [&options](const std::string& text) {
               double value = 0.0;
               if (text == "none") {
                   options.top_db.reset();
               } else if (CLI::detail::lexical_cast(text, value)) {
                   options.top_db = value;
               } else {
                   throw CLI::ValidationError("--top-db", text + " is neither a number nor none");
               }
           },
           "Decibels kept under the maximum; none keeps all")
        ->type_name("FLOAT|none")
        ->default_str(options.top_db ? CLI::detail::to_string(*options.top_db) : "none")
        ->group(group);
}

/// Adds the option `name` for what `model_path` takes: a model file, a model that ships, or nothing.
inline void add_model_option(CLI::App& app, const std::string& name, std::string& model) {
    app.add_option(name, model, "Model file, or the name of one that ships; left out: $EARMARK_MODEL, else default")
        ->type_name("MODEL");
}

/// The same for an option that may be given several times, a model each.
inline void add_models_option(CLI::App& app, const std::string& name, std::vector<std::string>& models) {
    app.add_option(name, models,
                   "Model file, or the name of one that ships; may be given several times; left out: $EARMARK_MODEL, "
                   "else default")
        ->type_name("MODEL")
        ->allow_extra_args(false);
}

/// Adds the option that says which index of a music library is meant, for `index_path`.
inline void add_index_option(CLI::App& app, std::string& index) {
    app.add_option(
           "--index", index,
           "Index file; left out: $EARMARK_INDEX, else earmark/index.sqlite in $XDG_DATA_HOME or ~/.local/share")
        ->type_name("INDEX");
}

/// Adds the options that say how a signal is cut into segments. `options` must outlive the parsing; call
/// `fit_segment_frames` after it.
inline void add_segment_options(CLI::App& app, SegmentOptions& options) {
    const std::string group = "Segments";
    app.add_option("--segment-seconds", options.seconds, "Length of a segment")->capture_default_str()->group(group);
    app.add_option("--segments-per-block", options.segments_per_block,
                   "Segments that share padding and the floor of --top-db; 0: all of a signal")
        ->capture_default_str()
        ->group(group);
    app.add_option("--segment-frames", options.frames, "Columns of a segment; as many as fit when left out")
        ->group(group);
    app.add_option("--frame-step", options.frame_step, "Frames from one column to the next, at least 1")
        ->capture_default_str()
        ->group(group);
    app.add_option("--hop-frames", options.hop_frames,
                   "Columns from one segment to the next, with --segments-per-block 0; 0: --segment-frames")
        ->capture_default_str()
        ->group(group);
}

/// Sets the columns of a segment to as many as its length holds, unless --segment-frames was given.
inline void fit_segment_frames(const CLI::App& app, const FeatureOptions& features, SegmentOptions& options) {
    if (app.get_option("--segment-frames")->count() > 0) return;
    const int block = std::max(1, options.segments_per_block);
    const double samples = options.seconds * block * features.sample_rate;
    const bool sane = features.hop_length > 0 && options.frame_step >= 1.0 && options.segments_per_block >= 0 &&
                      samples >= 1.0 && samples < 1e12;
    if (!sane) return;  // `validate` says what is wrong
    const double frames = static_cast<double>(frame_count(features, std::llround(samples)));
    const double columns = frames / (options.frame_step * block);
    options.frames = static_cast<int>(std::clamp(columns, 1.0, 1e9));
}

}  // namespace earmark::cli
