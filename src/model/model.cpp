#include "earmark/model.hpp"

#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "base/throw.hpp"
#include "earmark/version.hpp"
#include "formats/json.hpp"
#include "formats/safetensors.hpp"
#include "model/check_model.hpp"
#include "model/ensemble.hpp"
#include "model/layers.hpp"
#include "model/options_json.hpp"
#include "model/shipped_models.hpp"

namespace earmark {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr int format_version = 1;
constexpr const char* format_key = "earmark_format";
constexpr const char* calibration_key = "calibration";

const std::string& metadata_of(const formats::SafeTensors& file, const char* key, const std::string& where) {
    const auto found = file.metadata.find(key);
    if (found == file.metadata.end()) {
        base::fail(ErrorCode::corrupt, "{}: has no \"{}\" in its metadata: not a model of Earmark's.", where, key);
    }
    return found->second;
}

void check_calibration(const Calibration& calibration, const std::string& where) {
    if (!(std::isfinite(calibration.temperature) && calibration.temperature > 0.0)) {
        base::fail(ErrorCode::corrupt, "{}: its calibration has the temperature {}, which is not above 0.", where,
                   calibration.temperature);
    }
    if (calibration.threshold && !(*calibration.threshold >= 0.0 && *calibration.threshold <= 1.0)) {
        base::fail(ErrorCode::corrupt, "{}: its calibration has the threshold {}, which is not in 0 to 1.", where,
                   *calibration.threshold);
    }
    if (!formats::parse_json(calibration.fit, where).is_object()) {
        base::fail(ErrorCode::corrupt, "{}: what its calibration was fitted on is not a JSON object.", where);
    }
}

void check_label_details(const Model& model, const std::string& where) {
    if (!model.label_details.empty() && model.label_details.size() != model.labels.size()) {
        base::fail(ErrorCode::corrupt, "{}: has details of {} labels where it has {}.", where,
                   model.label_details.size(), model.labels.size());
    }
    for (const LabelDetails& details : model.label_details) {
        for (const std::optional<double>& threshold : {details.threshold, details.precise_threshold}) {
            if (threshold && !(*threshold >= 0.0 && *threshold <= 1.0)) {
                base::fail(ErrorCode::corrupt, "{}: a label has the threshold {}, which is not in 0 to 1.", where,
                           *threshold);
            }
        }
    }
}

void check_tensor(const Model& model, const model::TensorSpec& expected, const std::string& where) {
    const auto found = model.tensors.find(expected.name);
    if (found == model.tensors.end()) {
        base::fail(ErrorCode::corrupt, "{}: tensor \"{}\" is missing. Fetch or make the model again.", where,
                   expected.name);
    }
    const Tensor& tensor = found->second;
    if (tensor.shape != expected.shape ||
        static_cast<std::int64_t>(tensor.values.size()) != model::element_count(tensor.shape)) {
        base::fail(ErrorCode::corrupt, "{}: tensor \"{}\" has the shape ({}) where its network needs ({}).", where,
                   expected.name, fmt::join(tensor.shape, ", "), fmt::join(expected.shape, ", "));
    }
    for (float value : tensor.values) {
        if (!std::isfinite(value)) {
            base::fail(ErrorCode::corrupt,
                       "{}: tensor \"{}\" holds a value that is not finite. Train the model again, with a "
                       "smaller learning rate.",
                       where, expected.name);
        }
    }
    if (expected.name.ends_with(".variance")) {
        for (float value : tensor.values) {
            if (value < 0.0F)
                base::fail(ErrorCode::corrupt, "{}: \"{}\" holds a negative value.", where, expected.name);
        }
    }
}

/// Checks a model. @return its networks
std::vector<model::MemberNetwork> checked_networks(const Model& model, const std::string& where) {
    try {
        validate(model.features);
        validate(model.segments, model.features);
    } catch (const Error& error) {
        base::fail(ErrorCode::corrupt, "{}: {}", where, error.what());
    }
    if (model.labels.size() < 2) base::fail(ErrorCode::corrupt, "{}: names fewer than two labels.", where);
    if (std::set(model.labels.begin(), model.labels.end()).size() != model.labels.size()) {
        base::fail(ErrorCode::corrupt, "{}: names a label twice.", where);
    }
    check_calibration(model.calibration, where);
    check_label_details(model, where);
    if (model.music_rule) model::check_music_rule(*model.music_rule, model.labels.size(), where);
    const int coefficients = coefficient_count(model.features);
    std::vector<model::TensorSpec> expected;
    std::vector<model::MemberNetwork> networks = model::networks_of(model.network, where);
    for (const model::MemberNetwork& member : networks) {
        expected.push_back({member.prefix + "input.mean", {coefficients}});
        expected.push_back({member.prefix + "input.scale", {coefficients}});
        for (const model::Layer& layer : model::build_layers(member, model, where)) {
            for (model::TensorSpec& tensor : model::tensor_specs(layer)) {
                expected.push_back({member.prefix + tensor.name, std::move(tensor.shape)});
            }
        }
    }
    for (const model::TensorSpec& tensor : expected) check_tensor(model, tensor, where);
    if (model.tensors.size() != expected.size()) {
        base::fail(ErrorCode::corrupt, "{}: holds {} tensors where its network needs {}.", where, model.tensors.size(),
                   expected.size());
    }
    return networks;
}

}  // namespace

void model::check_model(const Model& model, const std::string& where) {
    checked_networks(model, where);
}

