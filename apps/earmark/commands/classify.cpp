#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <variant>

#include "base/throw.hpp"
#include "cli/messages.hpp"
#include "cli/options.hpp"
#include "cli/output/records.hpp"
#include "cli/progress.hpp"
#include "earmark/audio_files.hpp"
#include "earmark/classifier.hpp"
#include "earmark/commands/commands.hpp"
#include "earmark/confinement.hpp"
#include "earmark/prediction_text.hpp"

namespace earmark::commands {

namespace fs = std::filesystem;
using cli::Cell;
using cli::Column;
using cli::ColumnKind;

namespace {

struct Options {
    std::vector<std::string> paths;
    std::string model;
    int top = 3;
    bool segments = false;
    cli::OutputOptions output;
    int excerpts = 0;
    int jobs = 0;
    bool confined = true;
    bool quiet = false;
};

/// Writes predictions in the format that was asked for.
class Writer {
  public:
    Writer(const Options& options, const Model& model)
        : options_(options),
          labels_(model.labels),
          others_(std::min<std::size_t>(options.top, labels_.size()) - 1),
          whole_seconds_(model.segments.seconds == std::floor(model.segments.seconds)),
          records_(options.output, columns(model)) {}

    void write(const fs::path& path, const Classifier::Result& outcome) {
        if (const auto* error = std::get_if<Error>(&outcome)) {
            records_.write_json(error_json(path, to_string(error->code()), cli::with_options(error->what())));
            return;
        }
        const Prediction& prediction = std::get<Prediction>(outcome);
        if (prediction.uncertain) ++uncertain_;
        switch (records_.format()) {
            case cli::OutputFormat::json:
                records_.write_json(prediction_json(path, labels_, prediction));
                break;
            case cli::OutputFormat::csv:
                write_csv(path, prediction);
                break;
            case cli::OutputFormat::table:
                write_table(path, prediction);
                break;
        }
    }

    void finish() { records_.finish(); }

    /// Explains the marks of the table; empty when it has none.
    std::string legend() const {
        if (records_.format() != cli::OutputFormat::table || uncertain_ == 0) return "";
        return "\"?\" after a genre: less probable than the model's threshold, see `earmark model`.";
    }

  private:
    std::vector<Column> columns(const Model& model) const {
        std::size_t longest = 0;
        for (const std::string& label : labels_) longest = std::max(longest, label.size());
        if (records_of_segments()) {
            std::vector<Column> columns{{"path", ColumnKind::path},
                                        {"start_seconds", ColumnKind::duration},
                                        {"end_seconds", ColumnKind::duration},
                                        {"genre"},
                                        {"probability", ColumnKind::probability}};
            for (const std::string& label : labels_) columns.push_back({label, ColumnKind::probability});
            return columns;
        }
        const std::size_t mark = model.calibration.threshold ? 1 : 0;
        std::vector<Column> columns{
            {.name = "path", .kind = ColumnKind::path, .formats = cli::in_csv},
            {.name = "duration_seconds",
             .kind = ColumnKind::duration,
             .heading = "time",
             .width = options_.segments ? (whole_seconds_ ? 11U : 15U) : 5U},
            {.name = "genre", .fit = cli::Fit::keep, .width = longest + mark},
            {.name = "probability", .kind = ColumnKind::probability, .heading = "prob.", .width = 5},
            {.name = "uncertain", .kind = ColumnKind::flag, .formats = cli::in_csv}};
        if (records_format_is_table()) {
            if (others_ > 0) {
                columns.push_back({.name = "others",
                                   .heading = "then",
                                   .formats = cli::in_table,
                                   .fit = cli::Fit::below,
                                   .width = others_ * (longest + 7) - 2});
            }
            columns.push_back({.name = "path", .kind = ColumnKind::path, .heading = "file", .formats = cli::in_table});
        } else {
            for (const std::string& label : labels_) columns.push_back({label, ColumnKind::probability});
        }
        return columns;
    }

    bool records_format_is_table() const { return options_.output.format == cli::OutputFormat::table; }
    bool records_of_segments() const { return options_.segments && options_.output.format == cli::OutputFormat::csv; }

    static void append_probabilities(cli::RecordWriter::Record& record, const std::vector<float>& probabilities) {
        for (const float probability : probabilities) record.emplace_back(probability);
    }

    void write_csv(const fs::path& path, const Prediction& prediction) {
        if (!options_.segments) {
            const std::size_t best = prediction.best();
            cli::RecordWriter::Record record{path.string(), prediction.duration_seconds, labels_[best],
                                             prediction.probabilities[best], prediction.uncertain};
            append_probabilities(record, prediction.probabilities);
            records_.write(std::move(record));
            return;
        }
        for (const SegmentPrediction& segment : prediction.segments) {
            const auto best = std::ranges::max_element(segment.probabilities) - segment.probabilities.begin();
            cli::RecordWriter::Record record{path.string(), segment.start_seconds, segment.end_seconds, labels_[best],
                                             segment.probabilities[best]};
            append_probabilities(record, segment.probabilities);
            records_.write(std::move(record));
        }
    }

