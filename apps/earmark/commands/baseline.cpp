#include <CLI/CLI.hpp>
#include <memory>

#include "baselines/neighbours.hpp"
#include "baselines/support_vectors.hpp"
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
    std::string method;
    int k = baselines::NeighbourOptions{}.k;
    std::string unit = "track";
    std::optional<double> cost;
    std::optional<double> gamma;
    cli::SplitChoice split;
    EvaluationChoice evaluation;
    FeatureOptions features;  // of a folder of audio
    SegmentOptions segments;
};

evaluation::Predictor learn(const Options& options, const dataset::FeatureStore& store, const dataset::Split& split,
                            const base::StopFlag& stop) {
    const int jobs = options.evaluation.jobs();
    if (options.method == "knn") {
        const baselines::NeighbourUnit unit =
            options.unit == "track" ? baselines::NeighbourUnit::track : baselines::NeighbourUnit::segment;
        return baselines::nearest_neighbours(store, split, {options.k, unit, jobs, &stop});
    }
    return baselines::support_vectors(store, split,
                                      {options.cost, options.gamma, options.evaluation.seed(), jobs, &stop});
}

int measure_baseline(const Options& options) {
    const base::StopFlag& stop = cli::stop_on_interrupt();
    const EvaluationChoice& choice = options.evaluation;
    bool complete = true;
    const dataset::FeatureStore store = cli::read_data_set(
        options.data, {options.features, options.segments, choice.jobs(), choice.quiet(), &stop}, complete);
    const dataset::Split split = dataset::make_split(store, options.split.options(choice.seed()));
    choice.show(evaluation::evaluate(learn(options, store, split, stop), store, split, choice.options(stop)));
    return complete ? 0 : 1;
}

/// Options of the other method are a mistake.
void check_method(const CLI::App& command, const std::string& method) {
    for (const auto& [option, its] :
         {std::pair{"--k", "knn"}, {"--unit", "knn"}, {"--cost", "svm"}, {"--gamma", "svm"}}) {
        if (method != its && command.count(option) > 0) {
            throw CLI::RequiresError(option, std::string("--method ") + its);
        }
    }
}

}  // namespace

void add_baseline(CLI::App& app, Run& run) {
    auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand(
        "baseline", "Measure a simple method, learned from the split's training part, as evaluate does a model");
    command->add_option("DATA", options->data, "Feature store, or a folder with a folder of audio for each genre")
        ->required();
    command
        ->add_option("--method", options->method,
                     "knn (nearest neighbours of Gaussians of MFCCs) or svm (RBF support vector machine on statistics "
                     "of segments)")
        ->check(CLI::IsMember({"knn", "svm"}))
        ->required();
    command->add_option("--k", options->k, "knn: neighbours that vote")->capture_default_str();
    command->add_option("--unit", options->unit, "knn: what is compared, tracks or segments")
        ->check(CLI::IsMember({"track", "segment"}))
        ->capture_default_str();
    command->add_option("--cost", options->cost, "svm: C; left out: chosen by validation");
    command->add_option("--gamma", options->gamma, "svm: gamma of the kernel; left out: chosen by validation");
    options->evaluation.add_to(*command);
    options->split.add_to(*command);
    cli::add_feature_options(*command, options->features);
    cli::add_segment_options(*command, options->segments);
    command->callback([options, command, &run] {
        check_method(*command, options->method);
        cli::fit_segment_frames(*command, options->features, options->segments);
        run = [options] { return measure_baseline(*options); };
    });
}

}  // namespace earmark::commands
