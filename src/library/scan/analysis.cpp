#include "library/scan/analysis.hpp"

#include <exception>
#include <iterator>
#include <memory>

#include "base/throw.hpp"
#include "files/extensions.hpp"

namespace earmark::library {

namespace {

/// Whether reading a file failed because there is no sound in it.
bool says_no_sound(const Error& error) {
    return error.code() == ErrorCode::no_audio || error.code() == ErrorCode::unsupported;
}

void look(const FileToAnalyze& file, ScanModels& models, const ClassifyOptions& options, const OpenTrack& open,
          ScannedFile& result) {
    const bool named = files::has_audio_extension(file.path);
    result.stamp = files::read_stamp(file.path);
    result.unchanged = file.content.has_value();
    result.content = file.content;
    std::unique_ptr<TrackReader> track;
    try {
        track = open(file.path);
    } catch (const Error&) {
        if (named || result.content) throw;
        result.state = FileState::skipped;
        return;
    }
    if (!result.content) {
        if (!named && !track->looks_like_audio()) {
            result.state = FileState::skipped;
            return;
        }
        try {
            result.content = track->read_content();
        } catch (const Error& error) {
            // A film without sound is no broken recording; a name that says .mp3 makes a promise.
            if (named || !says_no_sound(error)) throw;
            result.state = FileState::skipped;
            return;
        }
    } else if (!file.tags_current) {
        // Where there is no reader of ours, FFmpeg's was asked then, too.
        if (std::optional<TrackTags> tags = track->read_tags()) result.content->tags = std::move(*tags);
    }
    const std::vector<std::size_t> missing = models.missing(result.content->hash);
    if (!missing.empty()) {
        ClassifyOptions named_options = options;
        named_options.name = file.path.string();
        const std::shared_ptr<const ClassifierGroup> group = models.group(missing);
        std::vector<Prediction> predictions = group->classify(track->open_audio(group->sample_rate()), named_options);
        for (std::size_t i = 0; i < missing.size(); ++i) {
            ModelPrediction& by = result.predictions.emplace_back();
            by.model = models.number(missing[i]);
            by.prediction = std::move(predictions[i]);
            // Of a short file, and of one that cannot be sought in, the whole was analyzed.
            if (std::ssize(by.prediction.segments) == options.excerpts) by.excerpts = options.excerpts;
        }
    }
    if (files::read_stamp(file.path) != result.stamp) {
        base::fail(ErrorCode::changed, "{}: changed while it was read. Wait until it is complete, then scan again.",
                   file.path.string());
    }
}

}  // namespace

ScannedFile look_at(const FileToAnalyze& file, ScanModels& models, const ClassifyOptions& options,
                    const OpenTrack& open) {
    ScannedFile result;
    result.path = file.path;
    try {
        look(file, models, options, open, result);
    } catch (const Error& error) {
        result.error = error;
    } catch (const std::exception& error) {
        result.error = Error(ErrorCode::internal, fmt::format("{}: {}", file.path.string(), error.what()));
    }
    if (result.error) {
        result.state = FileState::failed;
        result.predictions.clear();
    }
    return result;
}

}  // namespace earmark::library
