#include "earmark/model.hpp"

#include <fmt/format.h>

#include <memory>

#include "cli/options.hpp"
#include "cli/output/records.hpp"
#include "earmark/commands/commands.hpp"
#include "earmark/model_json.hpp"
#include "earmark/model_page.hpp"

namespace earmark::commands {

namespace {

struct Options {
    std::string file;
    cli::OutputOptions output;
    bool licence = false;
};

int show(const Options& options) {
    const std::filesystem::path path = model_path(options.file);
    const Model model = load_model(path);
    if (options.licence) {
        if (model.licence_text.empty()) {
            fmt::print("{}\n", model.licence);
        } else {
            fmt::print("{}{}", model.licence_text, model.licence_text.ends_with('\n') ? "" : "\n");
        }
    } else if (options.output.format == cli::OutputFormat::json) {
        fmt::print("{}\n", cli::json_line(model_json(model, path)));
    } else {
        cli::print_facts(options.output, model_page(model, path));
    }
    return 0;
}

}  // namespace

void add_model(CLI::App& app, Run& run) {
    auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand(
        "model",
        "Describe a model: licence, genres, training data, accuracy, network; and calibrate or combine models");
    cli::add_model_option(*command, "FILE", options->file);
    command->add_flag("--licence", options->licence, "Print the licence of the weights, all of its text")
        ->configurable(false);
    cli::add_output_options(*command, options->output, {cli::OutputFormat::table, cli::OutputFormat::json},
                            "table: a page for people; json: all that the file says");
    command->callback([options, command, &run] {
        if (command->get_subcommands().empty()) run = [options] { return show(*options); };
    });
    add_model_calibrate(*command, run);
    add_model_combine(*command, run);
}

}  // namespace earmark::commands
