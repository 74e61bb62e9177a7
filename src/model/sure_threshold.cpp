#include "model/sure_threshold.hpp"

#include <nlohmann/json.hpp>

namespace earmark::model {

std::optional<double> sure_threshold(const Calibration& calibration) {
    const auto fit = nlohmann::json::parse(calibration.fit, nullptr, false);
    const auto sure = fit.is_object() ? fit.find("sure") : fit.end();
    if (sure == fit.end() || !sure->is_object()) return std::nullopt;
    const auto threshold = sure->find("threshold");
    if (threshold == sure->end() || !threshold->is_number()) return std::nullopt;
    const auto value = threshold->get<double>();
    if (!(value >= 0.0)) return std::nullopt;  // above 1: no genre is sure
    return value;
}

}  // namespace earmark::model
