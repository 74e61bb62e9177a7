#include <algorithm>
#include <optional>
#include <variant>

#include "base/throw.hpp"
#include "cli/messages.hpp"
#include "cli/options.hpp"
#include "cli/progress.hpp"
#include "earmark/audio_files.hpp"
#include "earmark/classifier.hpp"
#include "earmark/commands/commands.hpp"
#include "earmark/prediction_text.hpp"
#include "formats/csv.hpp"

namespace earmark::commands {

namespace fs = std::filesystem;

namespace {

struct Options {
    std::vector<std::string> paths;
    std::string model;
    int top = 3;
    bool segments = false;
    std::string format = "table";
    int excerpts = 0;
    int jobs = 0;
    bool quiet = false;
};

class Writer {
  public:
    Writer(const Options& options, const Model& model) : options_(options), labels_(model.labels) {
        top_ = std::min<std::size_t>(options.top, labels_.size());
        if (model.calibration.threshold) {
            for (const std::string& label : labels_) first_width_ = std::max(first_width_, doubted(label).size());
        }
    }

    void begin() {
        if (options_.format != "csv") return;
        std::vector<std::string> header{"path", "duration_seconds", "genre", "probability", "uncertain"};
        if (options_.segments) header = {"path", "start_seconds", "end_seconds", "genre", "probability"};
        header.insert(header.end(), labels_.begin(), labels_.end());
        fmt::print("{}\n", formats::csv_line(header));
    }

    void write(const fs::path& path, const Classifier::Result& outcome) {
        if (const auto* error = std::get_if<Error>(&outcome)) {
            if (options_.format == "json") {
                fmt::print("{}\n", json_line(error_json(path, to_string(error->code()), error->what())));
            }
            return;
        }
        const Prediction& prediction = std::get<Prediction>(outcome);
        if (options_.format == "json") {
            fmt::print("{}\n", json_line(prediction_json(path, labels_, prediction)));
        } else if (options_.format == "csv") {
            write_csv(path, prediction);
        } else {
            write_table(path, prediction);
        }
    }

  private:
    void write_csv_row(std::vector<std::string> row, const std::vector<float>& probabilities,
                       std::optional<bool> uncertain) const {
        const auto best = std::ranges::max_element(probabilities) - probabilities.begin();
        row.push_back(labels_[best]);
        row.push_back(fmt::format("{:.4f}", probabilities[best]));
        if (uncertain) row.emplace_back(*uncertain ? "true" : "false");
        for (float probability : probabilities) row.push_back(fmt::format("{:.4f}", probability));
        fmt::print("{}\n", formats::csv_line(row));
    }

    void write_csv(const fs::path& path, const Prediction& prediction) const {
        if (!options_.segments) {
            write_csv_row({path.string(), fmt::format("{:.3f}", prediction.duration_seconds)}, prediction.probabilities,
                          prediction.uncertain);
            return;
        }
        for (const SegmentPrediction& segment : prediction.segments) {
            write_csv_row({path.string(), fmt::format("{:.3f}", segment.start_seconds),
                           fmt::format("{:.3f}", segment.end_seconds)},
                          segment.probabilities, {});
        }
    }

    std::string ranking(const std::vector<float>& probabilities, bool uncertain) const {
        Prediction view;
        view.probabilities = probabilities;
        std::string text;
        const std::vector<std::size_t> order = view.ranking();
        for (std::size_t i = 0; i < top_; ++i) {
            const std::string& label = labels_[order[i]];
            text +=
                fmt::format("{}{:<{}} {:>3.0f} %", i == 0 ? "" : "   ", i == 0 && uncertain ? doubted(label) : label,
                            i == 0 ? first_width_ : label_width, 100.0F * probabilities[order[i]]);
        }
        return text;
    }

    void write_table(const fs::path& path, const Prediction& prediction) const {
        fmt::print("{}  {}   {}\n", duration_text(prediction.duration_seconds),
                   ranking(prediction.probabilities, prediction.uncertain), cli::printable(path.string()));
        if (!options_.segments) return;
        for (const SegmentPrediction& segment : prediction.segments) {
            fmt::print("        {:>8.1f} to {:>8.1f} s  {}\n", segment.start_seconds, segment.end_seconds,
                       ranking(segment.probabilities, false));
        }
    }

    static constexpr std::size_t label_width = 9;

    const Options& options_;
    const std::vector<std::string>& labels_;
    std::size_t top_ = 0;
    std::size_t first_width_ = label_width;  // of the genre of the prediction
};

int classify(const Options& options) {
    const Classifier classifier(model_path(options.model));
    std::vector<std::pair<fs::path, Error>> missing;
    const std::vector<fs::path> files = find_audio_files(
        options.paths, [&](const fs::path& path, const Error& error) { missing.emplace_back(path, error); });
    Writer writer(options, classifier.model());
    writer.begin();
    bool all_good = true;
    cli::Progress progress("Listening", static_cast<std::int64_t>(files.size()), options.quiet || files.size() < 2);
    const auto deliver = [&](const fs::path& path, const Classifier::Result& outcome) {
        progress.clear();
        writer.write(path, outcome);
        if (const auto* error = std::get_if<Error>(&outcome)) {
            cli::report(error->what());
            all_good = false;
        } else if (!options.quiet) {
            cli::warn(path, std::get<Prediction>(outcome).warnings);
        }
    };
    for (const auto& [path, error] : missing) deliver(path, error);
    classifier.classify_all(files, {.excerpts = options.excerpts, .threads = options.jobs},
                            [&](std::size_t index, const Classifier::Result& outcome) {
                                deliver(files[index], outcome);
                                std::fflush(stdout);
                                progress.advance();
                            });
    progress.finish();
    return all_good ? 0 : 1;
}

}  // namespace

void add_classify(CLI::App& app, Run& run) {
    auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand("classify", "Name the genre of audio files");
    command->add_option("PATH", options->paths, "Audio files, or folders to search for them")->required();
    cli::add_model_option(*command, "--model", options->model);
    command->add_option("--top", options->top, "Genres to show of each file (table)")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    command->add_flag("--segments", options->segments, "Show the course over time (table, csv; json always has it)");
    command->add_option("--format", options->format, "table, json (one object a line) or csv")
        ->check(CLI::IsMember({"table", "json", "csv"}))
        ->capture_default_str();
    command
        ->add_option("--excerpts", options->excerpts,
                     "Hear only so many segments of each track, evenly spread over it; 0: all of it")
        ->check(CLI::Range(0, 1000000))
        ->capture_default_str();
    command
        ->add_option("--jobs", options->jobs,
                     "Threads; 0: one a core. Each hears a file; a last long one is shared by two")
        ->check(CLI::Range(0, 1024))
        ->capture_default_str();
    command->add_flag("--quiet", options->quiet, "No progress and no warnings");
    command->callback([options, &run] { run = [options] { return classify(*options); }; });
}

}  // namespace earmark::commands
