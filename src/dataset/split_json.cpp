#include <nlohmann/json.hpp>

#include "base/throw.hpp"
#include "dataset/split.hpp"

namespace earmark::dataset {

using nlohmann::json;

json to_json(const SplitOptions& options) {
    json result = {{"kind", options.kind}};
    if (options.kind.starts_with("csv")) {
        result["csv"] = options.csv.string();
        result["allow_missing"] = options.allow_missing;
    }
    if (options.no_validation) result["no_validation"] = true;
    if (options.whole_recordings.value_or(false)) result["whole_recordings"] = true;
    if (options.kind == "csv") return result;
    result["seed"] = options.seed;
    if (!options.groups.empty()) result["groups"] = options.groups.string();
    if (options.kind == "k-fold" || options.kind == "csv-folds") {
        result["folds"] = options.folds;
        result["fold"] = options.fold;
    } else {
        result["valid_fraction"] = options.valid_fraction;
        result["test_fraction"] = options.test_fraction;
    }
    return result;
}

SplitOptions split_options(const json& object, const std::string& where) {
    if (!object.is_object()) base::fail(ErrorCode::corrupt, "{}: its split is no JSON object.", where);
    SplitOptions options;
    options.whole_recordings = false;
    for (const auto& [key, value] : object.items()) {
        try {
            if (key == "kind") options.kind = value.get<std::string>();
            if (key == "valid_fraction") options.valid_fraction = value.get<double>();
            if (key == "test_fraction") options.test_fraction = value.get<double>();
            if (key == "folds") options.folds = value.get<int>();
            if (key == "fold") options.fold = value.get<int>();
            if (key == "csv") options.csv = value.get<std::string>();
            if (key == "groups") options.groups = value.get<std::string>();
            if (key == "whole_recordings") options.whole_recordings = value.get<bool>();
            if (key == "no_validation") options.no_validation = value.get<bool>();
            if (key == "allow_missing") options.allow_missing = value.get<bool>();
            if (key == "seed") options.seed = value.get<std::uint64_t>();
        } catch (const json::exception&) {
            base::fail(ErrorCode::corrupt, "{}: the value of \"{}\" in its split has the wrong type.", where, key);
        }
    }
    return options;
}

}  // namespace earmark::dataset
