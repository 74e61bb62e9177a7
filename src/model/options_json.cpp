#include "model/options_json.hpp"

#include <nlohmann/json.hpp>

#include "base/throw.hpp"
#include "formats/json.hpp"

namespace earmark::model {

using nlohmann::json;

json to_json(const FeatureOptions& options) {
    return {{"kind", to_string(options.kind)},
            {"sample_rate", options.sample_rate},
            {"fft_size", options.fft_size},
            {"hop_length", options.hop_length},
            {"mel_bands", options.mel_bands},
            {"coefficients", options.coefficients},
            {"minimum_frequency", options.minimum_frequency},
            {"maximum_frequency", options.maximum_frequency},
            {"padding", to_string(options.padding)},
            {"reference", options.reference},
            {"amin", options.amin},
            {"top_db", options.top_db ? json(*options.top_db) : json(nullptr)}};
}

json to_json(const SegmentOptions& options) {
    return {{"seconds", options.seconds},
            {"segments_per_block", options.segments_per_block},
            {"frames", options.frames},
            {"frame_step", options.frame_step}};
}

namespace {

/// Calls `take(key, value)` for every key; an unknown key or a value of the wrong type is a corrupt file.
template <typename Take>
void take_all(const json& object, const std::string& where, const char* what, Take take) {
    if (!object.is_object()) base::fail(ErrorCode::corrupt, "{}: its {} are not a JSON object.", where, what);
    for (const auto& [key, value] : object.items()) {
        bool known = false;
        try {
            known = take(key, value);
        } catch (const json::exception&) {
            base::fail(ErrorCode::corrupt, "{}: the value of \"{}\" in its {} has the wrong type.", where, key, what);
        }
        if (!known) {
            base::fail(ErrorCode::unsupported, "{}: unknown key \"{}\" in its {}. It may need a newer Earmark.", where,
                       key, what);
        }
    }
}

template <typename T>
bool set(T& field, const json& value) {
    field = value.get<T>();
    return true;
}

template <typename Validate>
void check(Validate validate_options, const std::string& where) {
    try {
        validate_options();
    } catch (const Error& error) {
        base::fail(ErrorCode::corrupt, "{}: {}", where, error.what());
    }
}

}  // namespace

FeatureOptions feature_options(const json& object, const std::string& where) {
    FeatureOptions options;
    take_all(object, where, "feature options", [&](const std::string& key, const json& value) {
        if (key == "kind") return options.kind = feature_kind(value.get<std::string>()), true;
        if (key == "sample_rate") return set(options.sample_rate, value);
        if (key == "fft_size") return set(options.fft_size, value);
        if (key == "hop_length") return set(options.hop_length, value);
        if (key == "mel_bands") return set(options.mel_bands, value);
        if (key == "coefficients") return set(options.coefficients, value);
        if (key == "minimum_frequency") return set(options.minimum_frequency, value);
        if (key == "maximum_frequency") return set(options.maximum_frequency, value);
        if (key == "padding") return options.padding = padding(value.get<std::string>()), true;
        if (key == "reference") return set(options.reference, value);
        if (key == "amin") return set(options.amin, value);
        if (key == "top_db") {
            options.top_db = value.is_null() ? std::nullopt : std::optional(value.get<double>());
            return true;
        }
        return false;
    });
    check([&] { validate(options); }, where);
    return options;
}

SegmentOptions segment_options(const json& object, const std::string& where) {
    SegmentOptions options;
    take_all(object, where, "segment options", [&](const std::string& key, const json& value) {
        if (key == "seconds") return set(options.seconds, value);
        if (key == "segments_per_block") return set(options.segments_per_block, value);
        if (key == "frames") return set(options.frames, value);
        if (key == "frame_step") return set(options.frame_step, value);
        return false;
    });
    return options;
}

json to_json(const Calibration& calibration, const std::string& where) {
    return {{"temperature", calibration.temperature},
            {"threshold", calibration.threshold ? json(*calibration.threshold) : json(nullptr)},
            {"fit", formats::parse_json(calibration.fit, where)}};
}

Calibration calibration(const json& object, const std::string& where) {
    Calibration result;
    take_all(object, where, "values of calibration", [&](const std::string& key, const json& value) {
        if (key == "temperature") return set(result.temperature, value);
        if (key == "threshold") {
            result.threshold = value.is_null() ? std::nullopt : std::optional(value.get<double>());
            return true;
        }
        if (key == "fit") return result.fit = value.dump(), true;
        return false;
    });
    return result;
}

}  // namespace earmark::model