Model load_model(const fs::path& path) {
    const std::string where = path.string();
    formats::SafeTensors file = formats::read_safetensors(path);
    const json version = formats::parse_json(metadata_of(file, format_key, where), where);
    if (!version.is_number_integer() || version < 1)
        base::fail(ErrorCode::corrupt, "{}: has no version of format.", where);
    if (version > format_version) {
        base::fail(ErrorCode::unsupported,
                   "{}: was written in format {}; this Earmark ({}) reads up to {}. Update Earmark.", where,
                   version.dump(), earmark::version(), format_version);
    }
    const auto json_of = [&](const char* key) { return formats::parse_json(metadata_of(file, key, where), where); };
    Model model;
    model.name = metadata_of(file, "name", where);
    model.licence = metadata_of(file, "licence", where);
    model.network.name = metadata_of(file, "network", where);
    model.network.options = metadata_of(file, "network_options", where);
    model.features = model::feature_options(json_of("features"), where);
    model.segments = model::segment_options(json_of("segments"), where);
    try {
        model.labels = json_of("labels").get<std::vector<std::string>>();
    } catch (const json::exception&) {
        base::fail(ErrorCode::corrupt, "{}: its labels are not a list of names.", where);
    }
    if (const auto found = file.metadata.find("activation"); found != file.metadata.end())
        model.activation = model::activation(found->second, where);
    if (file.metadata.contains("label_details"))
        model.label_details = model::label_details(json_of("label_details"), where);
    if (file.metadata.contains("music_rule"))
        model.music_rule = model::music_rule(json_of("music_rule"), model.labels, where);
    if (file.metadata.contains("authors")) model.authors = file.metadata["authors"];
    if (file.metadata.contains("licence_text")) model.licence_text = file.metadata["licence_text"];
    model.provenance = metadata_of(file, "provenance", where);
    if (!formats::parse_json(model.provenance, where).is_object()) {
        base::fail(ErrorCode::corrupt, "{}: its provenance is not a JSON object.", where);
    }
    if (file.metadata.contains(calibration_key))
        model.calibration = model::calibration(json_of(calibration_key), where);
    model.tensors = std::move(file.tensors);
    model::check_model(model, where);
    return model;
}

void save_model(const Model& model, const fs::path& path) {
    const std::string where = path.string();
    const std::vector<model::MemberNetwork> networks = checked_networks(model, where);
    formats::SafeTensors file;
    file.metadata = {{format_key, std::to_string(format_version)},
                     {"earmark_version", std::string(version())},
                     {"name", model.name},
                     {"licence", model.licence},
                     {"network", model.network.name},
                     {"network_options", model::network_options(networks).dump()},
                     {"features", model::to_json(model.features).dump()},
                     {"segments", model::to_json(model.segments).dump()},
                     {"labels", json(model.labels).dump()},
                     {"provenance", model.provenance}};
    if (model.activation != Activation::softmax) file.metadata["activation"] = to_string(model.activation);
    if (!model.label_details.empty()) file.metadata["label_details"] = model::to_json(model.label_details).dump();
    if (model.music_rule) file.metadata["music_rule"] = model::to_json(*model.music_rule, model.labels).dump();
    if (!model.authors.empty()) file.metadata["authors"] = model.authors;
    if (!model.licence_text.empty()) file.metadata["licence_text"] = model.licence_text;
    if (model.calibration != Calibration{}) {
        file.metadata[calibration_key] = model::to_json(model.calibration, where).dump();
    }
    file.tensors = model.tensors;
    formats::write_safetensors(file, path);
}

namespace {

/// Where models lie that ship: beside the program, then where the library was installed to.
std::vector<fs::path> model_folders() {
    std::error_code error;
    std::vector<fs::path> folders;
    const fs::path program = fs::read_symlink("/proc/self/exe", error);
    if (!error) folders.push_back(program.parent_path() / "../share/earmark/models");
    folders.emplace_back(EARMARK_INSTALLED_MODELS);
    return folders;
}

std::optional<fs::path> shipped_model(const std::string& name) {
    std::error_code error;
    for (const fs::path& folder : model_folders()) {
        const fs::path file = folder / (name + ".safetensors");
        if (fs::exists(file, error)) return file.lexically_normal();
    }
    return std::nullopt;
}

}  // namespace

std::set<std::string> model::shipped_models() {
    std::set<std::string> names;
    std::error_code error;
    for (const fs::path& folder : model_folders()) {
        for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
            if (entry.path().extension() == ".safetensors") names.insert(entry.path().stem().string());
        }
    }
    return names;
}

fs::path default_model_path() {
    const char* named = std::getenv("EARMARK_MODEL");
    if (named != nullptr && *named != '\0') return model_path(named);
    if (const auto file = shipped_model("default")) return *file;
    base::fail(ErrorCode::not_found, "no default model was found. Name one as `model` or in $EARMARK_MODEL.");
}

std::optional<fs::path> music_check_path() {
    return shipped_model("yamnet");
}

fs::path model_path(const fs::path& file_or_name) {
    if (file_or_name.empty()) return default_model_path();
    std::error_code error;
    if (fs::exists(file_or_name, error)) return file_or_name;
    // A path that is not there is no name.
    if (file_or_name.has_parent_path() || file_or_name.has_extension()) return file_or_name;
    if (const auto file = shipped_model(file_or_name.string())) return *file;
    const std::set<std::string> names = model::shipped_models();
    base::fail(ErrorCode::not_found, "{}: is neither a model file nor the name of one that ships ({}).",
               file_or_name.string(), names.empty() ? "there are none" : fmt::format("{}", fmt::join(names, ", ")));
}

}  // namespace earmark
