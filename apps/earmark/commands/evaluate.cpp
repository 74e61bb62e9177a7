#include "evaluation/evaluation.hpp"

#include <memory>

#include "cli/data_set.hpp"
#include "cli/interrupt.hpp"
#include "cli/options.hpp"
#include "cli/split_choice.hpp"
#include "earmark/commands/commands.hpp"
#include "earmark/evaluation_choice.hpp"

namespace earmark::commands {

namespace {

struct Options {
    std::string data;
    std::string model;
    cli::SplitChoice split;
    bool split_given = false;
    bool allow_missing = false;
    EvaluationChoice evaluation;
};

int evaluate_model(const Options& options) {
    const base::StopFlag& stop = cli::stop_on_interrupt();
    const Classifier classifier(model_path(options.model));
    bool complete = true;
    const Model& model = classifier.model();
    const EvaluationChoice& choice = options.evaluation;
    const dataset::FeatureStore store = cli::read_data_set(
        options.data, {model.features, model.segments, choice.jobs(), choice.quiet(), &stop}, complete);
    evaluation::EvaluationOptions wanted = choice.options(stop);
    if (options.split_given) wanted.split = options.split.options(choice.seed());
    wanted.allow_missing = options.allow_missing;
    choice.show(evaluation::evaluate(classifier, store, wanted));
    return complete ? 0 : 1;
}

}  // namespace

void add_evaluate(CLI::App& app, Run& run) {
    auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand("evaluate", "Measure a model on tracks whose genres are known");
    command->add_option("DATA", options->data, "Feature store, or a folder with a folder of audio for each genre")
        ->required();
    cli::add_model_option(*command, "--model", options->model);
    options->evaluation.add_to(*command);
    options->split.add_to(*command);
    command->get_option("--split")->default_str("that of the model's training");
    command->callback([options, command, &run] {
        options->split_given = cli::SplitChoice::given(*command);
        options->allow_missing = command->count("--allow-missing-tracks") > 0;
        run = [options] { return evaluate_model(*options); };
    });
}

}  // namespace earmark::commands
