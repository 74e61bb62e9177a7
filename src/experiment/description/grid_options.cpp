#include "experiment/description/grid_options.hpp"

#include <algorithm>

namespace earmark::experiment {

using Kind = formats::TomlValue::Kind;

namespace {

bool holds_lists(const formats::TomlValue& list) {
    return std::any_of(list.items.begin(), list.items.end(), [](const auto& each) { return each.kind == Kind::array; });
}

/// Whether the value is a list that spans the grid.
bool spans(const TomlFields& fields, const std::string& option, const formats::TomlValue& value) {
    if (value.kind != Kind::array) return false;
    if (value.items.empty()) fields.fail_at(value, "the option \"{}\" is an empty list.", option);
    if (option == "hidden" && !holds_lists(value)) return false;
    for (const formats::TomlValue& item : value.items) {
        const bool list = item.kind == Kind::array;
        if (option == "hidden" && (!list || item.items.empty() || holds_lists(item))) {
            fields.fail_at(item, "\"hidden\" must be a list of numbers, or a list of such lists.");
        }
        if (option != "hidden" && list) fields.fail_at(item, "the option \"{}\" holds a list in a list.", option);
    }
    return true;
}

std::vector<Settings> values_of(const TomlFields& fields, const std::string& option, const formats::TomlValue& value) {
    std::vector<Settings> values;
    for (const formats::TomlValue& item : value.items) {
        values.push_back(item.json(fields.where()));
        if (std::count(values.begin(), values.end(), values.back()) > 1) {
            fields.fail_at(item, "the option \"{}\" has the value {} twice.", option, values.back().dump());
        }
    }
    return values;
}

}  // namespace

std::vector<std::string> own_options(bool folds) {
    std::vector<std::string> names{"seed",      "fold",   "output",  "threads",        "jobs",    "quiet",
                                   "format",    "resume", "history", "curves",         "model",   "predictions",
                                   "confusion", "part",   "help",    "no-calibration", "teacher", "start"};
    if (folds) names.emplace_back("folds");
    return names;
}

void span_grid(const TomlFields& fields, Grid& grid) {
    grid.settings = {Settings::object()};
    const formats::TomlValue* options = fields.find("options");
    if (options == nullptr) return;
    fields.demand(*options, Kind::table, "options", "a table of options");
    for (std::size_t i = 0; i < options->keys.size(); ++i) {
        const std::string& option = options->keys[i];
        const formats::TomlValue& value = options->items[i];
        const bool list = spans(fields, option, value);
        if (list) grid.spanning.push_back(option);
        const std::vector<Settings> values =
            list ? values_of(fields, option, value) : std::vector<Settings>{value.json(fields.where())};
        std::vector<Settings> product;
        for (const Settings& setting : grid.settings) {
            for (const Settings& each : values) {
                product.push_back(setting);
                product.back()[option] = each;
            }
        }
        grid.settings = std::move(product);
        if (grid.settings.size() > 100000) fields.fail_at(value, "the grid has more than 100,000 settings.");
    }
}

}  // namespace earmark::experiment
