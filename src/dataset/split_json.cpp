#include <fmt/ranges.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/throw.hpp"
#include "dataset/split.hpp"

namespace earmark::dataset {

using nlohmann::json;

namespace {

/// @throws Error corrupt, naming `where`
SplitKind kind_named(const std::string& name, const std::string& where) {
    const std::optional<SplitKind> kind = base::parse_enum<SplitKind>(name);
    if (!kind) {
        base::fail(ErrorCode::corrupt, "{}: its split is of the kind \"{}\", which is none of {}.", where, name,
                   fmt::join(base::enum_names<SplitKind>(), ", "));
    }
    return *kind;
}

}  // namespace

json to_json(const SplitOptions& options) {
    json result = {{"kind", base::enum_name(options.kind)}};
    if (takes_file(options.kind)) {
        result["csv"] = options.csv.string();
        result["allow_missing"] = options.allow_missing;
    }
    if (options.no_validation) result["no_validation"] = true;
    if (options.whole_recordings.value_or(false)) result["whole_recordings"] = true;
    if (options.kind == SplitKind::csv) return result;
    result["seed"] = options.seed;
    if (!options.groups.empty()) result["groups"] = options.groups.string();
    if (options.kind == SplitKind::k_fold || options.kind == SplitKind::csv_folds) {
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
            if (key == "kind") options.kind = kind_named(value.get<std::string>(), where);
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
