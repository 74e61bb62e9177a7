#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <set>

#include "cli/messages.hpp"
#include "cli/options.hpp"
#include "cli/output/records.hpp"
#include "earmark/commands/commands.hpp"
#include "earmark/library_options.hpp"
#include "earmark/prediction_text.hpp"
#include "library/index/listing.hpp"

namespace earmark::commands {

using cli::Cell;
using cli::Column;
using cli::ColumnKind;
using nlohmann::ordered_json;

namespace {

struct Options {
    std::string index;
    std::string sort = "path";
    cli::OutputOptions output;
    library::TrackQuery list;
};

/// Writes entries of the index, each as a record.
class Lister {
  public:
    /// @param models  of the index: those of one label have a column in CSV for each genre that they know
    Lister(const Options& options, const library::IndexedModels& models)
        : query_(options.list),
          labels_(models.labels()),
          many_(std::ranges::any_of(models.all(), [](const auto& each) { return each.second->has_many_labels(); })),
          writer_(options.output, columns(options.list.failed)) {}

    void write(const library::TrackDetails& entry) {
        if (writer_.format() == cli::OutputFormat::json) {
            writer_.write_json(json(entry));
            ++count_;
            return;
        }
        const std::optional<Prediction>& prediction = entry.prediction;
        cli::RecordWriter::Record record(first_label);
        record[path] = record[shown_path] = entry.path.string();
        record[error_code] = Cell(entry.error_code).styled(cli::Style::bad);
        record[error_message] = entry.error_message;
        if (prediction) {
            record[duration] = prediction->duration_seconds;
            if (entry.not_music) {
                record[genre] = Cell("").shows(not_music_text(*entry.not_music)).styled(cli::Style::faint);
                record[not_music] = *entry.not_music;
            } else {
                record[genre] = library::genre_of(entry);
                if (prediction->uncertain) {
                    record[genre].shows(doubted(library::genre_of(entry))).styled(cli::Style::doubtful);
                }
                record[probability] = entry.probability;
            }
            record[uncertain] = prediction->uncertain;
            record[model] = entry.model->name;
            record[excerpts] = entry.excerpts;
            if (entry.analyzed) record[analyzed] = time_text(*entry.analyzed);
        }
        const library::TrackTags tags = entry.content ? entry.content->tags : library::TrackTags();
        record[tag_genres] = fmt::format("{}", fmt::join(entry.tag_genres, "; "));
        record[tag_moods] = fmt::format("{}", fmt::join(tags.moods, "; "));
        const std::vector<library::HeldLabel> held = library::held_labels(entry);
        record[moods] = names_of(held, [](const library::HeldLabel& each) { return each.group == LabelGroup::mood; });
        record[labels] = names_of(held, [](const library::HeldLabel&) { return true; });
        record[artist] = tags.artist;
        record[title] = tags.title;
        record[track] = track_name(tags.artist, tags.title, entry.path);
        record[size_bytes] = entry.stamp.size;
        record[modified] = modified_text(entry);
        if (entry.missing) record[missing] = time_text(*entry.missing);
        for (const std::string& label : asked_labels()) record.push_back(asked_probability(entry, label));
        for (const std::string& label : labels_) record.push_back(probability_of(entry, label));
        writer_.write(std::move(record));
        ++count_;
    }

    std::int64_t finish() {
        writer_.finish();
        return count_;
    }

  private:
    enum Place : std::size_t {
        path,
        duration,
        genre,
        probability,
        uncertain,
        tag_genres,
        artist,
        title,
        track,
        error_code,
        error_message,
        shown_path,
        model,
        excerpts,
        analyzed,
        size_bytes,
        modified,
        missing,
        not_music,
        tag_moods,
        moods,
        labels,
        first_label
    };

