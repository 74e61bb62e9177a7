#include "report/experiment/experiment_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <tuple>

#include "experiment/description/plan.hpp"

namespace earmark::report {

namespace {

bool same_setting(const SettingRow& a, const SettingRow& b) {
    return a.grid->family == b.grid->family && a.grid->command == b.grid->command && a.grid->data == b.grid->data &&
           experiment::canonical(*a.options) == experiment::canonical(*b.options);
}

const LevelSummary* segments_of(const std::optional<PartSummary>& part) {
    return part && part->segments ? &*part->segments : nullptr;
}

/// The options that its grid spans, and the grid's title where these do not tell the family's settings apart.
std::string setting_of(const experiment::Experiment& experiment, const experiment::Grid& grid,
                       const experiment::Settings& options) {
    const std::string text = described(options, grid.spanning);
    if (text.empty()) return grid.title;
    return std::ranges::count(experiment.grids, grid.family, &experiment::Grid::family) > 1 ? grid.title + ", " + text
                                                                                            : text;
}

std::string text_of(const nlohmann::ordered_json& value) {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
    if (!value.is_array()) return value.dump();
    std::string list;
    for (const auto& item : value) list += (list.empty() ? "" : ", ") + text_of(item);
    return list;
}

}  // namespace

std::string ProtocolRows::name() const {
    return leaky ? protocol->title + ", leaky" : protocol->title;
}

std::vector<ProtocolRows> group_by_protocol(const experiment::Experiment& experiment,
                                            const experiment::ExperimentResults& results) {
    // A protocol may be meant for some settings of a grid only, which the plan knows.
    using Key = std::tuple<std::string, std::string, std::string>;  // protocol, grid, options
    std::map<Key, std::size_t> planned;
    for (const experiment::Run& run : experiment::make_plan(experiment, {}))
        ++planned[{run.protocol, run.grid, experiment::canonical(run.options)}];
    std::map<Key, std::vector<const experiment::RunRecord*>> records;
    for (const experiment::RunRecord& record : results.runs) {
        records[{record.run.protocol, record.run.grid, experiment::canonical(record.run.options)}].push_back(&record);
    }

    std::vector<ProtocolRows> protocols;
    for (const experiment::Protocol& protocol : experiment.protocols) {
        ProtocolRows& by_protocol = protocols.emplace_back(ProtocolRows{.protocol = &protocol, .rows = {}});
        // Its runs say so too, but there may be none yet.
        by_protocol.leaky = protocol.options.value("split", "") == "random-segments";
        for (const experiment::Grid& grid : experiment.grids) {
            for (const experiment::Settings& options : grid.settings) {
                const Key key{protocol.name, grid.name, experiment::canonical(options)};
                const auto runs = planned.find(key);
                if (runs == planned.end()) continue;
                SettingRow& row = by_protocol.rows.emplace_back();
                row.grid = &grid;
                row.options = &options;
                row.protocol = &protocol;
                row.setting = setting_of(experiment, grid, options);
                row.anchor = fmt::format("runs-{}-{}", protocols.size(), by_protocol.rows.size());
                row.planned = runs->second;
                for (const experiment::RunRecord* record : records[key]) {
                    (record->failed ? row.failed : row.finished).push_back(record);
                    by_protocol.leaky = by_protocol.leaky || record->leaky;
                }
                row.valid = summarise(row.finished, &experiment::RunRecord::valid);
                row.test = summarise(row.finished, &experiment::RunRecord::test);
                by_protocol.validated = by_protocol.validated || row.valid.has_value();
            }
        }
    }
    return protocols;
}

Rows rows_of(const ProtocolRows& protocol, const std::vector<std::string>& grids) {
    Rows rows;
    for (const SettingRow& row : protocol.rows) {
        if (std::ranges::find(grids, row.grid->name) != grids.end()) rows.push_back(&row);
    }
    return rows;
}

Rows rows_of_family(const ProtocolRows& protocol, const std::string& family) {
    Rows rows;
    for (const SettingRow& row : protocol.rows) {
        if (row.grid->family == family) rows.push_back(&row);
    }
    return rows;
}

std::vector<std::string> families_of(const Rows& rows) {
    std::vector<std::string> families;
    for (const SettingRow* row : rows) {
        if (std::ranges::find(families, row->grid->family) == families.end()) families.push_back(row->grid->family);
    }
    return families;
}

std::vector<std::string> families_of(const experiment::Experiment& experiment) {
    std::vector<std::string> families;
    for (const experiment::Grid& grid : experiment.grids) {
        if (std::ranges::find(families, grid.family) == families.end()) families.push_back(grid.family);
    }
    return families;
}

const SettingRow* best_of(const ProtocolRows& protocol, const Rows& rows) {
    const auto best = [&](auto eligible, auto part) {
        const SettingRow* found = nullptr;
        for (const SettingRow* row : rows) {
            const LevelSummary* summary = segments_of(row->*part);
            if (summary == nullptr || !eligible(*row)) continue;
            if (found == nullptr || summary->accuracy.mean > segments_of(found->*part)->accuracy.mean) found = row;
        }
        return found;
    };
    const auto any = [](const SettingRow&) { return true; };
    const auto complete = [](const SettingRow& row) { return row.complete(); };
    const auto tested = [](const SettingRow& row) { return segments_of(row.test) != nullptr; };
    if (protocol.protocol->choose) {
        if (const SettingRow* chosen = best(tested, &SettingRow::valid)) return chosen;
    }
    const auto part = protocol.validated ? &SettingRow::valid : &SettingRow::test;
    if (const SettingRow* found = best(complete, part)) return found;
    if (const SettingRow* found = best(any, part)) return found;
    return best(any, &SettingRow::test);
}

std::size_t SharedSetting::width() const {
    return rows.size() - static_cast<std::size_t>(std::ranges::count(rows, nullptr));
}

std::vector<SharedSetting> shared_settings(const experiment::Experiment& experiment,
                                           const std::vector<ProtocolRows>& protocols) {
    std::vector<SharedSetting> shared;
    for (const std::string& family : families_of(experiment)) {
        std::vector<SharedSetting> candidates;
        for (std::size_t i = 0; i < protocols.size(); ++i) {
            for (const SettingRow* row : rows_of_family(protocols[i], family)) {
                if (segments_of(row->test) == nullptr) continue;
                auto found = std::ranges::find_if(candidates, [&](const SharedSetting& each) {
                    return std::ranges::any_of(
                        each.rows, [&](const SettingRow* other) { return other && same_setting(*other, *row); });
                });
                if (found == candidates.end()) {
                    candidates.push_back({family, std::vector<const SettingRow*>(protocols.size(), nullptr)});
                    found = candidates.end() - 1;
                }
                if (found->rows[i] == nullptr) found->rows[i] = row;
            }
        }
        if (candidates.empty()) continue;
        const std::size_t most = std::ranges::max_element(candidates, {}, &SharedSetting::width)->width();
        std::erase_if(candidates, [&](const SharedSetting& each) { return each.width() < most; });
        // The last protocol in which one of them has figures decides.
        const SharedSetting* winner = &candidates.front();
        for (std::size_t i = protocols.size(); i-- > 0;) {
            Rows rows;
            for (const SharedSetting& each : candidates) {
                if (each.rows[i] != nullptr) rows.push_back(each.rows[i]);
            }
            const SettingRow* best = best_of(protocols[i], rows);
            if (best == nullptr) continue;
            winner =
                &*std::ranges::find_if(candidates, [&](const SharedSetting& each) { return each.rows[i] == best; });
            break;
        }
        SharedSetting& result = shared.emplace_back(*winner);
        for (std::size_t i = 0; i < protocols.size(); ++i) {
            if (result.rows[i] != nullptr || !protocols[i].protocol->choose) continue;
            const SettingRow* chosen = best_of(protocols[i], rows_of_family(protocols[i], family));
            if (chosen == nullptr || segments_of(chosen->test) == nullptr) continue;
            result.rows[i] = chosen;
            result.chosen_otherwise = true;
        }
    }
    const auto several = [](const SharedSetting& each) { return each.width() > 1; };
    if (std::ranges::any_of(shared, several)) std::erase_if(shared, std::not_fn(several));
    return shared;
}

bool has_options(const experiment::Grid& grid, const experiment::Settings& options,
                 const experiment::Settings& wanted) {
    return std::ranges::all_of(wanted.items(), [&](const auto& item) {
        if (options.contains(item.key())) return options[item.key()] == item.value();
        if (item.key() == "family") return item.value() == grid.family;
        return item.key() == "grid" && item.value() == grid.name;
    });
}

const experiment::PaperFigure* paper_figure(const experiment::ExperimentTable& table, const experiment::Grid& grid,
                                            const experiment::Settings& options) {
    const auto found = std::ranges::find_if(
        table.paper, [&](const experiment::PaperFigure& figure) { return has_options(grid, options, figure.options); });
    return found == table.paper.end() ? nullptr : &*found;
}

std::string value_of(const experiment::Settings& options, const std::string& option) {
    return options.contains(option) ? text_of(options[option]) : "\u2013";
}

std::string described(const experiment::Settings& options, const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) {
        if (options.contains(name)) text += (text.empty() ? "" : ", ") + name + " " + text_of(options[name]);
    }
    return text;
}

}  // namespace earmark::report
