#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "base/throw.hpp"
#include "cli/messages.hpp"
#include "cli/options.hpp"
#include "earmark/commands/commands.hpp"
#include "earmark/library_options.hpp"
#include "earmark/model.hpp"
#include "earmark/prediction_text.hpp"
#include "files/atomic_file.hpp"
#include "formats/csv.hpp"
#include "formats/npy.hpp"
#include "library/index/listing.hpp"

namespace earmark::commands {

namespace fs = std::filesystem;

namespace {

struct Options {
    std::string index;
    std::string model;
    std::string what = "embeddings";
    std::string format;
    std::string output;
    bool quiet = false;
    library::TrackQuery list;
};

/// A CSV file that appears whole or not at all.
class CsvWriter {
  public:
    CsvWriter(const fs::path& path, const std::vector<std::string>& header) : file_(path) { write(header); }

    void write(const std::vector<std::string>& row) { file_.write(formats::csv_line(row) + "\n"); }
    void commit() { file_.commit(); }

  private:
    files::AtomicFile file_;
};

std::vector<std::string> describe(const library::TrackDetails& entry) {
    const library::TrackTags tags = entry.content ? entry.content->tags : library::TrackTags();
    const Prediction& prediction = *entry.prediction;
    return {entry.path.string(),
            tags.artist,
            tags.title,
            fmt::format("{}", fmt::join(entry.tag_genres, "; ")),
            library::genre_of(entry),
            fmt::format("{}", static_cast<float>(entry.probability)),
            prediction.uncertain ? "true" : "false",
            fmt::format("{:.3f}", prediction.duration_seconds)};
}

const std::vector<std::string> description{"path",  "artist",      "title",     "tag_genres",
                                           "genre", "probability", "uncertain", "duration_seconds"};

/// Writes a row of numbers for each track.
class Exporter {
  public:
    Exporter(const Options& options, const library::IndexedModel& model)
        : options_(options), model_(model), npy_(options.format == "npy") {}

    void write(const library::TrackDetails& entry) {
        if (!entry.prediction || entry.prediction->embedding.empty()) {
            ++left_out_;
            return;
        }
        const bool embeddings = options_.what == "embeddings";
        const std::vector<float>& values = embeddings ? entry.prediction->embedding : entry.prediction->probabilities;
        if (rows_ == 0) begin(values.size());
        if (values.size() != size_) {
            base::fail(
                ErrorCode::corrupt,
                "{}: the index holds {} values of this file and {} of others. Move the index away and scan anew.",
                entry.path.string(), values.size(), size_);
        }
        ++rows_;
        std::vector<std::string> row = describe(entry);
        if (npy_) {
            numbers_->append(values);
        } else {
            for (const float value : values) row.push_back(fmt::format("{}", value));
        }
        tracks_->write(row);
    }

    /// The table of tracks is written first, so that the array never exists without it.
    void commit() {
        tracks_->commit();
        if (numbers_) numbers_->commit();
    }

    fs::path tracks_path() const {
        fs::path path = options_.output;
        return npy_ ? path.replace_extension(".csv") : path;
    }
    std::int64_t rows() const { return rows_; }
    std::int64_t left_out() const { return left_out_; }
    std::size_t size() const { return size_; }

  private:
    void begin(std::size_t size) {
        size_ = size;
        std::vector<std::string> header = description;
        if (npy_) {
            numbers_.emplace(options_.output, std::vector{static_cast<std::int64_t>(size)});
        } else if (options_.what == "embeddings") {
            for (std::size_t i = 0; i < size; ++i) header.push_back(fmt::format("embedding_{}", i));
        } else {
            for (const std::string& label : model_.labels) header.push_back("probability_" + label);
        }
        tracks_.emplace(tracks_path(), header);
    }

    const Options& options_;
    const library::IndexedModel& model_;
    bool npy_;
    std::size_t size_ = 0;
    std::int64_t rows_ = 0;
    std::int64_t left_out_ = 0;
    std::optional<formats::NpyWriter> numbers_;
    std::optional<CsvWriter> tracks_;
};

int run_export(Options options) {
    const std::string extension = fs::path(options.output).extension().string();
    if (options.format.empty() && (extension == ".npy" || extension == ".csv")) options.format = extension.substr(1);
    if (options.format.empty()) {
        base::fail(ErrorCode::bad_option, "{}: end the name with .npy or .csv, or give --format.", options.output);
    }
    if (options.format == "npy" && extension == ".csv") {
        base::fail(ErrorCode::bad_option, "{}: the table of tracks would have this name. End the name with .npy.",
                   options.output);
    }
    library::Index index = open_index(options.index);
    const auto model =
        library::choose_model(index, options.model.empty() ? std::nullopt : std::optional(model_path(options.model)));
    options.list.model = model->id;
    Exporter exporter(options, *model);
    library::list(index, options.list, [&](const library::TrackDetails& entry) { exporter.write(entry); });
    if (exporter.left_out() > 0 && !options.quiet) {
        cli::report(
            fmt::format("left out: {} that another model or an older Earmark analyzed. `earmark scan` analyzes them "
                        "again.",
                        exporter.left_out()));
    }
    if (exporter.rows() == 0) {
        base::fail(ErrorCode::not_found, "nothing was written: {}", no_match_text(options.list));
    }
    exporter.commit();
    if (!options.quiet) {
        const std::string tracks =
            options.format == "npy" ? fmt::format("; tracks: {}", exporter.tracks_path().string()) : "";
        cli::note(fmt::format("{} {}, {} values each: {}{}", exporter.rows(), exporter.rows() == 1 ? "track" : "tracks",
                              exporter.size(), options.output, tracks));
    }
    return 0;
}

}  // namespace

void add_export(CLI::App& app, Run& run) {
    auto options = std::make_shared<Options>();
    CLI::App* command =
        app.add_subcommand("export", "Write embeddings or probabilities of the index for other programs");
    command
        ->add_option("--what", options->what,
                     "embeddings: where the network puts each track among all music; or probabilities of the genres")
        ->check(CLI::IsMember({"embeddings", "probabilities"}))
        ->capture_default_str();
    command->add_option("--output", options->output, "File to write: .npy or .csv")->type_name("FILE")->required();
    command
        ->add_option(
            "--format", options->format,
            "npy: a NumPy array, with a CSV file of the tracks beside it; csv: all in one; left out: by the name")
        ->check(CLI::IsMember({"npy", "csv"}));
    add_search_options(*command, options->list);
    cli::add_model_option(*command, "--model", options->model);
    cli::add_index_option(*command, options->index);
    command->add_flag("--quiet", options->quiet, "No notes and no summary");
    command->footer(
        "Rows are in the order of paths. Probabilities are in the order of the model's genres, see `earmark model`.\n"
        "--model says whose numbers are meant where the index has those of several models.");
    command->callback([options, &run] { run = [options] { return run_export(*options); }; });
}

}  // namespace earmark::commands
