#include "experiment/description/inputs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/throw.hpp"
#include "dataset/feature_store.hpp"
#include "experiment/run/machine.hpp"
#include "files/atomic_file.hpp"

namespace earmark::experiment {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

/// Size and time of a file or folder, by which a change is noticed.
std::string stamp(const fs::path& path) {
    std::error_code error;
    const auto time = fs::last_write_time(path, error);
    if (error)
        base::fail(ErrorCode::not_found, "{}: no such file or folder. Check `data` and the experiment.", path.string());
    const auto size = fs::is_regular_file(path, error) ? fs::file_size(path, error) : 0;
    return fmt::format("{} {} {}", path.filename().string(), size, time.time_since_epoch().count());
}

/// What a store is, or is made, from.
std::string recipe(const ExperimentData& data, const fs::path& folder) {
    if (!data.store.empty()) {
        std::string text;
        for (const char* name : {"features.npy", "index.csv", "options.json"})
            text += stamp(folder / data.store / name) + "; ";
        for (const char* name : {"tracks.csv", "labels.csv"}) {
            if (std::error_code error; fs::exists(folder / data.store / name, error))
                text += stamp(folder / data.store / name) + "; ";
        }
        return text;
    }
    std::string text = shell_line(store_command(data, "", "")) + "; ";
    text += stamp(folder / (data.import.empty() ? data.audio : data.import));
    for (const char* file : {"index", "labels"}) {
        const auto found = data.options.find(file);
        if (found != data.options.end() && found->is_string()) text += "; " + stamp(folder / found->get<std::string>());
    }
    return text;
}

fs::path memory_path(const ExperimentData& data, const fs::path& results) {
    return results / "data" / (data.name + ".json");
}

/// The fingerprint found for this recipe before.
std::optional<std::string> remembered(const ExperimentData& data, const fs::path& results, const std::string& recipe) {
    const fs::path path = memory_path(data, results);
    std::error_code error;
    if (!fs::exists(path, error)) return std::nullopt;
    const json text = json::parse(files::read_file(path, std::size_t{1} << 20), nullptr, false);
    if (!text.is_object() || text.value("recipe", json()) != json(recipe)) return std::nullopt;
    const json fingerprint = text.value("fingerprint", json());
    return fingerprint.is_string() ? std::optional(fingerprint.get<std::string>()) : std::nullopt;
}

std::optional<std::string> known_fingerprint(const ExperimentData& data, const fs::path& folder,
                                             const fs::path& results) {
    const fs::path store = store_path(data, folder, results);
    if (!data.store.empty() && !dataset::is_store(store)) {
        base::fail(ErrorCode::not_found, "{}: is no feature store. Check `data` and the experiment.", store.string());
    }
    const std::string made_from = recipe(data, folder);
    if (dataset::is_store(store)) {
        if (auto fingerprint = remembered(data, results, made_from)) return fingerprint;
    }
    if (data.store.empty()) return std::nullopt;
    return dataset::open_store(store).split_fingerprint();
}

void remember(const ExperimentData& data, const fs::path& folder, const fs::path& results,
              const std::string& fingerprint) {
    const json text = {{"recipe", recipe(data, folder)}, {"fingerprint", fingerprint}};
    files::write_file(memory_path(data, results), text.dump(2) + "\n");
}

void make_store(const ExperimentData& data, const fs::path& folder, const fs::path& store, Launcher& launcher,
                const base::StopFlag& stop) {
    std::error_code error;
    fs::remove_all(store, error);  // made from something else
    fs::path log = store;
    log.replace_extension(".log");
    fs::remove(log, error);
    launcher.start(0, store_command(data, folder, store), log);
    int status = -1;
    bool asked = false;
    while (status < 0) {
        launcher.wait(200, [&](const LaunchEvent& event) {
            if (event.ended) status = event.status;
        });
        if (stop && !asked) launcher.interrupt();
        asked = stop;
    }
    if (stop) base::fail(ErrorCode::interrupted, "interrupted while {} was made.", store.string());
    if (status != 0) {
        base::fail(ErrorCode::bad_data, "the store of the data \"{}\" could not be made: {}", data.name,
                   last_words(log, 0));
    }
}

void read_split_files(const Experiment& experiment, const fs::path& folder, ExperimentInputs& inputs) {
    for (const Protocol& protocol : experiment.protocols) {
        for (const auto& [option, file] : split_files(protocol))
            inputs.files[file] = hash_of(files::read_file(folder / file));
    }
}

}  // namespace

fs::path store_path(const ExperimentData& data, const fs::path& folder, const fs::path& results) {
    return data.store.empty() ? results / "data" / (data.name + ".store") : folder / data.store;
}

ExperimentInputs known_inputs(const Experiment& experiment, const fs::path& folder, const fs::path& results) {
    ExperimentInputs inputs;
    inputs.machine = machine_name();
    read_split_files(experiment, folder, inputs);
    for (const ExperimentData& data : experiment.data) {
        if (const auto fingerprint = known_fingerprint(data, folder, results)) inputs.data[data.name] = *fingerprint;
    }
    return inputs;
}

ExperimentInputs prepare_inputs(const Experiment& experiment, const fs::path& folder, const fs::path& results,
                                const std::set<std::string>& needed, Launcher& launcher,
                                const Sink<const std::string&>& tell, const base::StopFlag& stop) {
    fs::create_directories(results / "data");
    ExperimentInputs inputs = load_inputs(results);
    inputs.machine = machine_name();
    read_split_files(experiment, folder, inputs);
    for (const ExperimentData& data : experiment.data) {
        if (!needed.contains(data.name)) continue;
        const fs::path store = store_path(data, folder, results);
        auto fingerprint = known_fingerprint(data, folder, results);
        if (!fingerprint) {
            tell(data.name);
            make_store(data, folder, store, launcher, stop);
            fingerprint = dataset::open_store(store).split_fingerprint();
        }
        remember(data, folder, results, *fingerprint);
        inputs.data[data.name] = *fingerprint;
    }
    save_inputs(inputs, results);
    return inputs;
}

std::string last_words(const fs::path& log, std::size_t offset) {
    std::ifstream file(log, std::ios::binary);
    file.seekg(static_cast<std::streamoff>(offset));
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) {
        line.erase(0, line.rfind('\r') + 1);  // what a progress bar drew over
        if (line.find_first_not_of(" \t") != std::string::npos) lines.push_back(line);
        if (lines.size() > 3) lines.erase(lines.begin());
    }
    std::string text;
    for (const std::string& line : lines) text += (text.empty() ? "" : " / ") + line;
    return text.empty() ? "it said nothing." : text;
}

}  // namespace earmark::experiment
