#include "earmark/model.hpp"

#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "core/throw.hpp"
#include "model/layers.hpp"
#include "model/options_json.hpp"

namespace earmark::commands {

using nlohmann::ordered_json;

namespace {

struct Options {
    std::string file;
    std::string format = "table";
};

/// The provenance without the list of training tracks, which can be long.
nlohmann::json short_provenance(const Model& model, const std::string& where) {
    nlohmann::json provenance = parse_json(model.provenance, where);
    if (provenance.contains("training") && provenance["training"].is_object()) {
        nlohmann::json& training = provenance["training"];
        if (training.contains("tracks")) training["tracks"] = training["tracks"].size();
    }
    return provenance;
}

int show(const Options& options) {
    const std::filesystem::path path =
        options.file.empty() ? default_model_path() : std::filesystem::path(options.file);
    const Model model = load_model(path);
    const int coefficients = coefficients_of(model.features);
    const std::vector<Layer> layers = layers_of(model.network, model.segments.frames, coefficients,
                                                static_cast<std::int64_t>(model.labels.size()), path.string());
    const nlohmann::json provenance = short_provenance(model, path.string());
    if (options.format == "json") {
        const ordered_json json = {{"path", path.string()},
                                   {"name", model.name},
                                   {"licence", model.licence},
                                   {"network", model.network.name},
                                   {"network_options", parse_json(model.network.options, path.string())},
                                   {"parameters", trainable_parameters(layers)},
                                   {"labels", model.labels},
                                   {"features", to_json(model.features)},
                                   {"segments", to_json(model.segments)},
                                   {"provenance", provenance}};
        fmt::print("{}\n", json.dump());
        return 0;
    }
    fmt::print("{}  ({})\n", model.name, path.string());
    fmt::print("  licence     {}\n", model.licence);
    fmt::print("  network     {} {}, {} trainable parameters\n", model.network.name, model.network.options,
               trainable_parameters(layers));
    fmt::print("  input       {} of {:g} s segments: {} frames × {} coefficients\n", to_string(model.features.kind),
               model.segments.seconds, model.segments.frames, coefficients);
    fmt::print("  genres      {}\n", fmt::join(model.labels, ", "));
    fmt::print("  features    {}\n", to_json(model.features).dump());
    fmt::print("  segments    {}\n", to_json(model.segments).dump());
    for (const auto& [key, value] : provenance.items()) fmt::print("  {:<10}  {}\n", key, value.dump());
    return 0;
}

}  // namespace

void add_model(CLI::App& app, Run& run) {
    auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand("model", "Describe a model file: network, features, genres, provenance");
    command->add_option("FILE", options->file, "Model file; left out: the default model");
    command->add_option("--format", options->format, "table or json")
        ->check(CLI::IsMember({"table", "json"}))
        ->capture_default_str();
    command->callback([options, &run] { run = [options] { return show(*options); }; });
}

}  // namespace earmark::commands
