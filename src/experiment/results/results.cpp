#include "experiment/results/results.hpp"

#include <algorithm>

#include "base/throw.hpp"
#include "experiment/description/choices.hpp"
#include "experiment/description/plan.hpp"
#include "experiment/run/run_folder.hpp"

namespace earmark::experiment {

namespace fs = std::filesystem;

namespace {

bool same_labels(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    return std::is_permutation(a.begin(), a.end(), b.begin(), b.end());
}

/// Brings the confusion matrices of a run into the order of the genres that the first run had.
void reorder(RunScore& score, const std::vector<std::string>& own, const std::vector<std::string>& wanted,
             const fs::path& where) {
    const std::size_t genres = wanted.size();
    if (score.confusion.empty()) return;  // of several labels a track
    if (!same_labels(own, wanted) || score.confusion.size() != genres * genres) {
        base::fail(ErrorCode::corrupt,
                   "{}: has other genres than the runs before it. Keep such data in another experiment.",
                   where.string());
    }
    if (own == wanted) return;
    const auto place = [&](std::size_t i) {
        return static_cast<std::size_t>(std::find(wanted.begin(), wanted.end(), own[i]) - wanted.begin());
    };
    std::vector<std::int64_t> confusion(score.confusion.size());
    for (std::size_t row = 0; row < genres; ++row) {
        for (std::size_t column = 0; column < genres; ++column)
            confusion[place(row) * genres + place(column)] = score.confusion[row * genres + column];
    }
    score.confusion = std::move(confusion);
}

}  // namespace

ExperimentResults load_results(const Experiment& experiment, const fs::path& folder) {
    std::error_code error;
    if (!fs::is_directory(folder, error)) {
        base::fail(ErrorCode::not_found, "{}: no such folder. Give the one that earmark experiment run wrote to.",
                   folder.string());
    }
    const ExperimentInputs inputs = load_inputs(folder);
    const Choices choices = load_choices(folder);
    const std::vector<Run> plan = make_plan(experiment, inputs);
    ExperimentResults results;
    std::string data_of_genres;
    results.planned = static_cast<std::int64_t>(plan.size());
    results.machine = inputs.machine;
    for (const Run& run : plan) {
        if (run.id.empty()) continue;
        const fs::path place = run_folder(folder, run.id);
        auto record = load_record(run, place, RecordDetail::all);
        if (!record) continue;
        for (const char* part : {"valid", "test"}) {
            std::optional<PartScore>& score = part == std::string("valid") ? record->valid : record->test;
            if (!score) continue;
            std::vector<std::string> labels;
            load_part(place, part, RecordDetail::scores, &labels);
            if (results.genres.empty() && !score->tracks.confusion.empty()) {
                results.genres = labels;
                data_of_genres = run.data;
            }
            if (run.data != data_of_genres && !same_labels(labels, results.genres)) {
                // Other data with other labels: their confusion is not drawn.
                score->segments.confusion.clear();
                score->tracks.confusion.clear();
            }
            reorder(score->segments, labels, results.genres, place);
            reorder(score->tracks, labels, results.genres, place);
        }
        // Only the chosen setting's; an earlier choice's results are not the experiment's.
        if (record->valid && record->test && protocol_of(experiment, run.protocol).choose) {
            const Choice* choice = choices.find(run.protocol, run.family);
            if (choice == nullptr || !choice->is_of(run)) record->test.reset();
        }
        results.runs.push_back(std::move(*record));
    }
    return results;
}

}  // namespace earmark::experiment
