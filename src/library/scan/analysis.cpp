#include "library/scan/analysis.hpp"

#include <fmt/ranges.h>

#include <exception>
#include <iterator>

#include "audio/content.hpp"
#include "base/throw.hpp"
#include "files/extensions.hpp"
#include "library/tags/tags.hpp"

namespace earmark::library {

namespace {

/// Whether reading a file failed because there is no sound in it.
bool says_no_sound(const Error& error) {
    return error.code() == ErrorCode::no_audio || error.code() == ErrorCode::unsupported;
}

/// The genres of the tags that FFmpeg does not read (APE in an MP3, ID3 in a WAV): what players show of them must not
/// be taken for nothing.
std::string genre_elsewhere(const std::filesystem::path& file) {
    try {
        return fmt::format("{}", fmt::join(read_tags(file).genres, ";"));
    } catch (const Error&) {  // no tags can be kept in it, or they are damaged; its sound may be sound
        return {};
    }
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
            result.content = audio::read_content(file.path);
        } catch (const Error& error) {
            // A film without sound is no broken recording; a name that says .mp3 makes a promise.
            if (named || !says_no_sound(error)) throw;
            result.state = FileState::skipped;
            return;
        }
        if (result.content->genre.empty()) result.content->genre = genre_elsewhere(file.path);
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
