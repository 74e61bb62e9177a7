#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "earmark/model.hpp"
#include "model/network_spec.hpp"

namespace earmark::model {

/// The name of the network that is several: an ensemble, whose probabilities are the mean of its networks'.
inline constexpr const char* ensemble_name = "ensemble";

/// One of the networks that a model consists of.
struct MemberNetwork {
    std::string prefix;  ///< of its tensors' names, "input.mean" and "input.scale" included: "network2."; "" alone
    NetworkSpec network;
};

/// The networks of a model: those of an ensemble (option `networks`, a list of {"network", "network_options"}), or the
/// one that it is.
/// @throws Error corrupt when an ensemble's options are not such a list; as NetworkSpec::parse; `where` names the file
std::vector<MemberNetwork> networks_of(const NetworkDescription& network, const std::string& where);

/// Their options as model files hold them: of an ensemble the list `networks`, else those of the one network.
nlohmann::json network_options(std::span<const MemberNetwork> networks);

/// The layers of one of them. @throws as NetworkSpec::build_layers
std::vector<Layer> build_layers(const MemberNetwork& member, const Model& model, const std::string& where);

/// Number of trainable values of all networks of a model. @throws as networks_of and build_layers
std::int64_t trainable_parameters(const Model& model, const std::string& where);

/// An ensemble of the networks of several models (an ensemble among them gives all of its own), not calibrated. Its
/// provenance has the training of each, the tracks of all, analyzed with and without their genres, and their split where
/// they share one.
/// @param models  two or more networks in all, with equal features, segments and labels
/// @throws Error bad_option, naming the model that does not fit
Model combine(std::span<const Model> models, const std::string& name);

}  // namespace earmark::model
