#include "experiment/run/run_folder.hpp"

#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/throw.hpp"
#include "files/atomic_file.hpp"
#include "formats/csv.hpp"
#include "formats/json.hpp"
#include "model/options_json.hpp"

namespace earmark::experiment {

namespace fs = std::filesystem;
using nlohmann::json;
using nlohmann::ordered_json;

namespace {

constexpr std::size_t largest = std::size_t{1} << 28;

bool is_there(const fs::path& path) {
    std::error_code error;
    return fs::exists(path, error);
}

/// Reads a JSON file of ours with `read`, whose exceptions of JSON become an Error that says how to go on.
template <typename Read>
auto read_own(const fs::path& path, Read read) {
    const json text = formats::parse_json(files::read_file(path, largest), path.string());
    try {
        return read(text);
    } catch (const json::exception&) {
        base::fail(ErrorCode::corrupt,
                   "{}: is not what earmark experiment writes. Remove the run's folder and run it again.",
                   path.string());
    }
}

/// A field that Earmark 0.1 wrote under another name.
struct FieldName {
    const char* name;
    const char* old_name;

    const json* find_in(const json& object) const {
        for (const char* each : {name, old_name}) {
            if (const auto field = object.find(each); field != object.end()) return &*field;
        }
        return nullptr;
    }
};

constexpr FieldName coverage{"coverage", "named_share"};
constexpr FieldName selective_accuracy{"selective_accuracy", "named_accuracy"};
constexpr FieldName seen_in_pretraining{"tracks_seen_in_pretraining", "tracks_heard_in_pretraining"};
constexpr FieldName predicted_genre{"prediction", "verdict"};  // a column

/// A number that may be null or missing.
std::optional<double> optional_number(const json& level, const FieldName& field) {
    const json* const value = field.find_in(level);
    if (value == nullptr || value->is_null()) return std::nullopt;
    return value->get<double>();
}

std::optional<double> optional_number(const json& level, const char* name) {
    return optional_number(level, FieldName{name, name});
}

/// The rest of a score where a track may have several labels.
RunScore score_of_labels(const json& level, RunScore score) {
    score.macro_f1 = level.at("macro").at("f1").get<double>();
    score.macro_pr_auc = optional_number(level, "macro_pr_auc");
    score.micro_f1 = level.at("micro").at("f1").get<double>();
    score.hamming_loss = level.at("hamming_loss").get<double>();
    score.ranking_loss = level.at("ranking_loss").get<double>();
    score.accuracy = 1.0 - *score.hamming_loss;
    return score;
}

RunScore score_of(const json& level) {
    RunScore score;
    score.items = level.at("count").get<std::int64_t>();
    score.loss = level.at("loss").get<double>();
    score.macro_auc = optional_number(level, "macro_roc_auc");
    if (level.contains("hamming_loss")) return score_of_labels(level, score);
    score.accuracy = level.at("accuracy").get<double>();
    score.macro_f1 = optional_number(level, "macro_f1");
    score.calibration_error = optional_number(level, "calibration_error");
    score.coverage = optional_number(level, coverage);
    score.selective_accuracy = optional_number(level, selective_accuracy);
    for (const json& row : level.at("confusion")) {
        for (const json& count : row) score.confusion.push_back(count.get<std::int64_t>());
    }
    return score;
}

/// A field of a CSV file; NaN when it is empty.
double number_of(const formats::CsvTable& table, std::size_t row, std::size_t column) {
    const std::string& text = table.rows[row][column];
    if (text.empty() || text == "nan") return std::numeric_limits<double>::quiet_NaN();
    double number = 0.0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || stop != text.data() + text.size()) {
        base::fail(ErrorCode::corrupt, "{}: line {}: \"{}\" is no number. Remove the run's folder and run it again.",
                   table.where, table.lines[row], text);
    }
    return number;
}

std::vector<TrackResult> read_outcomes(const fs::path& path) {
    const formats::CsvTable table = formats::read_csv(path);
    const std::size_t track = table.column("track");
    if (table.find_column("genre") < 0) return {};  // of several labels no track is right or wrong as a whole
    const std::size_t genre = table.column("genre");
    const std::size_t prediction =
        table.column(table.find_column(predicted_genre.old_name) < 0 ? predicted_genre.name : predicted_genre.old_name);
    const std::size_t segments = table.column("segments");
    const std::size_t right = table.column("segments_right");
    std::vector<TrackResult> outcomes;
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        const std::vector<std::string>& row = table.rows[i];
        outcomes.push_back({row[track], row[genre] == row[prediction], std::llround(number_of(table, i, segments)),
                            std::llround(number_of(table, i, right))});
    }
    return outcomes;
}

