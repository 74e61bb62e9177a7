#include "experiment/run/run_commands.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace earmark::experiment {

namespace fs = std::filesystem;

namespace {

std::string word_of(const Settings& value) {
    if (value.is_string()) return value.get<std::string>();
    if (!value.is_array()) return value.dump();
    Arguments items;
    for (const Settings& item : value) items.push_back(word_of(item));
    return fmt::format("{}", fmt::join(items, ","));
}

void append(Arguments& words, const Arguments& more) {
    words.insert(words.end(), more.begin(), more.end());
}

/// The options of setting and protocol, seed and fold.
Arguments choice_words(const Run& run, const Protocol& protocol, const RunPlaces& places) {
    Arguments words = option_words(run.options);
    Settings split = protocol.options;
    for (const char* option : {"split-file", "group-file"}) {
        if (split.contains(option)) split[option] = (places.data / word_of(split[option])).string();
    }
    append(words, option_words(split));
    append(words, {"--seed", std::to_string(run.seed)});
    if (run.fold >= 0) append(words, {"--folds", std::to_string(protocol.folds), "--fold", std::to_string(run.fold)});
    return words;
}

/// What lets the split of a model's training name tracks that the data lack.
Arguments missing_words(const Protocol& protocol) {
    if (protocol.options.value("allow-missing-tracks", Settings()) != true) return {};
    return {"--allow-missing-tracks"};
}

std::string member_model(const RunPlaces& places, const std::string& run) {
    return (places.folder.parent_path() / run / "model.safetensors").string();
}

}  // namespace

Arguments option_words(const Settings& options) {
    Arguments words;
    for (const auto& [name, value] : options.items()) {
        if (value.is_boolean()) {
            if (value.get<bool>()) words.push_back("--" + name);
            continue;
        }
        const std::string word = word_of(value);
        if (word.starts_with('-')) {
            words.push_back("--" + name + "=" + word);
        } else {
            append(words, {"--" + name, word});
        }
    }
    return words;
}

Arguments store_command(const ExperimentData& data, const fs::path& folder, const fs::path& store) {
    const bool import = !data.import.empty();
    Arguments words{"store", import ? "import" : "create", (folder / (import ? data.import : data.audio)).string()};
    Settings options = data.options;
    for (const char* file : {"index", "labels"}) {
        if (options.contains(file)) options[file] = (folder / word_of(options[file])).string();
    }
    append(words, option_words(options));
    append(words, {"--output", store.string()});
    return words;
}

Arguments training_command(const Run& run, const Protocol& protocol, const RunPlaces& places) {
    const std::string model = (places.folder / "model.safetensors").string();
    if (run.command == "combine") {
        Arguments words{"model", "combine"};
        for (const std::string& member : run.members) words.push_back(member_model(places, member));
        append(words, {"--output", model, "--format", "json"});
        return words;
    }
    if (run.command == "calibrate") {
        Arguments words{"model", "calibrate", member_model(places, run.members.front()), "--data",
                        places.store.string()};
        append(words, missing_words(protocol));
        append(words, {"--output", model, "--jobs", "1", "--format", "json", "--quiet"});
        return words;
    }
    Arguments words{run.command, places.store.string()};
    append(words, choice_words(run, protocol, places));
    append(words, option_words(protocol.train));
    if (!run.teacher.empty()) append(words, {"--teacher", member_model(places, run.teacher)});
    if (!run.start.empty()) append(words, {"--start", member_model(places, run.start)});
    // Networks are compared as they are. `--threads` is what --jobs was called when runs began to record their commands.
    append(words, {"--threads", "1", "--no-calibration", "--resume", "--output", model, "--history",
                   (places.folder / "history.csv").string(), "--format", "json"});
    return words;
}

Arguments evaluation_command(const Run& run, const Protocol& protocol, const RunPlaces& places,
                             const std::string& part) {
    const bool trained = run.command != "baseline";
    Arguments words{trained ? "evaluate" : run.command, places.store.string()};
    if (trained) {  // the model knows the split
        append(words, {"--model", (places.folder / "model.safetensors").string()});
        append(words, missing_words(protocol));
    } else {
        append(words, choice_words(run, protocol, places));
    }
    append(words, {"--part", part, "--jobs", "1", "--format", "json", "--predictions",
                   (places.folder / (part + ".csv")).string(), "--quiet"});
    return words;
}

std::string shell_line(const Arguments& words) {
    constexpr const char* plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=:,+@%";
    std::string line;
    for (const std::string& word : words) {
        if (!line.empty()) line += ' ';
        if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) {
            line += word;
            continue;
        }
        line += '\'';
        for (const char c : word) {
            if (c == '\'') {
                line += "'\\''";
            } else {
                line += c;
            }
        }
        line += '\'';
    }
    return line;
}

}  // namespace earmark::experiment
