#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "cli/guard.hpp"
#include "cli/messages.hpp"
#include "cli/options.hpp"
#include "earmark/commands/commands.hpp"
#include "earmark/library_options.hpp"
#include "earmark/prediction_text.hpp"
#include "formats/csv.hpp"
#include "library/index/statistics.hpp"
#include "plot/charts/library_figure.hpp"

namespace earmark::commands {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

namespace {

struct Options {
    std::vector<std::string> folders;
    std::string index;
    std::string output;
    std::string title = "Music library";
    std::string format = "table";
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

    void table() const {
        const library::LibraryStatistics& all = statistics_;
        fmt::print("{} {}, {} h; {} without a genre tag, {} failed, {} gone\n\n", all.analyzed.files,
                   all.analyzed.files == 1 ? "file" : "files", hours_text(all.analyzed), all.untagged, all.failed,
                   all.missing);
        fmt::print("{:<14}{:>8}{:>8}{:>9}{:>13}{:>11}{:>12}{:>11}{:>8}\n", "genre", "files", "share", "h:mm",
                   "probability", "uncertain", "tag agrees", "otherwise", "no tag");
        for (const library::GenreStatistics& genre : all.genres) {
            fmt::print("{:<14}{:>8}{:>6.1f} %{:>9}{:>13}{:>11}{:>12}{:>11}{:>8}\n", genre.genre, genre.all.files,
                       100.0 * share(genre.all.files, all.analyzed.files), hours_text(genre.all),
                       genre.all.files > 0 ? fmt::format("{:.0f} %", 100.0 * genre.probability) : "-",
                       genre.uncertain.files, genre.agrees.files, genre.otherwise.files, genre.untagged.files);
        }
        if (all.tagged.files == 0) return;
        fmt::print("\nWith a genre tag: {} agree with the verdict.\n", agreement_text(all.tagged));
        fmt::print("With a tag that names one of these genres: {} agree; of the certain verdicts {}.\n",
                   agreement_text(all.known), agreement_text(all.known_sure));
        cross_table();
    }

    void csv() const {
        fmt::print("{}\n", formats::csv_line({"genre", "files", "share", "hours", "mean_probability", "uncertain",
                                              "tag_agrees", "tag_otherwise", "untagged"}));
        for (const library::GenreStatistics& genre : statistics_.genres) {
            fmt::print(
                "{}\n",
                formats::csv_line({genre.genre, fmt::format("{}", genre.all.files),
                                   fmt::format("{:.4f}", share(genre.all.files, statistics_.analyzed.files)),
                                   fmt::format("{:.4f}", hours(genre.all)),
                                   genre.all.files > 0 ? fmt::format("{:.4f}", genre.probability) : "",
                                   fmt::format("{}", genre.uncertain.files), fmt::format("{}", genre.agrees.files),
                                   fmt::format("{}", genre.otherwise.files), fmt::format("{}", genre.untagged.files)}));
        }
    }

    void json() const {
        const library::LibraryStatistics& all = statistics_;
        ordered_json json = {{"files", all.analyzed.files}, {"hours", hours(all.analyzed)},
                             {"failed", all.failed},        {"gone", all.missing},
                             {"untagged", all.untagged},    {"genres", ordered_json::array()}};
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
            json["tags"].push_back({{"tag", tag.tag}, {"files", tag.files}, {"verdicts", tag.predictions}});
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

    /// How the files of the commonest tags were analyzed.
    void cross_table() const {
        fmt::print("\n{:<20}{:>7}", "tag", "files");
        for (const library::GenreStatistics& genre : statistics_.genres) fmt::print(" {:>9}", genre.genre);
        fmt::print("\n");
        for (const library::TagStatistics& tag : shown_tags()) {
            fmt::print("{:<20}{:>7}", cli::printable(tag.tag), tag.files);
            for (const library::GenreStatistics& genre : statistics_.genres) {
                const auto found = tag.predictions.find(genre.genre);
                fmt::print(" {:>9}", found != tag.predictions.end() ? fmt::format("{}", found->second) : "·");
            }
            fmt::print("\n");
        }
    }

    const Options& options_;
    const library::LibraryStatistics& statistics_;
};

int run_stats(Options options) {
    if (!options.output.empty()) plot::check_figure_path(options.output);
    for (const std::string& folder : options.folders) options.list.folders.push_back(files::normal_path(folder));
    library::Index index = open_index(options.index);
    const library::LibraryStatistics statistics = library::library_statistics(index, options.list);
    const Printer printer(options, statistics);
    if (options.format == "json") {
        printer.json();
    } else if (options.format == "csv") {
        printer.csv();
    } else {
        printer.table();
    }
    if (!options.output.empty()) plot::save_library_figure(options.output, options.title, statistics);
    return 0;
}

}  // namespace

void add_stats(CLI::App& app, Run& run) {
    auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand("stats", "Sum up what `scan` has heard by genre, and how far tags agree");
    command->add_option("FOLDER", options->folders, "Only what lies in these folders and below; left out: all")
        ->type_name("FOLDER");
    add_search_options(*command, options->list);
    command->add_option("--tags", options->tags, "How many of the commonest genres of tags to show")
        ->check(CLI::Range(0, 1'000'000))
        ->capture_default_str();
    command->add_option("--output", options->output, "Picture to write besides: .svg or .png")->type_name("FILE");
    command->add_option("--title", options->title, "Title of the picture; empty: none")->capture_default_str();
    command->add_option("--format", options->format, "table, json (one object) or csv (a row a genre)")
        ->check(CLI::IsMember({"table", "json", "csv"}))
        ->capture_default_str();
    cli::add_index_option(*command, options->index);
    command->callback([options, &run] { run = [options] { return run_stats(*options); }; });
}

}  // namespace earmark::commands
