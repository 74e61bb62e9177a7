#include "model/options_json.hpp"

#include <nlohmann/json.hpp>

#include "base/throw.hpp"
#include "formats/json.hpp"

namespace earmark::model {

using nlohmann::json;

json to_json(const FeatureOptions& options) {
    json object{{"kind", to_string(options.kind)},
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
    // Options that came later are written only where they differ, so that files and run ids of before stay as they are.
    const FeatureOptions defaults;
    const auto add = [&](const char* key, const auto& value, const auto& usual, const auto& written) {
        if (value != usual) object[key] = written;
    };
    add("spectrum", options.spectrum, defaults.spectrum, to_string(options.spectrum));
    add("mel_scale", options.mel_scale, defaults.mel_scale, to_string(options.mel_scale));
    add("mel_norm", options.mel_norm, defaults.mel_norm, to_string(options.mel_norm));
    add("compression", options.compression, defaults.compression, to_string(options.compression));
    add("compression_constant", options.compression_constant, defaults.compression_constant,
        options.compression_constant);
    add("window_length", options.window_length, defaults.window_length, options.window_length);
    add("centred", options.centred, defaults.centred, options.centred);
    return object;
}

json to_json(const SegmentOptions& options) {
    json object{{"seconds", options.seconds},
                {"segments_per_block", options.segments_per_block},
                {"frames", options.frames},
                {"frame_step", options.frame_step}};
    // Later than the others, see above.
    if (options.hop_frames != SegmentOptions{}.hop_frames) object["hop_frames"] = options.hop_frames;
    return object;
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
        if (key == "spectrum") return options.spectrum = spectrum_scale(value.get<std::string>()), true;
        if (key == "mel_scale") return options.mel_scale = mel_scale(value.get<std::string>()), true;
        if (key == "mel_norm") return options.mel_norm = mel_norm(value.get<std::string>()), true;
        if (key == "compression") return options.compression = compression(value.get<std::string>()), true;
        if (key == "compression_constant") return set(options.compression_constant, value);
        if (key == "window_length") return set(options.window_length, value);
        if (key == "centred") return set(options.centred, value);
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
        if (key == "hop_frames") return set(options.hop_frames, value);
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

Activation activation(std::string_view name, const std::string& where) {
    for (const Activation activation : {Activation::softmax, Activation::sigmoid}) {
        if (to_string(activation) == name) return activation;
    }
    base::fail(ErrorCode::unsupported, "{}: unknown activation \"{}\". It may need a newer Earmark.", where, name);
}

json to_json(std::span<const LabelDetails> details) {
    json list = json::array();
    for (const LabelDetails& label : details) {
        json object{{"group", to_string(label.group)}};
        if (label.threshold) object["threshold"] = *label.threshold;
        if (label.precise_threshold) object["precise_threshold"] = *label.precise_threshold;
        list.push_back(std::move(object));
    }
    return list;
}

std::vector<LabelDetails> label_details(const json& list, const std::string& where) {
    if (!list.is_array()) base::fail(ErrorCode::corrupt, "{}: the details of its labels are not a list.", where);
    std::vector<LabelDetails> details;
    for (const json& object : list) {
        LabelDetails& label = details.emplace_back();
        take_all(object, where, "details of a label", [&](const std::string& key, const json& value) {
            if (key == "group") {
                const auto name = value.get<std::string>();
                check([&] { label.group = label_group(name); }, where);
                return true;
            }
            if (key == "threshold") return label.threshold = value.get<double>(), true;
            if (key == "precise_threshold") return label.precise_threshold = value.get<double>(), true;
            return false;
        });
    }
    return details;
}

}  // namespace earmark::model