    std::vector<Column> columns(bool failed) const {
        const auto shown = [&](bool in_table) { return in_table ? cli::in_table | cli::in_csv : cli::in_csv; };
        const unsigned data = cli::in_csv;
        std::vector<Column> columns(first_label);
        columns[path] = {"path", ColumnKind::path, "", data};
        columns[duration] = {"duration_seconds", ColumnKind::duration, "time", shown(!failed)};
        columns[genre] = {"genre", ColumnKind::text, "", shown(!failed), cli::Fit::keep};
        columns[probability] = {"probability", ColumnKind::probability, "prob.", shown(!failed)};
        columns[uncertain] = {"uncertain", ColumnKind::flag, "", data};
        columns[tag_genres] = {"tag_genres", ColumnKind::text, "tag", shown(!failed)};
        columns[artist] = {"artist", ColumnKind::text, "", data};
        columns[title] = {"title", ColumnKind::text, "", data};
        columns[track] = {"track", ColumnKind::text, "", failed ? 0U : cli::in_table};
        columns[error_code] = {"error_code", ColumnKind::text, "error", shown(failed), cli::Fit::keep};
        columns[error_message] = {"error_message", ColumnKind::text, "message", shown(failed)};
        columns[shown_path] = {"", ColumnKind::path, "path", failed ? 0U : cli::in_table, cli::Fit::drop};
        columns[model] = {"model", ColumnKind::text, "", data};
        columns[excerpts] = {"excerpts", ColumnKind::integer, "", data};
        columns[analyzed] = {"analyzed", ColumnKind::text, "", data};
        columns[size_bytes] = {"size_bytes", ColumnKind::integer, "", data};
        columns[modified] = {"modified", ColumnKind::text, "", data};
        columns[missing] = {"missing", ColumnKind::text, "", data};
        columns[not_music] = {"not_music", ColumnKind::text, "", data};
        columns[tag_moods] = {"tag_moods", ColumnKind::text, "", data};
        columns[moods] = {"moods", ColumnKind::text, "", data};
        columns[labels] = {"labels", ColumnKind::text, "tags", shown(many_ && !failed)};
        for (const std::string& label : asked_labels()) {
            columns.push_back({"probability of " + label, ColumnKind::probability, label, shown(!failed)});
        }
        std::vector<std::string> taken;
        for (const Column& column : columns) taken.push_back(column.name);
        for (const std::string& label : labels_) {
            const bool is_taken = std::ranges::find(taken, label) != taken.end();
            columns.push_back({is_taken ? "probability of " + label : label, ColumnKind::probability, "", data});
        }
        return columns;
    }

