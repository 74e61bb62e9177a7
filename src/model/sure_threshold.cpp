#include "model/sure_threshold.hpp"

#include <nlohmann/json.hpp>

#include "model/assets.hpp"

namespace earmark::model {

namespace {

/// The threshold of what was measured, which is a member of `all`.
std::optional<double> threshold_in(const nlohmann::json& all, const std::string& member) {
    const auto sure = all.is_object() ? all.find(member) : all.end();
    if (sure == all.end() || !sure->is_object()) return std::nullopt;
    const auto threshold = sure->find("threshold");
    if (threshold == sure->end() || !threshold->is_number()) return std::nullopt;
    const auto value = threshold->get<double>();
    if (!(value >= 0.0)) return std::nullopt;  // above 1: no genre is sure
    return value;
}

}  // namespace

std::optional<double> sure_threshold(const Calibration& calibration) {
    return threshold_in(nlohmann::json::parse(calibration.fit, nullptr, false), "sure");
}

std::optional<double> shipped_sure_threshold(const std::string& fingerprint) {
    static const nlohmann::json all = nlohmann::json::parse(sure_thresholds_json, nullptr, false);
    return threshold_in(all, fingerprint);
}

}  // namespace earmark::model