    cli::RecordWriter::Record row(const std::string& path, Cell time, const std::vector<float>& probabilities,
                                  bool uncertain) const {
        Prediction view;
        view.probabilities = probabilities;
        const std::vector<std::size_t> order = view.ranking();
        const std::string& label = labels_[order.front()];
        cli::RecordWriter::Record record{
            {}, std::move(time), Cell(uncertain ? doubted(label) : label), probabilities[order.front()], {}};
        if (uncertain) record[2].styled(cli::Style::doubtful);
        if (others_ > 0) {
            std::string others;
            for (std::size_t i = 1; i <= others_; ++i) {
                others += fmt::format("{}{} {}", i == 1 ? "" : ", ", labels_[order[i]],
                                      percent_text(probabilities[order[i]]));
            }
            record.push_back(Cell(others).styled(cli::Style::faint));
        }
        record.emplace_back(path);
        return record;
    }

    std::string moment(double seconds) const {
        return whole_seconds_ ? cli::clock_time(seconds) : fmt::format("{:.1f}", seconds);
    }

    void write_table(const fs::path& path, const Prediction& prediction) {
        records_.write(row(path.string(), prediction.duration_seconds, prediction.probabilities, prediction.uncertain));
        if (!options_.segments) return;
        for (const SegmentPrediction& segment : prediction.segments) {
            const std::string time = fmt::format("{}–{}{}", moment(segment.start_seconds), moment(segment.end_seconds),
                                                 whole_seconds_ ? "" : " s");
            records_.write(row("", Cell(segment.start_seconds).shows(time), segment.probabilities, false));
        }
    }

    const Options& options_;
    const std::vector<std::string>& labels_;
    std::size_t others_ = 0;  ///< genres to show besides the most probable
    bool whole_seconds_ = false;
    std::int64_t uncertain_ = 0;
    cli::RecordWriter records_;
};

/// The path that means standard input; a file of this name is given as "./-".
constexpr const char* standard_input = "-";

std::size_t read_standard_input(std::span<std::byte> buffer) {
    for (;;) {
        const ssize_t count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
        if (count >= 0) return static_cast<std::size_t>(count);
        if (errno != EINTR) {
            base::fail(ErrorCode::unreadable, "standard input: cannot be read ({}). Check the command before the pipe.",
                       std::strerror(errno));
        }
    }
}

Classifier::Result classify_standard_input(const Classifier& classifier, const Options& options) {
    try {
        return classifier.classify(read_standard_input,
                                   {.excerpts = options.excerpts, .jobs = options.jobs, .name = "standard input"});
    } catch (const Error& error) {
        return error;
    }
}

int classify(const Options& options) {
    std::vector<std::pair<fs::path, Error>> missing;
    std::vector<std::string> paths = options.paths;
    const bool from_input = std::erase(paths, standard_input) > 0;
    const std::vector<fs::path> files =
        find_audio_files(paths, [&](const fs::path& path, const Error& error) { missing.emplace_back(path, error); });
    TrackOpener tracks(options.confined && files.size() > 1);
    const Classifier classifier(model_path(options.model));
    Writer writer(options, classifier.model());
    bool all_good = true;
    cli::ProgressBar progress("Analyzing", static_cast<std::int64_t>(files.size()), options.quiet || files.size() < 2);
    const auto deliver = [&](const fs::path& path, const Classifier::Result& outcome) {
        progress.clear();
        writer.write(path, outcome);
        if (const auto* error = std::get_if<Error>(&outcome)) {
            cli::report(*error);
            all_good = false;
        } else if (!options.quiet) {
            cli::warn(path, std::get<Prediction>(outcome).warnings);
        }
    };
    for (const auto& [path, error] : missing) deliver(path, error);
    if (from_input) deliver(standard_input, classify_standard_input(classifier, options));
    classifier.classify_all(
        files, {.excerpts = options.excerpts, .jobs = options.jobs},
        [&](std::size_t index, const Classifier::Result& outcome) {
            deliver(files[index], outcome);
            std::fflush(stdout);
            progress.advance();
        },
        [&](const fs::path& file, const AudioOptions& audio) { return tracks(file)->open_audio(audio.sample_rate); });
    progress.finish();
    if (!options.quiet) tracks.report_missing_protections();
    writer.finish();
    if (!options.quiet && !writer.legend().empty()) {
        std::fflush(stdout);
        cli::report(writer.legend());
    }
    return all_good ? 0 : 1;
}

}  // namespace

void add_classify(CLI::App& app, Run& run) {
    auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand("classify", "Predict the genre of audio files");
    command->add_option("PATH", options->paths, "Audio files, folders to search for them, or - for standard input")
        ->required();
    cli::add_model_option(*command, "--model", options->model);
    command->add_option("--top", options->top, "Genres to show of each file (table)")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    command->add_flag("--segments", options->segments,
                      "Show the prediction over time, a line a segment (table, csv; json always has it)");
    cli::add_output_options(*command, options->output);
    command->add_option("--excerpts", options->excerpts, "Analyze only N evenly spaced segments of each track; 0: all")
        ->check(CLI::Range(0, 1000000))
        ->capture_default_str();
    command
        ->add_option("--jobs", options->jobs,
                     "Threads; 0: one a core. Each analyzes a file; a last long one is shared by two")
        ->check(CLI::Range(0, 1024))
        ->capture_default_str();
    add_confinement_option(*command, options->confined);
    command->add_flag("--quiet", options->quiet, "No progress, no warnings and no notes");
    command->callback([options, &run] { run = [options] { return classify(*options); }; });
}

}  // namespace earmark::commands
