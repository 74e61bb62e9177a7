#include "classify/group.hpp"

#include <cstdint>

#include "base/throw.hpp"
#include "model/check_model.hpp"

namespace earmark::classify {

Group::Group(std::vector<Model> models) : models_(std::move(models)) {
    if (models_.empty()) base::fail(ErrorCode::bad_option, "no model was given. Name one as `model`.");
    for (const Model& model : models_) model::check_model(model, model.name);
}

void Group::check(const ClassifyOptions& options) const {
    std::vector<int> counts = options.excerpts_by_model;
    if (!counts.empty() && counts.size() != models_.size()) {
        base::fail(ErrorCode::bad_option, "`excerpts_by_model` has {} values for {} models; give one a model.",
                   counts.size(), models_.size());
    }
    counts.push_back(options.excerpts);
    for (const int count : counts) {
        if (count >= 0) continue;
        base::fail(ErrorCode::bad_option, "{} excerpts: give 0 to analyze the whole, or a positive number.", count);
    }
    base::thread_count(options.jobs, 1);
}

std::vector<Prediction> Group::classify(AudioReader reader, const ClassifyOptions& options, const std::string& where) {
    check(options);
    const int rate = sample_rate() == 0 ? reader.info().sample_rate : sample_rate();
    if (reader.sample_rate() != rate || reader.position() != 0) {
        base::fail(ErrorCode::bad_option,
                   "the reader gives {} samples per second, of which {} were read; open it at {}.",
                   reader.sample_rate(), reader.position(), sample_rate());
    }
    base::SpareThreads spare;
    spare.add(base::thread_count(options.jobs, 2) - 1);
    return with_session(
        [&](GroupSession& session) { return session.analyze(std::move(reader), options, where, &spare); });
}

std::vector<Prediction> Group::classify(const Samples& samples) {
    return with_session([&](GroupSession& session) { return session.analyze(samples); });
}

void Group::classify_all(std::span<const std::filesystem::path> files, const ClassifyOptions& options,
                         const Sink<std::size_t, const ClassifierGroup::Result&>& take, const Classifier::Open& open) {
    using Result = ClassifierGroup::Result;
    check(options);
    const AudioOptions audio{.sample_rate = sample_rate()};
    base::SpareThreads spare;
    const auto analyze = [&](std::int64_t index) -> Result {
        const std::filesystem::path& file = files[static_cast<std::size_t>(index)];
        try {
            AudioReader reader = open ? open(file, audio) : AudioReader(file, audio);
            return with_session([&](GroupSession& session) {
                return session.analyze(std::move(reader), options, file.string(), &spare);
            });
        } catch (const Error& error) {
            return error;
        } catch (const std::exception& error) {
            return Error(ErrorCode::internal, fmt::format("{}: {}", file.string(), error.what()));
        }
    };
    // Predictions are small: a long file holds up the delivery of those after it, not the work on them.
    constexpr std::int64_t look_ahead = 256;
    base::parallel_ordered<Result>(
        std::ssize(files), options.jobs, analyze,
        [&](std::int64_t index, const Result& outcome) { take(static_cast<std::size_t>(index), outcome); }, nullptr,
        look_ahead + 2 * base::thread_count(options.jobs, std::ssize(files)), &spare);
}

std::string name_or(const ClassifyOptions& options, const char* otherwise) {
    return options.name.empty() ? otherwise : options.name;
}

}  // namespace earmark::classify
