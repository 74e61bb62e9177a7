#include "audio/content.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "audio/ffmpeg_tool.hpp"
#include "support/signals.hpp"
#include "support/wav.hpp"

namespace earmark::audio {
namespace {

using testing::bytes_of;
using testing::error_of;

namespace fs = std::filesystem;

struct Kind {
    std::string extension;
    std::string encode;
};

class ContentOf : public testing::WithFfmpeg, public ::testing::WithParamInterface<Kind> {};

TEST_P(ContentOf, StaysWhenTagsAreWritten) {
    const Kind& kind = GetParam();
    const std::string name = "a." + kind.extension;
    tone(name, kind.encode + " -map_metadata -1");
    const AudioContent plain = read_content(file(name));
    EXPECT_FALSE(plain.tags.contains("genre"));

    const std::string tagged = "tagged." + kind.extension;
    ffmpeg("-i " + name + " -c copy -metadata genre='Hard Rock' -metadata artist='An Artist' -metadata title=Song " +
           tagged);
    ASSERT_NE(testing::bytes_of(file(tagged)), testing::bytes_of(file(name)));
    const AudioContent with_tags = read_content(file(tagged));
    EXPECT_EQ(with_tags.hash, plain.hash);
    EXPECT_EQ(with_tags.tags.at("genre"), "Hard Rock");
    EXPECT_EQ(with_tags.tags.at("artist"), "An Artist");
    EXPECT_EQ(with_tags.tags.at("title"), "Song");

    const std::string stripped = "stripped." + kind.extension;
    ffmpeg("-i " + tagged + " -c copy -map_metadata -1 " + stripped);
    EXPECT_EQ(read_content(file(stripped)).hash, plain.hash);
    EXPECT_FALSE(read_content(file(stripped)).tags.contains("title"));
}

TEST_P(ContentOf, IsAnotherForOtherSound) {
    const Kind& kind = GetParam();
    tone("a." + kind.extension, kind.encode);
    tone("b." + kind.extension, kind.encode + " -af volume=0.5");
    tone("c." + kind.extension, kind.encode, 3.0);
    const files::ContentHash::Digest hash = read_content(file("a." + kind.extension)).hash;
    EXPECT_NE(read_content(file("b." + kind.extension)).hash, hash);
    EXPECT_NE(read_content(file("c." + kind.extension)).hash, hash);
}

TEST_P(ContentOf, LooksLikeAudioWhateverItsName) {
    const Kind& kind = GetParam();
    tone("a." + kind.extension, kind.encode);
    fs::rename(file("a." + kind.extension), file("unnamed"));
    EXPECT_TRUE(looks_like_audio(file("unnamed")));
}

INSTANTIATE_TEST_SUITE_P(Formats, ContentOf,
                         ::testing::Values(Kind{"mp3", "-c:a libmp3lame -b:a 128k"}, Kind{"flac", "-c:a flac"},
                                           Kind{"ogg", "-c:a libvorbis"}, Kind{"opus", "-c:a libopus"},
                                           Kind{"m4a", "-c:a aac"}, Kind{"wav", "-c:a pcm_s16le"}),
                         [](const auto& each) { return each.param.extension; });

using Content = testing::WithFfmpeg;

TEST_F(Content, StaysWhenId3TagsAreTakenAway) {
    tone("a.mp3", "-c:a libmp3lame -metadata genre=Jazz -write_id3v1 1");
    ffmpeg("-i a.mp3 -c copy -map_metadata -1 -id3v2_version 0 -write_id3v1 0 bare.mp3");
    ASSERT_EQ(testing::bytes_of(file("a.mp3")).substr(0, 3), "ID3");
    ASSERT_NE(testing::bytes_of(file("bare.mp3")).substr(0, 3), "ID3");
    EXPECT_EQ(read_content(file("bare.mp3")).hash, read_content(file("a.mp3")).hash);
    EXPECT_TRUE(looks_like_audio(file("bare.mp3")));
}

TEST_F(Content, StaysWhenAPictureIsAdded) {
    tone("a.flac");
    ffmpeg("-f lavfi -i color=red:s=600x600 -frames:v 1 cover.png");
    ffmpeg("-i a.flac -i cover.png -map 0:a -map 1:v -c:a copy -c:v copy -disposition:v attached_pic b.flac");
    EXPECT_EQ(read_content(file("b.flac")).hash, read_content(file("a.flac")).hash);
}

TEST_F(Content, OfTheSameSoundIsDecodedToTheSame) {
    tone("a.flac");
    tone("b.flac", "-af volume=0.5");
    const files::ContentHash::Digest hash = hash_of_sound(file("a.flac"));
    EXPECT_NE(hash_of_sound(file("b.flac")), hash);
    ffmpeg("-i a.flac -c copy -metadata title=Song c.flac");
    EXPECT_EQ(hash_of_sound(file("c.flac")), hash);
    // Packets alone do not tell of the codec's set-up data: STREAMINFO lies behind "fLaC" and a header of four bytes.
    std::string bytes = testing::bytes_of(file("a.flac"));
    ++bytes[8 + 30];
    testing::write_bytes(file("d.flac"), bytes);
    EXPECT_EQ(read_content(file("d.flac")).hash, read_content(file("a.flac")).hash);
    EXPECT_NE(hash_of_sound(file("d.flac")), hash);

    // Nor of an edit list, which says where an MP4 begins to sound.
    tone("a.m4a", "-c:a aac");
    bytes = testing::bytes_of(file("a.m4a"));
    const std::size_t edits = bytes.find("elst");
    ASSERT_NE(edits, std::string::npos);
    bytes[edits + 4 + 4 + 4 + 4 + 3] ^= 1;  // version, count and duration come before the time
    testing::write_bytes(file("b.m4a"), bytes);
    EXPECT_EQ(read_content(file("b.m4a")).hash, read_content(file("a.m4a")).hash);
    EXPECT_NE(hash_of_sound(file("b.m4a")), hash_of_sound(file("a.m4a")));
}

TEST_F(Content, TakesNoPicturesTextsAndFilmsForSound) {
    ffmpeg("-f lavfi -i color=red:s=60x60 -frames:v 1 a.png");
    ffmpeg("-f lavfi -i color=red:s=60x60 -frames:v 1 a.jpg");
    fs::rename(file("a.png"), file("picture"));
    fs::rename(file("a.jpg"), file("photo"));
    std::ofstream(file("text")) << std::string(5000, 'a') << "\n";
    std::ofstream(file("empty"));
    std::ofstream(file("list")) << "#EXTM3U\nsong.mp3\n";
    for (const char* name : {"picture", "photo", "text", "empty", "list", "missing"}) {
        EXPECT_FALSE(looks_like_audio(file(name))) << name;
    }
    EXPECT_FALSE(looks_like_audio(file(".")));
    ffmpeg("-f lavfi -i color=red:s=60x60:d=1 -c:v mpeg4 silent.mp4");
    EXPECT_EQ(testing::error_of([&] { read_content(file("silent.mp4")); }).code(), ErrorCode::no_audio);
}

TEST_F(Content, SaysWhatIsWrong) {
    EXPECT_EQ(testing::error_of([&] { read_content(file("missing.mp3")); }).code(), ErrorCode::not_found);
    std::ofstream(file("broken.mp3")) << "no music";
    EXPECT_EQ(testing::error_of([&] { read_content(file("broken.mp3")); }).code(), ErrorCode::no_audio);
}

}  // namespace
}  // namespace earmark::audio
