#include "earmark/model_json.hpp"

#include <utility>

#include "formats/json.hpp"
#include "model/ensemble.hpp"
#include "model/options_json.hpp"

namespace earmark::commands {

using nlohmann::json;
using nlohmann::ordered_json;

namespace {

json short_provenance(const Model& model, const std::string& where) {
    json provenance = formats::parse_json(model.provenance, where);
    if (provenance.contains("training") && provenance["training"].is_object()) {
        json& training = provenance["training"];
        for (const char* key : {"tracks", "track_sounds", "pretraining_tracks", "pretraining_track_sounds",
                                "validation_tracks", "validation_track_sounds"}) {
            if (training.contains(key)) training[key] = training[key].size();
        }
    }
    return provenance;
}

}  // namespace

ordered_json calibration_json(const Calibration& calibration, const std::string& where) {
    json result = model::to_json(calibration, where);
    json& fit = result["fit"];
    for (const auto& [in_file, name] :
         {std::pair{"named_share", "coverage"}, {"named_accuracy", "selective_accuracy"}}) {
        if (!fit.contains(in_file)) continue;
        fit[name] = fit[in_file];
        fit.erase(in_file);
    }
    return result;
}

ordered_json model_json(const Model& model, const std::filesystem::path& path) {
    const std::string where = path.string();
    return {{"path", where},
            {"name", model.name},
            {"licence", model.licence},
            {"authors", model.authors},
            {"licence_text", model.licence_text},
            {"activation", to_string(model.activation)},
            {"network", model.network.name},
            {"network_options", formats::parse_json(model.network.options, where)},
            {"parameters", model::trainable_parameters(model, where)},
            {"labels", model.labels},
            {"label_details", model::to_json(model.label_details)},
            {"music_rule", model.music_rule ? model::to_json(*model.music_rule, model.labels) : json()},
            {"features", model::to_json(model.features)},
            {"segments", model::to_json(model.segments)},
            {"calibration", calibration_json(model.calibration, where)},
            {"provenance", short_provenance(model, where)}};
}

}  // namespace earmark::commands
