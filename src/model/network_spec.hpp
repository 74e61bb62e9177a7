#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "earmark/model.hpp"
#include "model/layers.hpp"

namespace earmark::model {

/// A network whose name and options are known and in range: an architecture with a value for each of its options.
/// `docs/internals/networks.md` describes them. Copies share their state, which never changes.
class NetworkSpec {
  public:
    /// @param where  names the file, or the option, in errors
    /// @throws Error unsupported for an unknown network or option; bad_option for values out of range; corrupt for
    ///         options that are no JSON object
    static NetworkSpec parse(const NetworkDescription& network, const std::string& where);
    static NetworkSpec parse(const std::string& name, const nlohmann::json& options, const std::string& where);

    const std::string& name() const;

    /// All options as a JSON object, which model files, checkpoints and run ids hold: those that were given as they
    /// were given, the others with their defaults.
    const nlohmann::json& options() const;

    NetworkDescription description() const;

    /// The layers for inputs of `frames` × `coefficients`; the last one, "output", yields `classes` logits, of which
    /// softmax makes probabilities.
    /// @throws Error bad_option for inputs that are too small, naming `where`
    std::vector<Layer> build_layers(std::int64_t frames, std::int64_t coefficients, std::int64_t classes,
                                    const std::string& where) const;

  private:
    struct State;
    explicit NetworkSpec(std::shared_ptr<const State> state);

    std::shared_ptr<const State> state_;
};

/// The names of all networks, in the order in which help lists them.
std::vector<std::string> network_names();

/// The same for people: "mlp, cnn, … and summary".
/// @param last  the word before the last one
std::string list_networks(std::string_view last);

}  // namespace earmark::model
