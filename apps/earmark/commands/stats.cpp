#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "cli/guard.hpp"
#include "cli/messages.hpp"
#include "cli/options.hpp"
#include "cli/output/records.hpp"
#include "earmark/commands/commands.hpp"
#include "earmark/library_options.hpp"
#include "earmark/prediction_text.hpp"
#include "library/index/statistics.hpp"
#include "plot/charts/library_figure.hpp"

namespace earmark::commands {

namespace fs = std::filesystem;
using cli::Cell;
using cli::ColumnKind;
using nlohmann::ordered_json;

namespace {

struct Options {
    std::vector<std::string> folders;
    std::string index;
    cli::OutputOptions output;
    std::string figure;
    std::string title = "Music library";
    std::size_t tags = 20;
    library::TrackQuery list;
};

double share(std::int64_t part, std::int64_t whole) {
    return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0.0;
}

double hours(const library::Totals& totals) {
    return totals.seconds / 3600.0;
}

/// "137:05", hours and minutes.
std::string hours_text(const library::Totals& totals) {
    const auto minutes = std::llround(totals.seconds / 60.0);
    return fmt::format("{}:{:02}", minutes / 60, minutes % 60);
}

std::string agreement_text(const library::Agreement& agreement) {
    return fmt::format("{} of {} ({:.0f} %)", agreement.agree, agreement.files,
                       100.0 * share(agreement.agree, agreement.files));
}

class Printer {
  public:
    Printer(const Options& options, const library::LibraryStatistics& statistics)
        : options_(options), statistics_(statistics) {}

    /// A row a genre: as a table, or as CSV.
    void genres() const {
        const unsigned data = cli::in_data;
        cli::RecordWriter writer(
            options_.output, {{"genre", ColumnKind::text, "", cli::everywhere, cli::Fit::keep},
                              {"files", ColumnKind::integer},
                              {"share", ColumnKind::probability, "", cli::everywhere, cli::Fit::drop, 0, 1},
                              {"hours", ColumnKind::number, "", data, cli::Fit::automatic, 0, 4},
                              {"time", ColumnKind::duration, "h:mm", cli::in_table, cli::Fit::drop},
                              {"mean_probability", ColumnKind::probability, "prob.", cli::everywhere, cli::Fit::drop},
                              {"uncertain", ColumnKind::integer, "", cli::everywhere, cli::Fit::drop},
                              {"tag_agrees", ColumnKind::integer, "tag agrees"},
                              {"tag_otherwise", ColumnKind::integer, "differs"},
                              {"untagged", ColumnKind::integer, "no tag"}});
        for (const library::GenreStatistics& genre : statistics_.genres) {
            cli::RecordWriter::Record record{genre.genre, genre.all.files,
                                             share(genre.all.files, statistics_.analyzed.files), hours(genre.all)};
            record.push_back(Cell(genre.all.seconds).shows(hours_text(genre.all)));
            record.push_back(genre.all.files > 0 ? Cell(genre.probability) : Cell("").shows("-"));
            for (const library::Totals* totals : {&genre.uncertain, &genre.agrees, &genre.otherwise, &genre.untagged}) {
                record.emplace_back(totals->files);
            }
            writer.write(std::move(record));
        }
        writer.finish();
    }

    void table() const {
        const library::LibraryStatistics& all = statistics_;
        genres();
        if (all.tagged.files > 0) tags();
        if (!all.labels.empty()) labels();
        fmt::print("\n");
        const std::string not_music =
            all.not_music.files > 0 ? fmt::format(" {} no music,", all.not_music.files) : std::string();
        cli::print_wrapped(fmt::format("{} {}, {} h;{} {} without a genre tag, {} failed, {} missing",
                                       all.analyzed.files, all.analyzed.files == 1 ? "file" : "files",
                                       hours_text(all.analyzed), not_music, all.untagged, all.failed, all.missing));
        if (all.tagged.files == 0) return;
        cli::print_wrapped(fmt::format("With a genre tag: {} agree with the prediction.", agreement_text(all.tagged)));
        cli::print_wrapped(
            fmt::format("With a tag that names one of these genres: {} agree; of the certain predictions {}.",
                        agreement_text(all.known), agreement_text(all.known_sure)));
    }

