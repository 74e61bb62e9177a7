#include <fmt/format.h>

#include <cstdint>
#include <map>
#include <memory>

#include "cli/messages.hpp"
#include "cli/options.hpp"
#include "earmark/commands/commands.hpp"
#include "earmark/library_options.hpp"
#include "earmark/prediction_text.hpp"
#include "formats/csv.hpp"
#include "library/index/listing.hpp"
#include "library/tags/genre_tags.hpp"

namespace earmark::commands {

using nlohmann::ordered_json;

namespace {

struct Options {
    std::string index;
    std::string sort = "path";
    std::string format = "table";
    library::TrackQuery list;
};

std::string modified_text(const library::TrackDetails& entry) {
    return time_text(entry.stamp.modified / 1'000'000'000);
}

std::string tag_genres(const library::TrackDetails& entry) {
    if (!entry.content) return {};
    return fmt::format("{}", fmt::join(library::genres_of_tag(entry.content->genre), "; "));
}

void print_json(const library::TrackDetails& entry) {
    ordered_json json;
    if (entry.prediction) {
        json = prediction_json(entry.path, entry.model->labels, *entry.prediction);
    } else {
        json = error_json(entry.path, entry.error_code, entry.error_message);
    }
    json["size_bytes"] = entry.stamp.size;
    json["modified"] = modified_text(entry);
    if (entry.content) {
        const audio::AudioContent& content = *entry.content;
        json["content_hash"] = files::to_string(content.hash);
        json["tags"] = {
            {"genres", library::genres_of_tag(content.genre)}, {"artist", content.artist}, {"title", content.title}};
    }
    if (entry.prediction) {
        json["disagrees"] = library::disagrees(entry);
        json["model"] = {{"name", entry.model->name}, {"fingerprint", entry.model->fingerprint}};
    }
    if (entry.missing) json["gone"] = time_text(*entry.missing);
    fmt::print("{}\n", json_line(json));
}

void print_csv(const library::TrackDetails& entry) {
    std::vector<std::string> row{entry.path.string()};
    if (entry.prediction) {
        const Prediction& prediction = *entry.prediction;
        row.insert(row.end(), {fmt::format("{:.3f}", prediction.duration_seconds), library::genre_of(entry),
                               fmt::format("{:.4f}", prediction.probabilities[prediction.best()]),
                               prediction.uncertain ? "true" : "false"});
    } else {
        row.insert(row.end(), {"", "", "", ""});
    }
    row.push_back(tag_genres(entry));
    row.push_back(entry.content ? entry.content->artist : "");
    row.push_back(entry.content ? entry.content->title : "");
    row.push_back(entry.prediction ? entry.model->name : "");
    row.push_back(fmt::format("{}", entry.stamp.size));
    row.push_back(modified_text(entry));
    row.push_back(entry.missing ? time_text(*entry.missing) : "");
    row.push_back(entry.error_code);
    row.push_back(entry.error_message);
    fmt::print("{}\n", formats::csv_line(row));
}

void print_table_row(const library::TrackDetails& entry) {
    if (!entry.prediction) {
        fmt::print("{:<12}  {}\n", entry.error_code, cli::printable(entry.error_message));
        return;
    }
    const Prediction& prediction = *entry.prediction;
    const std::string& genre = library::genre_of(entry);
    const std::string tag = tag_genres(entry);
    fmt::print("{}  {:<9} {:>3.0f} %   {:<18}  {}\n", duration_text(prediction.duration_seconds),
               prediction.uncertain ? doubted(genre) : genre, 100.0F * prediction.probabilities[prediction.best()],
               tag.empty() ? "-" : cli::printable(tag), cli::printable(entry.path.string()));
}

int run_list(Options options) {
    static const std::map<std::string, library::SortBy> orders = {{"path", library::SortBy::path},
                                                                  {"genre", library::SortBy::genre},
                                                                  {"probability", library::SortBy::probability},
                                                                  {"duration", library::SortBy::duration}};
    options.list.sort = orders.at(options.sort);
    library::Index index = open_index(options.index);
    if (options.format == "csv") {
        fmt::print("{}\n", formats::csv_line({"path", "duration_seconds", "genre", "probability", "uncertain",
                                              "tag_genres", "artist", "title", "model", "size_bytes", "modified",
                                              "gone", "error_code", "error_message"}));
    }
    library::list(index, options.list, [&](const library::TrackDetails& entry) {
        if (options.format == "json") {
            print_json(entry);
        } else if (options.format == "csv") {
            print_csv(entry);
        } else {
            print_table_row(entry);
        }
    });
    return 0;
}

}  // namespace

void add_list(CLI::App& app, Run& run) {
    auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand("list", "List what `scan` has heard");
    library::TrackQuery& list = options->list;
    add_search_options(*command, list);
    command->add_flag("--failed", list.failed, "What could not be heard, and why, instead of what was heard");
    command->add_flag("--gone", list.missing, "Files that are gone instead of those that are there");
    command
        ->add_option("--sort", options->sort,
                     "path, genre, probability (highest first) or duration (longest first); then path")
        ->check(CLI::IsMember({"path", "genre", "probability", "duration"}))
        ->capture_default_str();
    command->add_option("--limit", list.limit, "At most so many; 0: all")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{1} << 40))
        ->capture_default_str();
    command->add_option("--format", options->format, "table, json (one object a line) or csv")
        ->check(CLI::IsMember({"table", "json", "csv"}))
        ->capture_default_str();
    cli::add_index_option(*command, options->index);
    command->footer("The table's columns: duration, genre and its probability, the genres of the tags, path.");
    command->callback([options, &run] { run = [options] { return run_list(*options); }; });
}

}  // namespace earmark::commands
