#include "library/reading/confined_tracks.hpp"

#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "audio/ffmpeg.hpp"
#include "audio/input/input_file.hpp"
#include "library/reading/confined_audio.hpp"
#include "library/reading/protocol.hpp"
#include "library/reading/reading_session.hpp"

namespace earmark::library {

namespace {

using confine::MessageReader;
using protocol::Request;

TrackTags take_tags(MessageReader& answer) {
    TrackTags tags;
    for (std::vector<std::string>* values : {&tags.genres, &tags.moods}) {
        values->resize(static_cast<std::size_t>(answer.integer(0, protocol::most_values)));
        for (std::string& value : *values) value = answer.text(protocol::longest_tag);
    }
    for (std::string* text : {&tags.artist, &tags.album_artist, &tags.title, &tags.album, &tags.year, &tags.track}) {
        *text = answer.text(protocol::longest_tag);
    }
    return tags;
}

class ConfinedTrack : public TrackReader {
  public:
    explicit ConfinedTrack(std::shared_ptr<ReadingSession> session) : session_(std::move(session)) {}

    bool looks_like_audio() override {
        return session_->run([&](confine::Worker& worker) {
            return ReadingSession::ask(worker, ReadingSession::request(Request::looks_like_audio),
                                       [](MessageReader& answer) { return answer.integer(0, 1) != 0; });
        });
    }

    TrackContent read_content() override {
        const auto take = [](MessageReader& answer) {
            TrackContent content;
            const std::string hash = answer.text(content.hash.size());
            if (hash.size() != content.hash.size()) answer.refuse();
            std::memcpy(content.hash.data(), hash.data(), hash.size());
            content.tags = take_tags(answer);
            return content;
        };
        TrackContent content = session_->run([&](confine::Worker& worker) {
            return ReadingSession::ask(worker, ReadingSession::request(Request::read_content), take);
        });
        session_->check_unchanged();
        return content;
    }

    std::optional<TrackTags> read_tags() override {
        const auto take = [](MessageReader& answer) {
            return answer.integer(0, 1) != 0 ? std::optional(take_tags(answer)) : std::nullopt;
        };
        return session_->run([&](confine::Worker& worker) {
            return ReadingSession::ask(worker, ReadingSession::request(Request::read_tags), take);
        });
    }

    AudioReader open_audio(int sample_rate) override {
        return AudioReader(std::make_unique<ConfinedAudio>(session_, sample_rate));
    }

  private:
    std::shared_ptr<ReadingSession> session_;
};

}  // namespace

ConfinedTracks::ConfinedTracks(const std::function<void(const confine::Channel&)>& serve)
    : pool_(
          {.prepare = [] { audio::ffmpeg(); }, .serve = serve, .limits = {}, .shared_memory = protocol::memory_bytes}) {
}

std::unique_ptr<TrackReader> ConfinedTracks::open(const std::filesystem::path& file) {
    return std::make_unique<ConfinedTrack>(
        std::make_shared<ReadingSession>(pool_, std::make_shared<audio::InputFile>(file)));
}

}  // namespace earmark::library
