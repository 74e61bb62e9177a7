// Reading in confined processes: the same as in this one, whatever becomes of them.
#include "library/reading/confined_tracks.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <fstream>
#include <functional>
#include <limits>
#include <optional>

#include "library/reading/serve.hpp"
#include "support/error_of.hpp"
#include "support/signals.hpp"
#include "support/temporary_folder.hpp"
#include "support/wav.hpp"

namespace earmark::library {
namespace {

namespace fs = std::filesystem;
using confine::Answer;
using confine::Channel;
using confine::MessageReader;
using confine::MessageWriter;
using protocol::Request;
using testing::contains;
using testing::error_of;

/// Serves as it should, but for the answers that `lie(request, memory)` gives instead; the memory is that of the samples.
std::function<void(const Channel&)> lying(std::function<std::optional<MessageWriter>(Request, float*)> lie) {
    return [lie](const Channel& channel) {
        TrackServer server;
        void* memory = nullptr;
        while (std::optional<Channel::Received> received = channel.receive(true)) {
            const auto request = static_cast<Request>(MessageReader(received->message).integer());
            if (received->descriptors.size() == 2) {
                memory = ::mmap(nullptr, protocol::memory_bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
                                received->descriptors[1].get(), 0);
            }
            MessageWriter answer = server.answer(*received);
            if (std::optional<MessageWriter> other = lie(request, static_cast<float*>(memory))) answer = *other;
            if (!channel.send(answer.bytes())) return;
        }
    };
}

MessageWriter done() {
    MessageWriter answer;
    answer.integer(static_cast<std::int64_t>(Answer::done));
    return answer;
}

std::vector<float> all(AudioReader reader, std::size_t piece = std::numeric_limits<std::size_t>::max()) {
    std::vector<float> samples;
    for (auto some = reader.read(piece); !some.empty(); some = reader.read(piece)) {
        samples.insert(samples.end(), some.begin(), some.end());
    }
    return samples;
}

class ConfinedReading : public ::testing::Test {
  protected:
    ConfinedReading() {
        testing::write_wav(song, testing::tones(12.0, 300.0));
        testing::write_wav(other, testing::tones(1.0, 500.0));
    }

