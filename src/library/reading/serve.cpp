#include "library/reading/serve.hpp"

#include <algorithm>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "audio/input/input_file.hpp"
#include "confine/worker.hpp"
#include "earmark/error.hpp"

#ifdef EARMARK_TEST_DECODER
#include "library/reading/test_decoder.hpp"
#endif

namespace earmark::library {

using confine::Answer;
using confine::MessageReader;
using confine::MessageWriter;
using protocol::Request;

namespace {

MessageWriter begin(Answer kind) {
    MessageWriter answer;
    answer.integer(static_cast<std::int64_t>(kind));
    return answer;
}

MessageWriter failure(ErrorCode code, std::string_view what) {
    MessageWriter answer = begin(Answer::failed);
    answer.integer(static_cast<std::int64_t>(code)).text(what.substr(0, protocol::longest_error));
    return answer;
}

void write_tags(const TrackTags& tags, MessageWriter& answer) {
    const auto write = [&](const std::string& text) {
        answer.text(std::string_view(text).substr(0, protocol::longest_tag));
    };
    for (const std::vector<std::string>* values : {&tags.genres, &tags.moods}) {
        const auto count = std::min<std::size_t>(values->size(), protocol::most_values);
        answer.integer(static_cast<std::int64_t>(count));
        std::for_each_n(values->begin(), count, write);
    }
    for (const std::string* text :
         {&tags.artist, &tags.album_artist, &tags.title, &tags.album, &tags.year, &tags.track}) {
        write(*text);
    }
}

}  // namespace

MessageWriter TrackServer::answer(confine::Channel::Received& received) {
    try {
        MessageReader request(std::move(received.message));
        MessageWriter answer = begin(Answer::done);
        handle(request, received.descriptors, answer);
        return answer;
    } catch (const Error& error) {
        return failure(error.code(), error.what());
    } catch (const std::bad_alloc&) {
        close();  // which leaves room for the answer
        return begin(Answer::out_of_memory);
    } catch (const std::exception& error) {
        return failure(ErrorCode::internal, error.what());
    }
}

void TrackServer::handle(MessageReader& request, std::vector<files::Descriptor>& descriptors, MessageWriter& answer) {
    switch (static_cast<Request>(request.integer())) {
        case Request::open:
            open(request, descriptors);
            break;
        case Request::looks_like_audio:
            answer.integer(track_->looks_like_audio());
            break;
        case Request::read_content:
            read_content(answer);
            break;
        case Request::read_tags:
            read_tags(answer);
            break;
        case Request::open_audio:
            open_audio(request, answer);
            break;
        case Request::seconds:
            answer.real(std::clamp(audio_->seconds(), 0.0, protocol::longest_seconds));
            break;
        case Request::skip_to:
            answer.integer(audio_->skip_to(request.integer()));
            break;
        case Request::read:
            read(request, answer);
            break;
    }
}

void TrackServer::close() {
    audio_.reset();
    track_.reset();
    input_.reset();
}

void TrackServer::open(MessageReader& request, std::vector<files::Descriptor>& descriptors) {
    close();
    std::string name = request.text();
    const std::int64_t size = request.integer();
    if (descriptors.size() == 2) memory_.emplace(std::move(descriptors[1]), protocol::memory_bytes);
    input_ = std::make_shared<audio::DescriptorInput>(std::move(descriptors.at(0)), size, std::move(name));
    track_ = std::make_unique<LocalTrack>(input_);
#ifdef EARMARK_TEST_DECODER
    misbehave(*input_);
#endif
}

void TrackServer::read_content(MessageWriter& answer) {
    const TrackContent content = track_->read_content();
    answer.text({reinterpret_cast<const char*>(content.hash.data()), content.hash.size()});
    write_tags(content.tags, answer);
}

void TrackServer::read_tags(MessageWriter& answer) {
    const std::optional<TrackTags> tags = track_->read_tags();
    answer.integer(tags.has_value());
    if (tags) write_tags(*tags, answer);
}

void TrackServer::open_audio(MessageReader& request, MessageWriter& answer) {
    audio_.reset();
    audio_ = audio::decode(input_, static_cast<int>(request.integer()));
    const AudioInfo& info = audio_->info();
    answer.text(info.container).text(info.codec).integer(info.sample_rate).integer(info.channels);
    answer.real(std::clamp(info.declared_seconds, 0.0, protocol::longest_seconds)).integer(audio_->sample_rate());
}

void TrackServer::read(MessageReader& request, MessageWriter& answer) {
    const auto half = static_cast<std::size_t>(request.integer(0, 1));
    const auto count = static_cast<std::size_t>(request.integer(1, protocol::half_samples));
    float* const begin = static_cast<float*>(memory_.value().data()) + half * protocol::half_samples;
    std::size_t filled = 0;
    bool ended = false;
    while (filled < count && !ended) {
        const std::span<const float> samples = audio_->read(count - filled);
        std::ranges::copy(samples, begin + filled);
        filled += samples.size();
        ended = samples.empty();
    }
    answer.integer(static_cast<std::int64_t>(filled)).integer(ended).integer(audio_->rate_changed());
    const std::vector<std::string>& warnings = audio_->warnings();
    const std::size_t told = std::min<std::size_t>(warnings.size(), protocol::most_warnings);
    answer.integer(static_cast<std::int64_t>(told));
    for (std::size_t i = 0; i < told; ++i) {
        answer.text(std::string_view(warnings[i]).substr(0, protocol::longest_warning));
    }
}

void serve_tracks(const confine::Channel& channel) {
    TrackServer server;
    while (std::optional<confine::Channel::Received> received = channel.receive(true)) {
        if (!channel.send(server.answer(*received).bytes())) return;
    }
}

}  // namespace earmark::library
