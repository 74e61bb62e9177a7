#include <algorithm>
#include <optional>

#include "base/throw.hpp"
#include "cli/messages.hpp"
#include "cli/options.hpp"
#include "earmark/classifier.hpp"
#include "earmark/commands/commands.hpp"
#include "earmark/features.hpp"
#include "plot/charts/figure.hpp"
#include "plot/signal/load_signal.hpp"
#include "plot/signal/signal_figures.hpp"

namespace earmark::commands {

namespace {

struct Options {
    std::vector<std::string> files;
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
constexpr std::string_view tags = "tags";

bool asks_model(const std::string& kind) {
    return kind == genres || kind == tags;
}

class Plot {
  public:
    explicit Plot(const Options& options) : options_(options) {}

    int run() {
        sheet_.width = options_.width;
        sheet_.height = options_.height;
        for (const std::string& file : options_.files) add_column(file);
        // Said before the work, not after it.
        plot::check_figure_path(options_.output);
        std::optional<Classifier> classifier;
        if (std::ranges::any_of(options_.kinds, asks_model)) classifier.emplace(model_path(options_.model));
        if (classifier && std::ranges::find(options_.kinds, genres) != options_.kinds.end() &&
            classifier->model().activation == Activation::sigmoid) {
            base::fail(ErrorCode::bad_option, "{}: gives many labels at once, not one genre. Draw the kind tags.",
                       classifier->model().name);
        }
        const plot::TimeRange time_range{options_.start, options_.duration};
        for (std::size_t i = 0; i < options_.files.size(); ++i) {
            warnings_.push_back(plot::load_signal(options_.files[i], time_range, sheet_.columns[i]));
            if (classifier) predictor(*classifier, i);
        }
        plot::save_signal_sheet(options_.output, sheet_);
        if (options_.quiet) return 0;
        for (std::size_t i = 0; i < options_.files.size(); ++i) cli::warn(options_.files[i], warnings_[i]);
        return 0;
    }

  private:
    /// One file gives the picture its title, several give one each to their columns.
    void add_column(const std::string& file) {
        const std::string name = std::filesystem::path(file).filename().string();
        const bool alone = options_.files.size() == 1;
        sheet_.title = options_.title.value_or(alone ? name : "");
        plot::SignalFigure& column = sheet_.columns.emplace_back();
        if (!alone) column.title = name;
        column.time.start = options_.start;
        for (const std::string& kind : options_.kinds) {
            if (kind == genres) {
                column.panels.emplace_back(plot::GenrePanel{});
            } else if (kind == tags) {
                column.panels.emplace_back(plot::TagPanel{});
            } else {
                column.panels.push_back(plot::make_panel(kind, options_.features));
            }
        }
    }

    /// Fills the panels of genres and tags: the segments of the whole file, as `earmark classify` analyzes it, that touch the
    /// stretch.
    void predictor(const Classifier& classifier, std::size_t index) {
        const std::string& file = options_.files[index];
        plot::SignalFigure& figure = sheet_.columns[index];
        const Prediction prediction = classifier.classify(std::filesystem::path(file));
        // The file is read more than once; each warning is given once.
        for (const std::string& warning : prediction.warnings) {
            if (std::ranges::find(warnings_[index], warning) == warnings_[index].end()) {
                warnings_[index].push_back(warning);
            }
        }
        if (figure.time.end == 0.0) {
            figure.time.end = std::min(prediction.duration_seconds,
                                       options_.start + options_.duration.value_or(prediction.duration_seconds));
        }
        if (!(figure.time.end > figure.time.start)) {
            base::fail(ErrorCode::bad_option, "{}: is only {:.3f} s long. Choose an earlier start.", file,
                       prediction.duration_seconds);
        }
        for (plot::SignalPanel& panel : figure.panels) {
            const auto fill = [&](auto& with_labels) {
                with_labels.labels = classifier.labels();
                for (const SegmentPrediction& segment : prediction.segments) {
                    if (segment.end_seconds > figure.time.start && segment.start_seconds < figure.time.end) {
                        with_labels.segments.push_back(segment);
                    }
                }
            };
            if (auto* genre_panel = std::get_if<plot::GenrePanel>(&panel)) fill(*genre_panel);
            if (auto* tag_panel = std::get_if<plot::TagPanel>(&panel)) fill(*tag_panel);
        }
    }

    const Options& options_;
    plot::SignalSheet sheet_;
    std::vector<std::vector<std::string>> warnings_;  // of each file
};

}  // namespace

void add_plot(CLI::App& app, Run& run) {
    auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand("plot", "Draw audio files: waveform and MFCCs, or other views of them");
    command->add_option("FILE", options->files, "Audio files; several are drawn side by side, on the same scales")
        ->required();
    command->add_option("--output", options->output, "Picture to write: .svg or .png")->required()->type_name("FILE");
    command
        ->add_option(
            "--kind", options->kinds,
            "waveform, spectrogram, mel, logmel, mfcc, genres or tags (the prediction over time, of one FILE); given "
            "several times: a panel each, in that order")
        ->check(CLI::IsMember({"waveform", "spectrogram", "mel", "logmel", "mfcc", "genres", "tags"}))
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
    command->add_option("--title", options->title, "Left out: the name of the file, of several none; empty: none")
        ->type_name("TITLE");
    cli::add_model_option(*command, "--model", options->model);
    cli::add_feature_options(*command, options->features);
    command->add_flag("--quiet", options->quiet, "No warnings");
    command->callback([options, &run] {
        if (options->kinds.empty()) options->kinds = {"waveform", "mfcc"};
        const auto predicted = std::ranges::find_if(options->kinds, asks_model);
        if (options->files.size() > 1 && predicted != options->kinds.end()) {
            throw CLI::ValidationError("--kind " + *predicted, "is drawn for one FILE");
        }
        run = [options] { return Plot(*options).run(); };
    });
}

}  // namespace earmark::commands