std::vector<EpochRecord> read_history(const fs::path& path) {
    const formats::CsvTable table = formats::read_csv(path);
    const auto column = [&](const char* name) { return table.column(name); };
    const std::size_t columns[] = {column("train_accuracy"), column("train_loss"),    column("valid_accuracy"),
                                   column("valid_loss"),     column("test_accuracy"), column("test_loss")};
    std::vector<EpochRecord> history;
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        const auto at = [&](int k) { return number_of(table, i, columns[k]); };
        history.push_back({at(0), at(1), at(2), at(3), at(4), at(5)});
    }
    return history;
}

}  // namespace

fs::path run_folder(const fs::path& results, const std::string& id) {
    return results / "runs" / id;
}

void save_state(const RunState& state, const fs::path& folder) {
    const ordered_json text = {{"started", state.started},         {"seconds", state.seconds},
                               {"peak_memory", state.peak_memory}, {"trained", state.trained},
                               {"epochs", state.epochs},           {"kept_epoch", state.kept_epoch},
                               {"parameters", state.parameters}};
    files::write_file(folder / "state.json", text.dump(2) + "\n");
}

RunState load_state(const fs::path& folder) {
    const fs::path path = folder / "state.json";
    if (!is_there(path)) return {};
    return read_own(path, [](const json& text) {
        RunState state;
        state.started = text.at("started").get<std::string>();
        state.seconds = text.at("seconds").get<double>();
        state.peak_memory = text.at("peak_memory").get<std::int64_t>();
        state.trained = text.at("trained").get<bool>();
        state.epochs = text.at("epochs").get<int>();
        state.kept_epoch = text.at("kept_epoch").get<int>();
        state.parameters = text.at("parameters").get<std::int64_t>();
        return state;
    });
}

void save_record(const RunRecord& record, const fs::path& folder) {
    const Run& run = record.run;
    const ordered_json text = {{"id", run.id},
                               {"grid", run.grid},
                               {"family", run.family},
                               {"command", run.command},
                               {"data", run.data},
                               {"protocol", run.protocol},
                               {"seed", run.seed},
                               {"fold", run.fold},
                               {"options", run.options},
                               {"failed", record.failed},
                               {"error", record.error},
                               {"epochs", record.epochs},
                               {"kept_epoch", record.kept_epoch},
                               {"parameters", record.parameters},
                               {"seconds", record.seconds},
                               {"peak_memory", record.peak_memory},
                               {"version", record.version},
                               {"data_fingerprint", record.data_fingerprint},
                               {"started", record.started},
                               {"commands", record.commands},
                               {"leaky", record.leaky}};
    files::write_file(folder / "run.json", text.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n");
}

std::optional<RunRecord> load_record(const Run& run, const fs::path& folder, RecordDetail detail) {
    const fs::path path = folder / "run.json";
    if (!is_there(path)) return std::nullopt;
    RunRecord record = read_own(path, [](const json& text) {
        RunRecord result;
        result.failed = text.at("failed").get<bool>();
        result.error = text.at("error").get<std::string>();
        result.epochs = text.at("epochs").get<int>();
        result.kept_epoch = text.at("kept_epoch").get<int>();
        result.parameters = text.at("parameters").get<std::int64_t>();
        result.seconds = text.at("seconds").get<double>();
        result.peak_memory = text.at("peak_memory").get<std::int64_t>();
        result.version = text.at("version").get<std::string>();
        result.data_fingerprint = text.at("data_fingerprint").get<std::string>();
        result.started = text.at("started").get<std::string>();
        result.commands = text.at("commands").get<std::vector<std::string>>();
        result.leaky = text.at("leaky").get<bool>();
        return result;
    });
    record.run = run;
    if (record.failed) return record;
    record.valid = load_part(folder, "valid", detail);
    record.test = load_part(folder, "test", detail);
    if (detail == RecordDetail::all && is_there(folder / "history.csv")) {
        record.history = read_history(folder / "history.csv");
    }
    return record;
}

std::optional<PartScore> load_part(const fs::path& folder, const std::string& part, RecordDetail detail,
                                   std::vector<std::string>* labels) {
    const fs::path path = folder / (part + ".json");
    if (!is_there(path)) return std::nullopt;
    PartScore score = read_own(path, [&](const json& text) {
        if (labels != nullptr) *labels = text.at("labels").get<std::vector<std::string>>();
        const json* const seen = seen_in_pretraining.find_in(text);
        return PartScore{score_of(text.at("segments")),
                         score_of(text.at("tracks")),
                         {},
                         seen != nullptr ? seen->get<std::int64_t>() : 0};
    });
    if (detail == RecordDetail::all) score.outcomes = read_outcomes(folder / (part + ".csv"));
    return score;
}

}  // namespace earmark::experiment
