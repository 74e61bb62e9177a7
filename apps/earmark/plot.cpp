#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "commands.hpp"
#include "common/messages.hpp"
#include "common/options.hpp"
#include "core/throw.hpp"
#include "earmark/audio.hpp"
#include "earmark/classifier.hpp"
#include "earmark/features.hpp"
#include "report/figure.hpp"
#include "report/signal_figures.hpp"

namespace earmark::commands {

namespace {

struct Options {
    std::string file;
    std::string output;
    std::vector<std::string> kinds;
    double start = 0.0;
    std::optional<double> duration;
    double width = 900.0;
    double height = 0.0;
    std::optional<std::string> title;
    std::string model;
    FeatureOptions features;
    bool quiet = false;
};

constexpr std::string_view genres = "genres";

FeatureOptions of_kind(FeatureOptions options, FeatureKind kind) {
    options.kind = kind;
    return options;
}

/// Frames that only count towards the maximum.
class Discard : public FeatureStream::Sink {
  public:
    void frame(std::span<const float>) override {}
};

class ToPanel : public FeatureStream::Sink {
  public:
    explicit ToPanel(FeaturePanel& panel) : panel_(panel) {}
    void frame(std::span<const float> values) override { panel_.frames.push(values); }

  private:
    FeaturePanel& panel_;
};

/// A feature panel and the stream that fills it.
struct Course {
    Course(FeaturePanel& panel, std::optional<float> maximum) : sink(panel), stream(panel.options, maximum) {}

    ToPanel sink;
    FeatureStream stream;
};

class Plot {
  public:
    explicit Plot(const Options& options) : options_(options) {}

    int run() {
        for (const std::string& kind : options_.kinds) {
            if (kind != genres) validate(of_kind(options_.features, feature_kind(kind)));
        }
        // Said before the work, not after it.
        report::check_figure_path(options_.output);
        figure_.title = options_.title.value_or(std::filesystem::path(options_.file).filename().string());
        figure_.width = options_.width;
        figure_.height = options_.height;
        figure_.time.start = options_.start;
        std::optional<Classifier> classifier;
        if (std::ranges::find(options_.kinds, genres) != options_.kinds.end()) {
            classifier.emplace(options_.model.empty() ? default_model_path() : std::filesystem::path(options_.model));
        }
        add_panels();
        hear();
        if (classifier) judge(*classifier);
        save_signal_figure(options_.output, figure_);
        if (!options_.quiet) warn(options_.file, warnings_);
        return 0;
    }

  private:
    void add_panels() {
        for (const std::string& kind : options_.kinds) {
            if (kind == genres) {
                figure_.panels.emplace_back(GenrePanel{});
            } else if (kind == to_string(FeatureKind::waveform)) {
                figure_.panels.emplace_back(WaveformPanel{.sample_rate = options_.features.sample_rate});
            } else {
                figure_.panels.emplace_back(FeaturePanel(of_kind(options_.features, feature_kind(kind))));
            }
        }
    }

    /// Hands the samples of the stretch to `take`. @return their number
    template <typename Take>
    std::int64_t read_stretch(Take take) {
        AudioReader reader(options_.file, {.sample_rate = options_.features.sample_rate});
        const double rate = reader.sample_rate();
        const auto whole = static_cast<double>(std::numeric_limits<std::int64_t>::max() / 4);
        const std::int64_t begin = std::llround(std::min(options_.start * rate, whole));
        const std::int64_t wanted =
            options_.duration ? std::max<std::int64_t>(1, std::llround(std::min(*options_.duration * rate, whole)))
                              : std::numeric_limits<std::int64_t>::max() / 4;
        std::int64_t position = 0;
        std::int64_t taken = 0;
        while (taken < wanted) {
            const std::span<const float> samples = reader.read();
            if (samples.empty()) break;
            const auto size = static_cast<std::int64_t>(samples.size());
            const std::int64_t from = std::clamp<std::int64_t>(begin - position, 0, size);
            const std::int64_t to = std::clamp<std::int64_t>(begin + wanted - position, from, size);
            if (to > from) take(samples.subspan(from, to - from));
            taken += to - from;
            position += size;
        }
        if (taken == 0) {
            fail(ErrorCode::bad_option, "{}: is only {:.3f} s long. Choose an earlier --start.", options_.file,
                 static_cast<double>(position) / rate);
        }
        add_warnings(reader.warnings());
        return taken;
    }

