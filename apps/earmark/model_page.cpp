#include "earmark/model_page.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "earmark/classifier.hpp"
#include "formats/json.hpp"
#include "model/ensemble.hpp"

namespace earmark::commands {

using nlohmann::json;

namespace {

/// The member of an object, of whatever type; null where there is none.
json member(const json& object, const char* name) {
    if (!object.is_object()) return {};
    const auto found = object.find(name);
    return found == object.end() ? json() : *found;
}

std::optional<double> number(const json& object, const char* name) {
    const json value = member(object, name);
    return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
}

std::string text(const json& object, const char* name) {
    const json value = member(object, name);
    return value.is_string() ? value.get<std::string>() : "";
}

std::string percent(double share) {
    return fmt::format("{:.1f} %", 100.0 * share);
}

std::string readable_size(const std::filesystem::path& path) {
    std::error_code error;
    const std::uintmax_t bytes = std::filesystem::file_size(path, error);
    if (error) return "";
    return bytes < 1'000'000 ? fmt::format("{:.0f} kB", static_cast<double>(bytes) / 1e3)
                             : fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

/// "dropout 0.6, filters 48": options that are numbers, words or lists of these.
std::string option_list(const json& options) {
    std::vector<std::string> parts;
    for (const auto& [name, value] : options.items()) {
        std::string shown = value.is_string() ? value.get<std::string>() : value.dump();
        if (value.is_array()) {
            std::vector<std::string> items;
            for (const json& each : value) items.push_back(each.dump());
            shown = fmt::format("{}", fmt::join(items, "-"));
        }
        if (value.is_number_float()) shown = fmt::format("{:g}", value.get<double>());
        if (value.is_boolean()) shown = value.get<bool>() ? "yes" : "no";
        parts.push_back(fmt::format("{} {}", name, shown));
    }
    return fmt::format("{}", fmt::join(parts, ", "));
}

/// The architecture in a line.
std::string network_text(const Model& model, const std::string& where) {
    const std::vector<model::MemberNetwork> networks = model::networks_of(model.network, where);
    const auto one = [](const model::MemberNetwork& each) {
        const std::string options = option_list(each.network.options());
        return options.empty() ? each.network.name() : fmt::format("{} ({})", each.network.name(), options);
    };
    if (networks.size() == 1) return one(networks.front());
    std::vector<std::pair<std::string, int>> names;  // with the number of each
    for (const model::MemberNetwork& each : networks) {
        if (names.empty() || names.back().first != each.network.name()) names.emplace_back(each.network.name(), 0);
        ++names.back().second;
    }
    std::vector<std::string> parts;
    for (const auto& [name, count] : names) parts.push_back(fmt::format("{} {}", count, name));
    return fmt::format("ensemble of {} networks: {}; the first is {}", networks.size(), fmt::join(parts, ", "),
                       one(networks.front()));
}

std::string input_text(const Model& model) {
    return fmt::format("{} at {} Hz, in segments of {:g} s: {} frames × {} coefficients",
                       to_string(model.features.kind), grouped(model.features.sample_rate), model.segments.seconds,
                       model.segments.frames, coefficient_count(model.features));
}

std::string training_text(const json& training) {
    const json tracks = member(training, "tracks");
    if (!tracks.is_array()) {
        const std::string data = text(training, "data");
        const std::string source = text(training, "source");
        if (data.empty()) return "unknown: the file does not say";
        return source.empty() ? data : fmt::format("{}; weights of {}", data, source);
    }
    std::string result = fmt::format("{} tracks", grouped(std::ssize(tracks)));
    const json unlabelled = member(training, "pretraining_tracks");
    if (unlabelled.is_array() && !unlabelled.empty()) {
        result += fmt::format(", after {} tracks without their genres", grouped(std::ssize(unlabelled)));
    }
    const json split = member(training, "split");
    if (!text(split, "kind").empty()) result += fmt::format("; split {}", text(split, "kind"));
    if (!text(split, "groups").empty()) result += ", whole artists";
    const json seed = member(split, "seed");
    if (seed.is_number()) result += fmt::format(", seed {}", seed.dump());
    if (const std::string data = text(training, "data_fingerprint"); !data.empty())
        result += fmt::format("; data {}", data);
    return result;
}

std::string epoch_text(const json& training) {
    const std::optional<double> kept = number(training, "kept_epoch");
    const std::optional<double> all = number(training, "epochs");
    if (!kept || !all) return "";
    const std::string version = text(training, "earmark");
    return fmt::format("{:.0f} of {:.0f}{}", *kept, *all, version.empty() ? "" : ", by Earmark " + version);
}

std::string part_name(const std::string& part) {
    if (part == "valid") return "validation";
    return part;
}

/// What the file knows of the accuracy, and on which tracks it was measured.
std::vector<std::string> accuracy_texts(const json& fit, const json& evaluation) {
    std::vector<std::string> texts;
    const std::optional<double> coverage = number(fit, "named_share");
    const std::optional<double> accuracy = number(fit, "named_accuracy");
    if (coverage && accuracy && number(fit, "tracks")) {
        texts.push_back(
            fmt::format("{} of the predictions above the threshold are right. {} of the {:.0f} {} tracks are above it.",
                        percent(*accuracy), percent(*coverage), *number(fit, "tracks"), part_name(text(fit, "part"))));
        texts.back() += " These tracks set the threshold, so expect somewhat less.";
        if (member(fit, "leaky") == true) texts.back() += " LEAKY: other segments of them were trained on.";
        if (!text(fit, "split").empty()) texts.back() += fmt::format(" Split: {}.", text(fit, "split"));
    }
    for (const auto& [part, figures] : evaluation.items()) {
        const std::optional<double> segments = number(figures, "segment_accuracy");
        const std::optional<double> tracks = number(figures, "track_accuracy");
        if (segments) texts.push_back(fmt::format("{} of the {} segments", percent(*segments), part));
        if (tracks) texts.push_back(fmt::format("{} of the {} tracks", percent(*tracks), part));
    }
    if (texts.empty()) texts.emplace_back("not in the file; measure it with `earmark evaluate`");
    return texts;
}

/// The labels of a group with their thresholds: "rock 21 % (48 %)".
std::string label_list(const Model& model, LabelGroup group) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < model.labels.size(); ++i) {
        if (label_group(model, i) != group) continue;
        std::string& name = names.emplace_back(model.labels[i]);
        if (model.label_details.empty()) continue;
        const LabelDetails& details = model.label_details[i];
        if (details.threshold) name += fmt::format(" {:.0f} %", 100.0 * *details.threshold);
        if (details.precise_threshold) name += fmt::format(" ({:.0f} %)", 100.0 * *details.precise_threshold);
    }
    return fmt::format("{}", fmt::join(names, ", "));
}

std::string plural(LabelGroup group) {
    if (group == LabelGroup::other || group == LabelGroup::not_music) return std::string(to_string(group));
    return fmt::format("{}s", to_string(group));
}

/// The labels, a line a group.
std::vector<std::pair<std::string, std::string>> label_facts(const Model& model) {
    std::vector<std::pair<std::string, std::string>> facts;
    for (const LabelGroup group : {LabelGroup::genre, LabelGroup::mood, LabelGroup::voice, LabelGroup::instrument,
                                   LabelGroup::decade, LabelGroup::other, LabelGroup::not_music}) {
        if (std::string labels = label_list(model, group); !labels.empty()) {
            facts.emplace_back(plural(group), std::move(labels));
        }
    }
    return facts;
}

std::string output_text(const Model& model) {
    if (model.activation == Activation::softmax) return "one label in several (softmax)";
    std::string text = "many labels at once (sigmoid)";
    for (const LabelDetails& details : model.label_details) {
        if (!details.threshold) continue;
        return text + "; after each the least probability at which it holds, in brackets that of --precise";
    }
    return text;
}

std::string music_rule_text(const Model& model) {
    if (!model.music_rule) return "";
    std::vector<std::string> kinds;
    for (const MusicRule::Group& group : model.music_rule->groups) {
        if (!group.is_music) kinds.push_back(group.name);
    }
    return fmt::format("told from {}", fmt::join(kinds, ", "));
}

std::string calibration_text(const Calibration& calibration) {
    if (calibration == Calibration{}) return "no; `earmark model calibrate` does it";
    std::string result = fmt::format("temperature {:.3f}", calibration.temperature);
    if (calibration.threshold) {
        result += fmt::format(", threshold {:.3f}: a less probable genre is uncertain", *calibration.threshold);
    }
    return result;
}

}  // namespace

