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

void look(const FileToAnalyze& file, const Classifier& classifier, const KnownContents& known,
          const ClassifyOptions& options, const OpenTrack& open, ScannedFile& result) {
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
    if (!known.contains(result.content->hash)) {
        ClassifyOptions named_options = options;
        named_options.name = file.path.string();
        result.prediction =
            classifier.classify(track->open_audio(classifier.model().features.sample_rate), named_options);
        // Of a short file, and of one that cannot be sought in, the whole was analyzed.
        if (std::ssize(result.prediction->segments) == options.excerpts) result.excerpts = options.excerpts;
    }
    if (files::read_stamp(file.path) != result.stamp) {
        base::fail(ErrorCode::changed, "{}: changed while it was read. Wait until it is complete, then scan again.",
                   file.path.string());
    }
}

}  // namespace

bool KnownContents::contains(const files::ContentHash::Digest& digest) const {
    const std::scoped_lock lock(mutex_);
    return digests_.contains(digest);
}

bool KnownContents::add(const files::ContentHash::Digest& digest) {
    const std::scoped_lock lock(mutex_);
    return digests_.insert(digest).second;
}

ScannedFile look_at(const FileToAnalyze& file, const Classifier& classifier, const KnownContents& known,
                    const ClassifyOptions& options, const OpenTrack& open) {
    ScannedFile result;
    result.path = file.path;
    try {
        look(file, classifier, known, options, open, result);
    } catch (const Error& error) {
        result.error = error;
    } catch (const std::exception& error) {
        result.error = Error(ErrorCode::internal, fmt::format("{}: {}", file.path.string(), error.what()));
    }
    if (result.error) {
        result.state = FileState::failed;
        result.prediction.reset();
    }
    return result;
}

}  // namespace earmark::library
