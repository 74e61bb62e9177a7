#include "library/scan/analysis.hpp"

#include <fmt/ranges.h>

#include <exception>
#include <iterator>

#include "audio/content.hpp"
#include "base/throw.hpp"
#include "files/extensions.hpp"
#include "library/tags/track_content.hpp"

namespace earmark::library {

namespace {

/// Whether reading a file failed because there is no sound in it.
bool says_no_sound(const Error& error) {
    return error.code() == ErrorCode::no_audio || error.code() == ErrorCode::unsupported;
}

void look(const FileToAnalyze& file, const Classifier& classifier, const KnownContents& known,
          const ClassifyOptions& options, ScannedFile& result) {
    const bool named = files::has_audio_extension(file.path);
    result.stamp = files::read_stamp(file.path);
    result.unchanged = file.content.has_value();
    result.content = file.content;
    if (!result.content) {
        if (!named && !audio::looks_like_audio(file.path)) {
            result.state = FileState::skipped;
            return;
        }
        try {
            result.content = read_track_content(file.path);
        } catch (const Error& error) {
            // A film without sound is no broken recording; a name that says .mp3 makes a promise.
            if (named || !says_no_sound(error)) throw;
            result.state = FileState::skipped;
            return;
        }
    } else if (!file.tags_current) {
        // Where there is no reader of ours, FFmpeg's was asked then, too.
        if (std::optional<TrackTags> tags = read_track_tags(file.path)) result.content->tags = std::move(*tags);
    }
    if (!known.contains(result.content->hash)) {
        result.prediction = classifier.classify(file.path, options);
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

void KnownContents::add(const files::ContentHash::Digest& digest) {
    const std::scoped_lock lock(mutex_);
    digests_.insert(digest);
}

ScannedFile look_at(const FileToAnalyze& file, const Classifier& classifier, const KnownContents& known,
                    const ClassifyOptions& options) {
    ScannedFile result;
    result.path = file.path;
    try {
        look(file, classifier, known, options, result);
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
