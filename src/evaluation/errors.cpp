#include "evaluation/errors.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "dataset/track_lookup.hpp"
#include "formats/csv.hpp"

namespace earmark::evaluation {

using nlohmann::ordered_json;

std::vector<TrackError> most_confident_errors(const Evaluation& evaluation, std::size_t most,
                                              const std::filesystem::path& titles) {
    std::vector<TrackError> errors;
    for (const TrackPrediction& prediction : evaluation.predictions) {
        const ScoredItem scored = prediction.scored();
        if (scored.right) continue;
        errors.push_back({prediction.track, evaluation.labels[static_cast<std::size_t>(prediction.label)],
                          evaluation.labels[prediction.best()], scored.confidence, "", ""});
    }
    std::ranges::stable_sort(errors, std::greater(), &TrackError::probability);
    if (errors.size() > most) errors.resize(most);
    if (titles.empty()) return errors;

    const formats::CsvTable table = formats::read_csv(titles);
    const std::size_t track = dataset::track_column(table);
    const std::size_t artist = dataset::column_named(table, {"artist"});
    const std::size_t title = dataset::column_named(table, {"title"});
    std::unordered_map<std::string, const std::vector<std::string>*> rows;
    for (const std::vector<std::string>& row : table.rows) rows.emplace(dataset::track_key(row[track]), &row);
    for (TrackError& error : errors) {
        const auto row = rows.find(dataset::track_key(error.track));
        if (row == rows.end()) continue;
        error.artist = (*row->second)[artist];
        error.title = (*row->second)[title];
    }
    return errors;
}

ordered_json to_json(const std::vector<TrackError>& errors) {
    const auto known = [](const std::string& text) { return text.empty() ? ordered_json() : ordered_json(text); };
    ordered_json list = ordered_json::array();
    for (const TrackError& error : errors) {
        list.push_back({{"track", error.track},
                        {"genre", error.genre},
                        {"prediction", error.prediction},
                        {"probability", error.probability},
                        {"artist", known(error.artist)},
                        {"title", known(error.title)}});
    }
    return list;
}

}  // namespace earmark::evaluation
