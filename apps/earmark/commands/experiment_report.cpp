#include <memory>

#include "earmark/commands/commands.hpp"
#include "experiment/results/results.hpp"
#include "files/atomic_file.hpp"
#include "report/experiment/experiment_report.hpp"

namespace earmark::commands {

namespace {

struct Options {
    std::string file;
    std::string results;
    std::string data;
    std::string output;
    std::string tables;
    std::string figures;
};

int write_report(const Options& options) {
    const experiment::Experiment experiment = experiment::read_experiment(options.file);
    const experiment::ExperimentResults results =
        experiment::load_results(experiment, options.results.empty() ? experiment.name + "-results" : options.results);
    const report::ExperimentReport report(experiment, results, options.data);
    files::write_file(options.output, report.html());
    if (!options.tables.empty()) files::write_file(options.tables, report.markdown());
    if (!options.figures.empty()) report.save_figures(options.figures);
    return 0;
}

}  // namespace

void add_experiment_report(CLI::App& experiment, Run& run) {
    auto options = std::make_shared<Options>();
    CLI::App* command = experiment.add_subcommand(
        "report", "Make a report of the runs that are finished: one HTML page that needs nothing else");
    command->add_option("FILE", options->file, "Experiment file (docs/guide/experiments.md)")->required();
    command
        ->add_option("--results", options->results,
                     "Folder that `earmark experiment run` keeps; left out: ./NAME-results, after FILE")
        ->type_name("FOLDER");
    command
        ->add_option("--data", options->data,
                     "Folder that the experiment's clips are in; left out: figures of clips are left out, too")
        ->type_name("FOLDER");
    command->add_option("--output", options->output, "The page, .html")->required()->type_name("FILE");
    command->add_option("--tables", options->tables, "The tables as Markdown, too")->type_name("FILE");
    command->add_option("--figures", options->figures, "Each figure as an SVG file in this folder, too")
        ->type_name("FOLDER");
    command->callback([options, &run] { run = [options] { return write_report(*options); }; });
}

}  // namespace earmark::commands
