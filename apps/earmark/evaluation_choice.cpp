#include "earmark/evaluation_choice.hpp"

#include <fmt/format.h>

#include "base/throw.hpp"
#include "cli/messages.hpp"
#include "earmark/evaluation_output.hpp"
#include "evaluation/errors.hpp"
#include "files/atomic_file.hpp"
#include "plot/charts/confusion_figure.hpp"
#include "plot/charts/reliability_figure.hpp"

namespace earmark::commands {

void EvaluationChoice::add_to(CLI::App& command) {
    command.add_option("--part", part_, "Part of the split to measure on, or all tracks")
        ->check(CLI::IsMember({"train", "valid", "test", "all"}))
        ->capture_default_str();
    command.add_option("--seed", seed_, "Of the 95 % interval, and of the split unless --split-seed is given")
        ->capture_default_str();
    cli::add_output_options(command, output_,
                            {cli::OutputFormat::table, cli::OutputFormat::json, cli::OutputFormat::csv},
                            "table, json (one object with everything), or csv (a line a genre)");
    command.add_option("--predictions", predictions_, "CSV to write: each track's genre, prediction and probabilities")
        ->type_name("FILE");
    command.add_option("--confusion", confusion_, "Picture of the confusion matrix to write, .svg or .png")
        ->type_name("FILE");
    command.add_option("--confusion-of", confusion_of_, "What the picture counts: tracks or segments")
        ->check(CLI::IsMember({"tracks", "segments"}))
        ->capture_default_str();
    command
        .add_option("--reliability", reliability_,
                    "Reliability diagram to write, accuracy against confidence: .svg or .png")
        ->type_name("FILE");
    command.add_option("--errors", errors_, "List up to this number of wrong predictions, the most confident first")
        ->capture_default_str();
    command.add_option("--titles", titles_, "CSV with the columns track, artist and title, for --errors")
        ->type_name("FILE");
    command
        .add_option("--interval-artists", artists_,
                    "CSV with the columns track and artist: 95 % intervals draw whole artists instead of tracks")
        ->type_name("FILE");
    command.add_option("--bins", bins_, "Bins of probability, for the calibration error and --reliability")
        ->check(CLI::Range(2, 100))
        ->capture_default_str();
    command.add_option("--jobs", jobs_, "Threads; 0: one a core")->check(CLI::Range(0, 1024))->capture_default_str();
    command.add_flag("--quiet", quiet_, "No progress and no warnings");
}

evaluation::EvaluationOptions EvaluationChoice::options(const base::StopFlag& stop) const {
    evaluation::EvaluationOptions result;
    result.part = base::parse_enum<dataset::Part>(part_);
    result.jobs = jobs_;
    result.bootstrap.seed = seed_;
    result.bins = bins_;
    result.stop = &stop;
    result.artists = artists_;
    return result;
}

void EvaluationChoice::show(const evaluation::Evaluation& evaluation) const {
    for (const std::string& warning : evaluation.warnings) {
        if (!quiet_) cli::report("warning: " + warning);
    }
    if (evaluation.many_labels && !(confusion_.empty() && reliability_.empty() && errors_ == 0)) {
        base::fail(ErrorCode::bad_option,
                   "{}: any number of labels may hold, so there is no confusion, no confidence and no list of errors. "
                   "Leave --confusion, --reliability and --errors out.",
                   evaluation.model);
    }
    if (!confusion_.empty()) {
        const bool tracks = confusion_of_ == "tracks";
        const evaluation::LevelMetrics& level = tracks ? evaluation.metrics.tracks : evaluation.metrics.segments;
        const std::string title = fmt::format("{}: {} of the {} part{}", evaluation.model, confusion_of_,
                                              evaluation.part, evaluation.leaky ? " (leaky)" : "");
        plot::save_confusion_matrix(confusion_, title, evaluation.labels, level.confusion);
    }
    if (!reliability_.empty()) {
        const std::string title =
            fmt::format("{}: {} part{}", evaluation.model, evaluation.part, evaluation.leaky ? " (leaky)" : "");
        plot::save_reliability_figure(reliability_, title, evaluation);
    }
    if (!predictions_.empty()) files::write_file(predictions_, evaluation::predictions_csv(evaluation));
    const std::vector<evaluation::TrackError> errors =
        errors_ > 0 ? evaluation::most_confident_errors(evaluation, errors_, titles_)
                    : std::vector<evaluation::TrackError>();
    print_evaluation(output_, evaluation, errors_ > 0 ? &errors : nullptr);
}

}  // namespace earmark::commands
