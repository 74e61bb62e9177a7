#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/messages.hpp"
#include "cli/output/records.hpp"
#include "earmark/commands/commands.hpp"
#include "earmark/model_page.hpp"
#include "model/ensemble.hpp"

namespace earmark::commands {

using nlohmann::ordered_json;

namespace {

struct CombineOptions {
    std::vector<std::string> models;
    std::string output;
    std::string name;
    cli::OutputOptions shown;
};

int combine_models(const CombineOptions& options) {
    std::vector<Model> models;
    for (const std::string& file : options.models) models.push_back(load_model(file));
    const std::string name =
        options.name.empty() ? std::filesystem::path(options.output).stem().string() : options.name;
    const Model model = model::combine(models, name);
    save_model(model, options.output);
    const std::size_t networks = model::networks_of(model.network, options.output).size();
    const std::int64_t parameters = model::trainable_parameters(model, options.output);
    if (options.shown.format == cli::OutputFormat::json) {
        const ordered_json json = {{"model", options.output}, {"networks", networks}, {"parameters", parameters}};
        fmt::print("{}\n", cli::json_line(json));
    } else {
        fmt::print("{}: {} networks, {} trainable parameters\n", cli::printable(options.output), networks,
                   grouped(parameters));
    }
    return 0;
}

}  // namespace

void add_model_combine(CLI::App& parent, Run& run) {
    auto options = std::make_shared<CombineOptions>();
    CLI::App* command = parent.add_subcommand(
        "combine", "Make one model of several: an ensemble, whose probabilities are the mean of theirs");
    command->add_option("MODELS", options->models, "Model files with the same features, segments and genres")
        ->required();
    command->add_option("--output", options->output, "Model file to write")->required()->type_name("FILE");
    command->add_option("--name", options->name, "Name of the model; left out: that of the file")->type_name("NAME");
    cli::add_output_options(*command, options->shown, {cli::OutputFormat::table, cli::OutputFormat::json});
    command->callback([options, &run] { run = [options] { return combine_models(*options); }; });
}

}  // namespace earmark::commands