std::string grouped(std::int64_t number) {
    std::string digits = std::to_string(number);
    const std::size_t first = number < 0 ? 1 : 0;
    for (std::size_t at = digits.size(); at > first + 3;) {
        at -= 3;
        digits.insert(at, ",");
    }
    return digits;
}

std::vector<std::pair<std::string, std::string>> model_page(const Model& model, const std::filesystem::path& path) {
    const std::string where = path.string();
    const json provenance = formats::parse_json(model.provenance, where);
    const json fit = formats::parse_json(model.calibration.fit, where);
    const json training = member(provenance, "training");
    const std::string size = readable_size(path);
    std::vector<std::pair<std::string, std::string>> facts = {
        {"", model.name},
        {"file", where + (size.empty() ? "" : fmt::format(" ({})", size))},
        {"licence", model.licence.empty() ? "not stated" : model.licence},
        {"authors", model.authors},
        {"output", output_text(model)},
        {"music", music_rule_text(model)}};
    for (auto& fact : label_facts(model)) facts.push_back(std::move(fact));
    facts.emplace_back("trained on", training_text(training));
    facts.emplace_back("epoch", epoch_text(training));
    std::string label = "accuracy";
    for (const std::string& accuracy : accuracy_texts(fit, member(provenance, "evaluation"))) {
        facts.emplace_back(label, accuracy);
        label = " ";
    }
    facts.emplace_back("calibrated", calibration_text(model.calibration));
    facts.emplace_back("network", network_text(model, where));
    facts.emplace_back("parameters", grouped(model::trainable_parameters(model, where)) + " trainable");
    facts.emplace_back("input", input_text(model));
    return facts;
}

}  // namespace earmark::commands