    /// What becomes of reading a file through processes that lie.
    std::string lied(std::function<std::optional<MessageWriter>(Request, float*)> lie) const {
        ConfinedTracks tracks(lying(std::move(lie)));
        return error_of([&] {
            const std::unique_ptr<TrackReader> track = tracks.open(song);
            track->read_content();
            all(track->open_audio(16'000));
        });
    }

    testing::TemporaryFolder folder;
    fs::path song = folder.path() / "song.wav";
    fs::path other = folder.path() / "other.wav";
};

TEST_F(ConfinedReading, AreReadAsInThisProcess) {
    ConfinedTracks tracks;
    const std::unique_ptr<TrackReader> track = tracks.open(song);
    EXPECT_TRUE(track->looks_like_audio());
    const TrackContent content = track->read_content();
    const TrackContent expected = open_track(song)->read_content();
    EXPECT_EQ(content.hash, expected.hash);
    EXPECT_EQ(content.tags, expected.tags);
    EXPECT_EQ(track->read_tags(), expected.tags);
    for (const int rate : {0, 16'000, 22'050}) {
        AudioReader plain(song, {.sample_rate = rate});
        AudioReader confined = tracks.open(song)->open_audio(rate);
        EXPECT_EQ(confined.info().codec, plain.info().codec);
        EXPECT_EQ(confined.sample_rate(), plain.sample_rate());
        EXPECT_EQ(confined.seconds(), plain.seconds());
        const std::vector<float> samples = all(std::move(plain));
        EXPECT_EQ(all(std::move(confined)), samples);
        EXPECT_EQ(all(tracks.open(song)->open_audio(rate), 1000), samples);
        AudioReader ahead = tracks.open(song)->open_audio(rate);
        ahead.decode_ahead();
        EXPECT_GT(ahead.seconds(), 11.9);
        EXPECT_EQ(all(std::move(ahead)), samples);
    }
}

TEST_F(ConfinedReading, CanBeSkippedInAndReopened) {
    ConfinedTracks tracks;
    AudioReader plain(song, {.sample_rate = 16'000});
    AudioReader confined = tracks.open(song)->open_audio(16'000);
    for (AudioReader* reader : {&plain, &confined}) {
        reader->read(100);
        ASSERT_TRUE(reader->skip_to(90'000));
        EXPECT_EQ(reader->position(), 90'000);
        EXPECT_FALSE(reader->reopen().skip_to(10'000'000));
    }
    AudioReader again = confined.reopen();
    EXPECT_EQ(all(std::move(confined)), all(std::move(plain)));
    EXPECT_EQ(all(std::move(again)), all(AudioReader(song, {.sample_rate = 16'000})));
}

TEST_F(ConfinedReading, HaveTheSameErrors) {
    std::ofstream(folder.path() / "text.mp3") << "This is no music.";
    std::ofstream(folder.path() / "empty.mp3");
    ConfinedTracks tracks;
    for (const char* name : {"text.mp3", "empty.mp3", "missing.mp3", "."}) {
        const fs::path path = folder.path() / name;
        EXPECT_EQ(error_of([&] { tracks.open(path)->open_audio(22'050); }),
                  error_of([&] { AudioReader reader(path); }));
    }
    const std::unique_ptr<TrackReader> track = tracks.open(song);
    track->looks_like_audio();
    std::ofstream(song, std::ios::app) << "more";
    EXPECT_TRUE(contains(error_of([&] { track->read_content(); }), "changed: " + song.string()));
}

TEST_F(ConfinedReading, AreReadOnInAFreshProcessWhereOneEnded) {
    const auto crash_late = [opened = 0, read = 0](Request request, float*) mutable -> std::optional<MessageWriter> {
        if (request == Request::open) {
            ++opened;
            read = 0;
        }
        if (request == Request::read && opened == 2 && ++read == 2) std::raise(SIGSEGV);
        return std::nullopt;
    };
    for (const bool ahead : {false, true}) {
        ConfinedTracks tracks(lying(crash_late));
        EXPECT_EQ(all(tracks.open(other)->open_audio(16'000)), all(AudioReader(other, {.sample_rate = 16'000})));
        AudioReader plain(song, {.sample_rate = 16'000});
        AudioReader confined = tracks.open(song)->open_audio(16'000);
        for (AudioReader* reader : {&plain, &confined}) ASSERT_TRUE(reader->skip_to(30'000));
        if (ahead) confined.decode_ahead();
        EXPECT_EQ(all(std::move(confined)), all(std::move(plain)));
    }
}

TEST_F(ConfinedReading, BelieveNothingThatCannotBe) {
    const std::string expected = "internal: " + song.string() + ": the decoder gave an answer that makes no sense.";
    const auto says = [&](Request which, const MessageWriter& answer) {
        return lied([&](Request request, float*) { return request == which ? std::optional(answer) : std::nullopt; });
    };
    MessageWriter text_too_long = done();
    text_too_long.integer(1'000'000'000);
    EXPECT_TRUE(contains(says(Request::read_content, text_too_long), expected));
    EXPECT_TRUE(contains(says(Request::open, text_too_long), expected));
    EXPECT_TRUE(contains(says(Request::open_audio, text_too_long), expected));
    MessageWriter too_many = done();
    too_many.integer(protocol::half_samples + 1).integer(0).integer(0);
    EXPECT_TRUE(contains(says(Request::read, too_many), expected));
    MessageWriter none = done();
    none.integer(0).integer(0).integer(0);
    EXPECT_TRUE(contains(says(Request::read, none), expected));
    MessageWriter no_kind;
    no_kind.integer(77);
    EXPECT_TRUE(contains(says(Request::read, no_kind), expected));
    EXPECT_TRUE(contains(says(Request::read, MessageWriter()), expected));
    const auto no_number = [](Request request, float* memory) -> std::optional<MessageWriter> {
        if (request == Request::read) std::fill_n(memory, 2 * protocol::half_samples, std::nanf(""));
        return std::nullopt;
    };
    EXPECT_TRUE(contains(lied(no_number), expected));
}

TEST_F(ConfinedReading, NameTheFileInWhateverIsSaid) {
    const std::string said = lied([](Request request, float*) -> std::optional<MessageWriter> {
        if (request != Request::open_audio) return std::nullopt;
        MessageWriter answer;
        answer.integer(static_cast<std::int64_t>(Answer::failed));
        answer.integer(static_cast<std::int64_t>(ErrorCode::no_audio)).text("other.mp3: is a good file.");
        return answer;
    });
    EXPECT_EQ(said, "no_audio: " + song.string() + ": other.mp3: is a good file.");
}

}  // namespace
}  // namespace earmark::library
