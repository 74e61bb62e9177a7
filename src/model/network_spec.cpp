#include "model/network_spec.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/throw.hpp"
#include "formats/json.hpp"
#include "model/architectures/architecture.hpp"
#include "model/architectures/layer_builder.hpp"
#include "model/architectures/option_reader.hpp"

namespace earmark::model {

using nlohmann::json;

struct NetworkSpec::State {
    std::string name;
    json options;
    std::unique_ptr<const Architecture> architecture;
};

NetworkSpec::NetworkSpec(std::shared_ptr<const State> state) : state_(std::move(state)) {}

NetworkSpec NetworkSpec::parse(const NetworkDescription& network, const std::string& where) {
    return parse(network.name, formats::parse_json(network.options, where), where);
}

NetworkSpec NetworkSpec::parse(const std::string& name, const json& options, const std::string& where) {
    const auto registered = std::ranges::find(architectures(), name, &RegisteredArchitecture::name);
    if (registered == architectures().end()) {
        base::fail(ErrorCode::unsupported, "{}: unknown network \"{}\". Known are {}.", where, name,
                   list_networks("and"));
    }
    if (!options.is_object()) base::fail(ErrorCode::corrupt, "{}: network options are not a JSON object.", where);
    std::unique_ptr<Architecture> architecture = registered->make();
    OptionReader reader(name, options, where);
    architecture->read(reader);
    json all = reader.finish();
    return NetworkSpec(std::make_shared<const State>(State{name, std::move(all), std::move(architecture)}));
}

const std::string& NetworkSpec::name() const {
    return state_->name;
}

const json& NetworkSpec::options() const {
    return state_->options;
}

NetworkDescription NetworkSpec::description() const {
    return {state_->name, state_->options.dump()};
}

std::vector<Layer> NetworkSpec::build_layers(std::int64_t frames, std::int64_t coefficients, std::int64_t classes,
                                             const std::string& where) const {
    LayerBuilder layers({frames, coefficients}, classes, where);
    state_->architecture->build(layers);
    return layers.finish();
}

std::vector<std::string> network_names() {
    std::vector<std::string> names;
    for (const RegisteredArchitecture& each : architectures()) names.emplace_back(each.name);
    return names;
}

std::string list_networks(std::string_view last) {
    std::vector<std::string> names = network_names();
    const std::string last_name = names.back();
    names.pop_back();
    return fmt::format("{} {} {}", fmt::join(names, ", "), last, last_name);
}

}  // namespace earmark::model
