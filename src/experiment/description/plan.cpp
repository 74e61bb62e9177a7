#include "experiment/description/plan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/random.hpp"
#include "base/throw.hpp"
#include "dataset/split_list.hpp"
#include "files/atomic_file.hpp"
#include "formats/csv.hpp"
#include "formats/json.hpp"
#include "model/options_json.hpp"

namespace earmark::experiment {

namespace fs = std::filesystem;
using nlohmann::json;
using nlohmann::ordered_json;

namespace {

constexpr const char* inputs_file = "inputs.json";

/// The run's id, or nothing when what it depends on is not known yet.
std::string id_of(const Run& run, const Protocol& protocol, const ExperimentInputs& inputs) {
    const auto fingerprint = inputs.data.find(run.data);
    if (fingerprint == inputs.data.end()) return "";
    json identity = {{"command", run.command},
                     {"data", run.data},
                     {"family", run.family},
                     {"fold", run.fold},
                     {"folds", protocol.folds},
                     {"grid", run.grid},
                     {"options", run.options},
                     {"protocol", run.protocol},
                     {"protocol_options", protocol.options},
                     {"seed", run.seed},
                     {"fingerprint", fingerprint->second}};
    if (!run.members.empty()) identity["members"] = run.members;
    if (!run.teacher.empty()) identity["teacher"] = run.teacher;
    if (!run.start.empty()) identity["start"] = run.start;
    if (run.command == "train" && !protocol.train.empty()) identity["protocol_train"] = protocol.train;
    for (const auto& [option, file] : split_files(protocol)) {
        const auto content = inputs.files.find(file);
        if (content == inputs.files.end()) return "";
        identity[option == "split-file" ? "split" : option] = content->second;
    }
    return hash_of(identity.dump());
}

/// The runs of which a combining grid takes the networks: those of its grids with the same protocol, seed and fold.
std::vector<std::string> members_of(const Grid& grid, const Run& run, const std::vector<Run>& plan) {
    std::vector<std::string> members;
    for (const std::string& name : grid.networks) {
        for (const Run& each : plan) {
            if (each.grid == name && each.protocol == run.protocol && each.seed == run.seed && each.fold == run.fold) {
                members.push_back(each.id);
            }
        }
    }
    return members;
}

template <typename Entries>
const auto& entry_of(const Entries& entries, const std::string& name) {
    const auto found =
        std::find_if(entries.begin(), entries.end(), [&](const auto& each) { return each.name == name; });
    if (found == entries.end()) base::fail(ErrorCode::internal, "the experiment has no entry \"{}\".", name);
    return *found;
}

/// The run of the grid `name` whose network one takes: that with the same seed and fold, under the protocol that the
/// grid has for it. Its own fold does not matter where that has none.
std::string other_run(const Experiment& experiment, const std::string& name, const Run& run,
                      const std::vector<Run>& plan) {
    const std::string protocol = protocol_for(entry_of(experiment.grids, name), run.protocol);
    const int fold = protocol_of(experiment, protocol).folds > 0 ? run.fold : -1;
    const auto found = std::ranges::find_if(plan, [&](const Run& each) {
        return each.grid == name && each.protocol == protocol && each.seed == run.seed && each.fold == fold;
    });
    if (found == plan.end()) base::fail(ErrorCode::internal, "the grid \"{}\" has no run for \"{}\".", name, run.grid);
    return found->id;
}

}  // namespace

void save_inputs(const ExperimentInputs& inputs, const fs::path& folder) {
    const ordered_json text = {{"data", inputs.data}, {"files", inputs.files}, {"machine", inputs.machine}};
    files::write_file(folder / inputs_file, text.dump(2) + "\n");
}

ExperimentInputs load_inputs(const fs::path& folder) {
    const fs::path path = folder / inputs_file;
    std::error_code error;
    if (!fs::exists(path, error)) return {};
    const json text = formats::parse_json(files::read_file(path, std::size_t{1} << 24), path.string());
    try {
        return {text.at("data").get<std::map<std::string, std::string>>(),
                text.at("files").get<std::map<std::string, std::string>>(), text.at("machine").get<std::string>()};
    } catch (const json::exception&) {
        base::fail(ErrorCode::corrupt,
                   "{}: is not what earmark experiment writes. Remove it; the next run makes it anew.", path.string());
    }
}

std::vector<Run> make_plan(const Experiment& experiment, const ExperimentInputs& inputs) {
    std::vector<Run> plan;
    for (const Protocol& protocol : experiment.protocols) {
        for (const std::uint64_t seed : experiment.seeds) {
            for (const Grid& grid : experiment.grids) {
                if (std::count(grid.protocols.begin(), grid.protocols.end(), protocol.name) == 0) continue;
                const auto only = grid.only.find(protocol.name);
                for (const Settings& setting : grid.settings) {
                    if (only != grid.only.end() && !has_options(setting, only->second)) continue;
                    for (const int fold : protocol.folds > 0 ? protocol.only_folds : std::vector{-1}) {
                        Run& run = plan.emplace_back();
                        run.grid = grid.name;
                        run.family = grid.family;
                        run.command = grid.command;
                        run.data = grid.data;
                        run.protocol = protocol.name;
                        run.seed = seed;
                        run.fold = fold;
                        run.options = setting;
                    }
                }
            }
        }
    }
    // A grid takes networks only of those above it, but of runs under any protocol.
    for (const Grid& grid : experiment.grids) {
        for (Run& run : plan) {
            if (run.grid != grid.name) continue;
            run.members = members_of(grid, run, plan);
            if (!grid.teacher.empty()) run.teacher = other_run(experiment, grid.teacher, run, plan);
            if (!grid.start.empty()) run.start = other_run(experiment, grid.start, run, plan);
            const bool known =
                (grid.teacher.empty() || !run.teacher.empty()) && (grid.start.empty() || !run.start.empty());
            if (known) run.id = id_of(run, protocol_of(experiment, run.protocol), inputs);
        }
    }
    return plan;
}

const Protocol& protocol_of(const Experiment& experiment, const std::string& name) {
    return entry_of(experiment.protocols, name);
}

const ExperimentData& data_of(const Experiment& experiment, const std::string& name) {
    return entry_of(experiment.data, name);
}

std::map<std::string, std::string> split_files(const Protocol& protocol) {
    std::map<std::string, std::string> files;
    for (const char* option : {"split-file", "group-file"}) {
        const auto found = protocol.options.find(option);
        if (found != protocol.options.end() && found->is_string()) files[option] = found->get<std::string>();
    }
    return files;
}

bool has_validation(const Protocol& protocol, const fs::path& data) {
    if (protocol.options.value("no-validation", Settings()) == true) return false;
    if (protocol.folds > 0) return true;
    const auto files = split_files(protocol);
    if (const auto file = files.find("split-file"); file != files.end()) {
        const formats::CsvTable table = formats::read_csv(data / file->second);
        const std::size_t part = dataset::part_column(table);
        return std::any_of(table.rows.begin(), table.rows.end(),
                           [&](const auto& row) { return dataset::listed_part(row[part]) == dataset::Part::valid; });
    }
    const auto fraction = protocol.options.find("valid-fraction");
    return fraction == protocol.options.end() || !fraction->is_number() || fraction->get<double>() > 0.0;
}

std::string canonical(const Settings& settings) {
    return json(settings).dump();  // a json's keys are sorted, an ordered_json's are not
}

std::string label_of(const Experiment& experiment, const Run& run) {
    std::string label = run.grid;
    const Grid& grid = entry_of(experiment.grids, run.grid);
    for (const std::string& option : grid.spanning) {
        const Settings& value = run.options.at(option);
        label += fmt::format(" {}={}", option, value.is_string() ? value.get<std::string>() : value.dump());
    }
    label += fmt::format(", {}, seed {}", run.protocol, run.seed);
    if (run.fold >= 0) label += fmt::format(", fold {}", run.fold);
    return label;
}

std::string hash_of(std::string_view text) {
    return fmt::format("{:016x}", base::fnv1a(base::fnv1a_start, text.data(), text.size()));
}

}  // namespace earmark::experiment
