#include "model/fingerprint.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/random.hpp"
#include "model/ensemble.hpp"
#include "model/options_json.hpp"

namespace earmark::model {

std::string fingerprint(const Model& model) {
    nlohmann::json description = {{"network", model.network.name},
                                  {"network_options", network_options(networks_of(model.network, model.name))},
                                  {"features", to_json(model.features)},
                                  {"segments", to_json(model.segments)},
                                  {"labels", model.labels},
                                  {"temperature", model.calibration.temperature}};
    if (model.activation != Activation::softmax) description["activation"] = to_string(model.activation);
    const std::string text = description.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    std::uint64_t hash = base::fnv1a(base::fnv1a_start, text.data(), text.size());
    for (const auto& [name, tensor] : model.tensors) {
        hash = base::fnv1a(hash, name.data(), name.size());
        hash = base::fnv1a(hash, tensor.shape.data(), tensor.shape.size() * sizeof(tensor.shape[0]));
        hash = base::fnv1a(hash, tensor.values.data(), tensor.values.size() * sizeof(float));
    }
    return fmt::format("{:016x}", hash);
}

}  // namespace earmark::model