    static std::string modified_text(const library::TrackDetails& entry) {
        return time_text(entry.stamp.modified / 1'000'000'000);
    }

    /// The labels that the query names, each of which has a column.
    std::vector<std::string> asked_labels() const {
        std::vector<std::string> asked = query_.labels;
        asked.insert(asked.end(), query_.moods.begin(), query_.moods.end());
        if (query_.sort == library::SortBy::label) asked.push_back(query_.sort_label);
        std::vector<std::string> once;
        for (const std::string& label : asked) {
            if (std::ranges::find(once, label) == once.end()) once.push_back(label);
        }
        return once;
    }

    static Cell asked_probability(const library::TrackDetails& entry, const std::string& label) {
        const std::optional<float> probability = library::label_probability(entry, label);
        return probability ? Cell(static_cast<double>(*probability)) : Cell();
    }

    template <typename Wanted>
    static std::string names_of(const std::vector<library::HeldLabel>& held, Wanted wanted) {
        std::vector<std::string> names;
        for (const library::HeldLabel& each : held) {
            if (wanted(each)) names.push_back(each.label);
        }
        return fmt::format("{}", fmt::join(names, "; "));
    }

    /// What the models of many labels say: the labels that hold.
    static ordered_json labels_json(const library::TrackDetails& entry) {
        ordered_json json = ordered_json::array();
        for (const library::HeldLabel& held : library::held_labels(entry)) {
            json.push_back({{"label", held.label},
                            {"group", to_string(held.group)},
                            {"probability", held.probability},
                            {"model", held.model->name}});
        }
        return json;
    }

    static Cell probability_of(const library::TrackDetails& entry, const std::string& label) {
        if (!entry.prediction) return {};
        const std::vector<std::string>& labels = entry.model->labels;
        const auto found = std::ranges::find(labels, label);
        if (found == labels.end()) return {};
        return static_cast<double>(entry.prediction->probabilities[found - labels.begin()]);
    }

    static ordered_json json(const library::TrackDetails& entry) {
        ordered_json json;
        if (entry.prediction) {
            json = prediction_json(entry.path, entry.model->labels, *entry.prediction);
            const bool named = !entry.genre.empty();
            json["genre"] = named ? ordered_json(entry.genre) : ordered_json();
            json["probability"] = named ? ordered_json(static_cast<float>(entry.probability)) : ordered_json();
            if (entry.not_music) json["not_music"] = *entry.not_music;
        } else {
            json = error_json(entry.path, entry.error_code, entry.error_message);
        }
        json["size_bytes"] = entry.stamp.size;
        json["modified"] = modified_text(entry);
        if (entry.content) {
            const library::TrackTags& tags = entry.content->tags;
            json["content_hash"] = files::to_string(entry.content->hash);
            json["tags"] = {{"genres", entry.tag_genres}, {"moods", tags.moods}, {"artist", tags.artist},
                            {"title", tags.title},        {"album", tags.album}, {"album_artist", tags.album_artist},
                            {"year", tags.year},          {"track", tags.track}};
        }
        if (entry.prediction) {
            json["disagrees"] = library::disagrees(entry);
            json["model"] = {{"name", entry.model->name}, {"fingerprint", entry.model->fingerprint}};
            json["excerpts"] = entry.excerpts;
            if (!entry.heard.empty()) {
                json["labels"] = labels_json(entry);
                ordered_json models = ordered_json::array();
                for (const library::HeardLabels& heard : entry.heard) {
                    models.push_back({{"name", heard.model->name}, {"fingerprint", heard.model->fingerprint}});
                }
                json["label_models"] = std::move(models);
            }
            if (entry.analyzed) json["analyzed"] = time_text(*entry.analyzed);
        }
        if (entry.missing) json["missing"] = time_text(*entry.missing);
        return json;
    }

    const library::TrackQuery& query_;
    std::vector<std::string> labels_;
    bool many_;
    cli::RecordWriter writer_;
    std::int64_t count_ = 0;
};

constexpr std::string_view sort_by_tag = "tag:";

/// What is wrong with an order; empty: nothing.
std::string check_sort(const std::string& sort) {
    static const std::set<std::string> orders{"path", "genre", "probability", "duration"};
    if (orders.contains(sort) || (sort.starts_with(sort_by_tag) && sort.size() > sort_by_tag.size())) return "";
    return sort + " not in {path,genre,probability,duration,tag:NAME}";
}

int run_list(Options options) {
    static const std::map<std::string, library::SortBy> orders = {{"path", library::SortBy::path},
                                                                  {"genre", library::SortBy::genre},
                                                                  {"probability", library::SortBy::probability},
                                                                  {"duration", library::SortBy::duration}};
    if (options.sort.starts_with(sort_by_tag)) {
        options.list.sort = library::SortBy::label;
        options.list.sort_label = options.sort.substr(sort_by_tag.size());
    } else {
        options.list.sort = orders.at(options.sort);
    }
    library::Index index = open_index(options.index);
    Lister lister(options, library::IndexedModels(index.database()));
    library::list(index, options.list, [&](const library::TrackDetails& entry) { lister.write(entry); });
    if (lister.finish() == 0 && !options.list.failed && !options.list.missing) {
        cli::report(is_empty(index) ? "the index is empty. Fill it with `earmark scan FOLDER`."
                                    : no_match_text(options.list));
    }
    return 0;
}

}  // namespace

void add_list(CLI::App& app, Run& run) {
    auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand("list", "List what `scan` has analyzed");
    library::TrackQuery& list = options->list;
    add_search_options(*command, list);
    command->add_flag("--failed", list.failed, "What could not be analyzed, and why, instead of what was analyzed");
    command->add_flag("--missing", list.missing, "Missing files instead of those that are there");
    add_old_flag(*command, "--gone", list.missing);
    command->add_flag("--not-music", list.not_music, "Only what is no music: speech, noise, silence and the like");
    command
        ->add_option(
            "--sort", options->sort,
            "path, genre, probability (highest first), duration (longest first) or tag:NAME, the probability of "
            "this tag (highest first); then path")
        ->check(check_sort)
        ->type_name("TEXT:{path,genre,probability,duration,tag:NAME}")
        ->capture_default_str();
    command->add_option("--limit", list.limit, "Maximum number of entries; 0: all")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{1} << 40))
        ->capture_default_str();
    cli::add_output_options(*command, options->output,
                            {cli::OutputFormat::table, cli::OutputFormat::json, cli::OutputFormat::csv},
                            "table, json (one object a line) or csv (with a column a genre)");
    cli::add_index_option(*command, options->index);
    command->footer("The table has the path of each file where the window is wide enough, and in pipes and files.");
    command->callback([options, &run] { run = [options] { return run_list(*options); }; });
}

}  // namespace earmark::commands