    /// Fills all panels but the genres'.
    void hear() {
        std::vector<WaveformPanel*> waveforms;
        std::vector<Course> first;
        std::vector<FeaturePanel*> later;
        for (SignalPanel& panel : figure_.panels) {
            if (auto* waveform = std::get_if<WaveformPanel>(&panel)) waveforms.push_back(waveform);
            if (auto* features = std::get_if<FeaturePanel>(&panel)) {
                if (needs_maximum_power(features->options)) {
                    later.push_back(features);
                } else {
                    first.emplace_back(*features, std::nullopt);
                }
            }
        }
        if (waveforms.empty() && first.empty() && later.empty()) return;

        std::optional<FeatureStream> maximum;
        if (!later.empty()) maximum.emplace(of_kind(options_.features, FeatureKind::mel));
        Discard discard;
        const std::int64_t samples = read_stretch([&](std::span<const float> piece) {
            for (WaveformPanel* waveform : waveforms) waveform->envelope.push(piece);
            for (Course& course : first) course.stream.push(piece, course.sink);
            if (maximum) maximum->push(piece, discard);
        });
        figure_.time.end = options_.start + static_cast<double>(samples) / options_.features.sample_rate;
        for (Course& course : first) course.stream.finish(course.sink);
        if (!maximum) return;

        maximum->finish(discard);
        std::vector<Course> second;
        for (FeaturePanel* panel : later) second.emplace_back(*panel, maximum->maximum_power());
        read_stretch([&](std::span<const float> piece) {
            for (Course& course : second) course.stream.push(piece, course.sink);
        });
        for (Course& course : second) course.stream.finish(course.sink);
    }

    /// Fills the genres' panels: the segments of the whole file, as `earmark classify` hears it, that touch the
    /// stretch.
    void judge(const Classifier& classifier) {
        const Verdict verdict = classifier.classify(std::filesystem::path(options_.file));
        add_warnings(verdict.warnings);
        if (figure_.time.end == 0.0) {
            figure_.time.end = std::min(verdict.duration_seconds,
                                        options_.start + options_.duration.value_or(verdict.duration_seconds));
        }
        if (!(figure_.time.end > figure_.time.start)) {
            fail(ErrorCode::bad_option, "{}: is only {:.3f} s long. Choose an earlier --start.", options_.file,
                 verdict.duration_seconds);
        }
        for (SignalPanel& panel : figure_.panels) {
            auto* genre_panel = std::get_if<GenrePanel>(&panel);
            if (genre_panel == nullptr) continue;
            genre_panel->labels = classifier.labels();
            for (const SegmentVerdict& segment : verdict.segments) {
                if (segment.end_seconds > figure_.time.start && segment.start_seconds < figure_.time.end) {
                    genre_panel->segments.push_back(segment);
                }
            }
        }
    }

    /// The file is read more than once; each warning is given once.
    void add_warnings(const std::vector<std::string>& warnings) {
        for (const std::string& warning : warnings) {
            if (std::ranges::find(warnings_, warning) == warnings_.end()) warnings_.push_back(warning);
        }
    }

    const Options& options_;
    SignalFigure figure_;
    std::vector<std::string> warnings_;
};

}  // namespace

void add_plot(CLI::App& app, Run& run) {
    auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand("plot", "Draw an audio file: waveform and MFCCs, or other views of it");
    command->add_option("FILE", options->file, "Audio file")->required();
    command->add_option("--output", options->output, "Picture to write: .svg or .png")->required();
    command
        ->add_option("--kind", options->kinds,
                     "waveform, spectrogram, mel, logmel, mfcc or genres (the verdict over time); given several times: "
                     "that many panels, in that order")
        ->check(CLI::IsMember({"waveform", "spectrogram", "mel", "logmel", "mfcc", "genres"}))
        ->allow_extra_args(false)
        ->default_str("waveform, mfcc");
    command->add_option("--start", options->start, "Where the picture begins, seconds")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    command->add_option("--duration", options->duration, "Seconds to draw; left out: to the end")
        ->check(CLI::PositiveNumber);
    command->add_option("--width", options->width, "Width of the picture, points (PNG: two pixels each)")
        ->check(CLI::Range(100.0, 10000.0))
        ->capture_default_str();
    command->add_option("--height", options->height, "Height, points; left out: what suits the panels")
        ->check(CLI::Range(100.0, 10000.0));
    command->add_option("--title", options->title, "Left out: the name of the file; empty: none");
    command->add_option("--model", options->model,
                        "Model file for genres; left out: $EARMARK_MODEL, else the one that ships");
    add_feature_options(*command, options->features);
    command->add_flag("--quiet", options->quiet, "No warnings");
    command->callback([options, &run] {
        if (options->kinds.empty()) options->kinds = {"waveform", "mfcc"};
        run = [options] { return Plot(*options).run(); };
    });
}

}  // namespace earmark::commands
