#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <variant>

#include "base/throw.hpp"
#include "cli/messages.hpp"
#include "cli/options.hpp"
#include "cli/progress.hpp"
#include "earmark/audio_files.hpp"
#include "earmark/classifier_group.hpp"
#include "earmark/commands/commands.hpp"
#include "earmark/confinement.hpp"
#include "earmark/prediction_writer.hpp"

namespace earmark::commands {

namespace fs = std::filesystem;

namespace {

/// Segments by which a track is told from what is no music, where only that is asked of a model.
constexpr int music_check_excerpts = 16;

struct Options {
    std::vector<std::string> paths;
    std::vector<std::string> models;
    PredictionFormat format;
    int excerpts = 0;
    int jobs = 0;
    bool confined = true;
    bool check_music = true;
    bool quiet = false;
};

/// The models that were asked for, and behind them, where these ship and none of them tells music from what is none, one
/// that does.
class Models {
  public:
    explicit Models(const Options& options) : group_(load(options)) {
        for (std::size_t i = 0; i < asked_; ++i) {
            std::string name = names_[i];
            const auto same = [&](const NamedModel& other) { return other.name == name; };
            for (int number = 2; std::ranges::any_of(named_, same); ++number) {
                name = fmt::format("{} {}", names_[i], number);
            }
            named_.push_back({std::move(name), &group_.model(i)});
        }
    }

    const ClassifierGroup& group() const { return group_; }
    /// Those that were asked for.
    const std::vector<NamedModel>& named() const { return named_; }

    /// The predictions of the models that were asked for.
    std::vector<Prediction> asked_for(std::vector<Prediction> predictions) const {
        predictions.resize(asked_);
        return predictions;
    }

    ClassifyOptions classify_options(const Options& options, std::string name = "") const {
        ClassifyOptions result{.excerpts = options.excerpts, .jobs = options.jobs, .name = std::move(name)};
        result.excerpts_by_model.assign(asked_, options.excerpts);
        if (group_.size() > asked_) {
            const int fewest =
                options.excerpts > 0 ? std::min(options.excerpts, music_check_excerpts) : music_check_excerpts;
            result.excerpts_by_model.push_back(fewest);
        }
        return result;
    }

  private:
    std::vector<Model> load(const Options& options) {
        std::vector<Model> models;
        std::vector<std::string> words = options.models;
        if (words.empty()) words.emplace_back();
        const std::optional<fs::path> check = music_check_path();
        bool wanted = options.check_music && check;
        for (const std::string& word : words) {
            const fs::path path = model_path(word);
            models.push_back(load_model(path));
            names_.push_back(path.stem().string());
            // A model of one's own may be for other sounds than music.
            std::error_code error;
            wanted = wanted && fs::equivalent(path.parent_path(), check->parent_path(), error);
            wanted = wanted && !models.back().music_rule;
        }
        asked_ = models.size();
        if (wanted) models.push_back(load_model(*check));
        return models;
    }

    std::size_t asked_ = 0;
    std::vector<std::string> names_;  // of the files that were asked for
    ClassifierGroup group_;
    std::vector<NamedModel> named_;
};

/// The path that means standard input; a file of this name is given as "./-".
constexpr const char* standard_input = "-";

std::size_t read_standard_input(std::span<std::byte> buffer) {
    for (;;) {
        const ssize_t count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
        if (count >= 0) return static_cast<std::size_t>(count);
        if (errno != EINTR) {
            base::fail(ErrorCode::unreadable, "standard input: cannot be read ({}). Check the command before the pipe.",
                       std::strerror(errno));
        }
    }
}

ClassifierGroup::Result classify_standard_input(const Models& models, const Options& options) {
    try {
        return models.group().classify(read_standard_input, models.classify_options(options, "standard input"));
    } catch (const Error& error) {
        return error;
    }
}

int classify(const Options& options) {
    std::vector<std::pair<fs::path, Error>> missing;
    std::vector<std::string> paths = options.paths;
    const bool from_input = std::erase(paths, standard_input) > 0;
    const std::vector<fs::path> files =
        find_audio_files(paths, [&](const fs::path& path, const Error& error) { missing.emplace_back(path, error); });
    TrackOpener tracks(options.confined && files.size() > 1);
    const Models models(options);
    const std::unique_ptr<PredictionWriter> writer = make_prediction_writer(models.named(), options.format);
    bool all_good = true;
    cli::ProgressBar progress("Analyzing", static_cast<std::int64_t>(files.size()), options.quiet || files.size() < 2);
    const auto deliver = [&](const fs::path& path, const ClassifierGroup::Result& outcome) {
        progress.clear();
        if (const auto* error = std::get_if<Error>(&outcome)) {
            writer->write(path, *error);
            cli::report(*error);
            all_good = false;
            return;
        }
        const auto& predictions = std::get<std::vector<Prediction>>(outcome);
        writer->write(path, models.asked_for(predictions));
        if (!options.quiet) cli::warn(path, predictions.front().warnings);
    };
    for (const auto& [path, error] : missing) deliver(path, error);
    if (from_input) deliver(standard_input, classify_standard_input(models, options));
    models.group().classify_all(
        files, models.classify_options(options),
        [&](std::size_t index, const ClassifierGroup::Result& outcome) {
            deliver(files[index], outcome);
            std::fflush(stdout);
            progress.advance();
        },
        [&](const fs::path& file, const AudioOptions& audio) { return tracks(file)->open_audio(audio.sample_rate); });
    progress.finish();
    if (!options.quiet) tracks.report_missing_protections();
    writer->finish();
    if (!options.quiet && !writer->legend().empty()) {
        std::fflush(stdout);
        cli::report(writer->legend());
    }
    return all_good ? 0 : 1;
}

}  // namespace

void add_classify(CLI::App& app, Run& run) {
    auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand("classify", "Predict the genre and tags of audio files");
    command->add_option("PATH", options->paths, "Audio files, folders to search for them, or - for standard input")
        ->required();
    cli::add_models_option(*command, "--model", options->models);
    command
        ->add_option("--top", options->format.top,
                     "Genres or tags to show of each file (table); default: three genres, all tags that hold")
        ->check(CLI::Range(1, 1000));
    command->add_flag("--precise", options->format.precise,
                      "Show only tags that are right four times in five (models of many labels)");
    command->add_flag_callback(
        "--no-music-check", [options] { options->check_music = false; }, "Do not ask whether a file is music at all");
    command->add_flag("--segments", options->format.segments,
                      "Show the prediction over time, a line a segment (table, csv; json always has it)");
    cli::add_output_options(*command, options->format.output);
    command->add_option("--excerpts", options->excerpts, "Analyze only N evenly spaced segments of each track; 0: all")
        ->check(CLI::Range(0, 1000000))
        ->capture_default_str();
    command
        ->add_option("--jobs", options->jobs,
                     "Threads; 0: one a core. Each analyzes a file; a last long one is shared by two")
        ->check(CLI::Range(0, 1024))
        ->capture_default_str();
    add_confinement_option(*command, options->confined);
    command->add_flag("--quiet", options->quiet, "No progress, no warnings and no notes");
    command->callback([options, &run] { run = [options] { return classify(*options); }; });
}

}  // namespace earmark::commands
