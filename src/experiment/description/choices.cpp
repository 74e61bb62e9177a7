#include "experiment/description/choices.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/throw.hpp"
#include "experiment/description/plan.hpp"
#include "files/atomic_file.hpp"
#include "model/options_json.hpp"

namespace earmark::experiment {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

namespace {

constexpr const char* file_name = "choices.json";

ordered_json to_json(const Choice& choice) {
    ordered_json candidates = ordered_json::array();
    for (const Candidate& each : choice.candidates) {
        candidates.push_back({{"grid", each.grid},
                              {"options", each.options},
                              {"runs", each.runs},
                              {"failed", each.failed},
                              {"valid_segment_accuracy", each.runs > 0 ? ordered_json(each.accuracy) : ordered_json()},
                              {"valid_segment_loss", each.runs > 0 ? ordered_json(each.loss) : ordered_json()}});
    }
    return {{"protocol", choice.protocol},
            {"family", choice.family},
            {"grid", choice.grid},
            {"options", choice.options},
            {"candidates", std::move(candidates)}};
}

Choice choice_of(const ordered_json& text) {
    Choice choice{text.at("protocol").get<std::string>(),
                  text.at("family").get<std::string>(),
                  text.at("grid").get<std::string>(),
                  text.at("options"),
                  {}};
    for (const ordered_json& each : text.at("candidates")) {
        Candidate candidate{each.at("grid").get<std::string>(), each.at("options"), each.at("runs").get<int>(),
                            each.at("failed").get<int>()};
        if (candidate.runs > 0) {
            candidate.accuracy = each.at("valid_segment_accuracy").get<double>();
            candidate.loss = each.at("valid_segment_loss").get<double>();
        }
        choice.candidates.push_back(std::move(candidate));
    }
    return choice;
}

}  // namespace

bool Choice::is_of(const Run& run) const {
    return run.protocol == protocol && run.family == family && run.grid == grid &&
           canonical(run.options) == canonical(options);
}

std::optional<Choice> choose(std::span<const RunRecord* const> records) {
    std::vector<Candidate> candidates;
    for (const RunRecord* record : records) {
        const Run& run = record->run;
        auto found = std::find_if(candidates.begin(), candidates.end(), [&](const Candidate& each) {
            return each.grid == run.grid && canonical(each.options) == canonical(run.options);
        });
        if (found == candidates.end()) found = candidates.insert(found, Candidate{run.grid, run.options});
        if (record->failed || !record->valid) {
            ++found->failed;
            continue;
        }
        ++found->runs;
        found->accuracy += record->valid->segments.accuracy;
        found->loss += record->valid->segments.loss;
    }
    const Candidate* best = nullptr;
    for (Candidate& each : candidates) {
        if (each.runs == 0) continue;
        each.accuracy /= each.runs;
        each.loss /= each.runs;
        const bool better = best == nullptr || each.accuracy > best->accuracy ||
                            (each.accuracy == best->accuracy && each.loss < best->loss);
        if (better) best = &each;
    }
    if (best == nullptr) return std::nullopt;
    const Run& run = records.front()->run;
    return Choice{run.protocol, run.family, best->grid, best->options, candidates};
}

const Choice* Choices::find(const std::string& protocol, const std::string& family) const {
    const auto found = std::find_if(current.begin(), current.end(), [&](const Choice& each) {
        return each.protocol == protocol && each.family == family;
    });
    return found == current.end() ? nullptr : &*found;
}

void Choices::set(Choice choice) {
    for (Choice& each : current) {
        if (each.protocol != choice.protocol || each.family != choice.family) continue;
        earlier.push_back(std::exchange(each, std::move(choice)));
        return;
    }
    current.push_back(std::move(choice));
}

void save_choices(const Choices& choices, const fs::path& folder) {
    ordered_json text = {{"choices", ordered_json::array()}, {"earlier", ordered_json::array()}};
    for (const Choice& each : choices.current) text["choices"].push_back(to_json(each));
    for (const Choice& each : choices.earlier) text["earlier"].push_back(to_json(each));
    files::write_file(folder / file_name, text.dump(2) + "\n");
}

Choices load_choices(const fs::path& folder) {
    const fs::path path = folder / file_name;
    std::error_code error;
    if (!fs::exists(path, error)) return {};
    try {
        const auto text = ordered_json::parse(files::read_file(path, std::size_t{1} << 26));
        Choices choices;
        for (const ordered_json& each : text.at("choices")) choices.current.push_back(choice_of(each));
        for (const ordered_json& each : text.at("earlier")) choices.earlier.push_back(choice_of(each));
        return choices;
    } catch (const nlohmann::json::exception&) {
        base::fail(ErrorCode::corrupt, "{}: is not what earmark experiment writes. Put back what it was.",
                   path.string());
    }
}

}  // namespace earmark::experiment