    void json() const {
        const library::LibraryStatistics& all = statistics_;
        ordered_json json = {{"files", all.analyzed.files},    {"hours", hours(all.analyzed)},
                             {"failed", all.failed},           {"missing", all.missing},
                             {"untagged", all.untagged},       {"not_music", all.not_music.files},
                             {"genres", ordered_json::array()}};
        for (const library::GenreStatistics& genre : all.genres) {
            ordered_json row = {{"genre", genre.genre},
                                {"files", genre.all.files},
                                {"share", share(genre.all.files, all.analyzed.files)},
                                {"hours", hours(genre.all)}};
            if (genre.all.files > 0) row["mean_probability"] = genre.probability;
            row["uncertain"] = genre.uncertain.files;
            row["tag_agrees"] = genre.agrees.files;
            row["tag_otherwise"] = genre.otherwise.files;
            row["untagged"] = genre.untagged.files;
            json["genres"].push_back(std::move(row));
        }
        json["tagged"] = agreement_json(all.tagged);
        json["tagged_with_known_genre"] = agreement_json(all.known);
        json["tagged_with_known_genre_certain"] = agreement_json(all.known_sure);
        json["tags"] = ordered_json::array();
        for (const library::TagStatistics& tag : shown_tags()) {
            json["tags"].push_back({{"tag", tag.tag}, {"files", tag.files}, {"predictions", tag.predictions}});
        }
        json["labels"] = ordered_json::array();
        for (const library::LabelStatistics& label : all.labels) {
            json["labels"].push_back({{"label", label.label},
                                      {"group", to_string(label.group)},
                                      {"files", label.all.files},
                                      {"hours", hours(label.all)}});
        }
        fmt::print("{}\n", json_line(json));
    }

  private:
    static ordered_json agreement_json(const library::Agreement& agreement) {
        return {{"files", agreement.files}, {"agree", agreement.agree}};
    }

    std::span<const library::TagStatistics> shown_tags() const {
        return std::span(statistics_.tags).first(std::min(options_.tags, statistics_.tags.size()));
    }

    /// The commonest moods and tags that models of many labels give.
    void labels() const {
        fmt::print("\n");
        cli::RecordWriter writer(options_.output,
                                 {{"label", ColumnKind::text, "analyzed tag"},
                                  {"group", ColumnKind::text},
                                  {"files", ColumnKind::integer},
                                  {"time", ColumnKind::duration, "h:mm", cli::in_table, cli::Fit::drop}});
        for (const bool moods : {true, false}) {
            std::size_t shown = 0;
            for (const library::LabelStatistics& label : statistics_.labels) {
                if ((label.group == LabelGroup::mood) != moods || shown == options_.tags) continue;
                ++shown;
                writer.write({label.label, std::string(to_string(label.group)), label.all.files,
                              Cell(label.all.seconds).shows(hours_text(label.all))});
            }
        }
        writer.finish();
    }

    /// How the files of the commonest tags were analyzed.
    void tags() const {
        std::vector<cli::Column> columns{{"tag", ColumnKind::text}, {"files", ColumnKind::integer}};
        for (const library::GenreStatistics& genre : statistics_.genres) {
            columns.push_back({genre.genre, ColumnKind::integer});
        }
        fmt::print("\n");
        cli::RecordWriter writer(options_.output, std::move(columns));
        for (const library::TagStatistics& tag : shown_tags()) {
            cli::RecordWriter::Record record{tag.tag, tag.files};
            for (const library::GenreStatistics& genre : statistics_.genres) {
                const auto found = tag.predictions.find(genre.genre);
                record.push_back(found != tag.predictions.end() ? Cell(found->second) : Cell("").shows("·"));
            }
            writer.write(std::move(record));
        }
        writer.finish();
    }

    const Options& options_;
    const library::LibraryStatistics& statistics_;
};

int run_stats(Options options) {
    if (!options.figure.empty()) plot::check_figure_path(options.figure);
    for (const std::string& folder : options.folders) options.list.folders.push_back(files::normal_path(folder));
    library::Index index = open_index(options.index);
    const library::LibraryStatistics statistics = library::library_statistics(index, options.list);
    if (statistics.analyzed.files == 0 && statistics.failed == 0) cli::report(no_match_text(options.list));
    const Printer printer(options, statistics);
    switch (options.output.format) {
        case cli::OutputFormat::json:
            printer.json();
            break;
        case cli::OutputFormat::csv:
            printer.genres();
            break;
        case cli::OutputFormat::table:
            printer.table();
            break;
    }
    if (!options.figure.empty()) plot::save_library_figure(options.figure, options.title, statistics);
    return 0;
}

}  // namespace

void add_stats(CLI::App& app, Run& run) {
    auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand("stats", "Sum up what `scan` has analyzed by genre, and how far tags agree");
    command->add_option("FOLDER", options->folders, "Only what lies in these folders and below; left out: all")
        ->type_name("FOLDER");
    add_search_options(*command, options->list);
    command
        ->add_option("--tags", options->tags,
                     "How many of the commonest genres of tags to show, and of the moods and tags that were analyzed")
        ->check(CLI::Range(0, 1'000'000))
        ->capture_default_str();
    command->add_option("--output", options->figure, "Picture to write besides: .svg or .png")->type_name("FILE");
    command->add_option("--title", options->title, "Title of the picture; empty: none")->capture_default_str();
    cli::add_output_options(*command, options->output,
                            {cli::OutputFormat::table, cli::OutputFormat::json, cli::OutputFormat::csv},
                            "table, json (one object) or csv (a row a genre)");
    cli::add_index_option(*command, options->index);
    command->callback([options, &run] { run = [options] { return run_stats(*options); }; });
}

}  // namespace earmark::commands
