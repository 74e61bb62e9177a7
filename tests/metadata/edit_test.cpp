#include "metadata/edit/edit.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <random>

#include "edited.hpp"
#include "files/atomic_file.hpp"
#include "files/descriptor.hpp"
#include "metadata/formats/ogg.hpp"
#include "metadata/formats/vorbis.hpp"
#include "support/error_of.hpp"
#include "support/temporary_folder.hpp"

namespace earmark::metadata {
namespace {

using testing::edited;
using testing::frame23;
using testing::id3v2;
using testing::mpeg_frames;
using testing::texts;
using Genres = std::vector<std::string>;

std::string ape(const std::string& key, const std::string& value) {
    const std::string item = to_little_endian(value.size(), 4) + std::string(4, '\0') + key + '\0' + value;
    return item + "APETAGEX" + to_little_endian(2000, 4) + to_little_endian(item.size() + 32, 4) +
           to_little_endian(1, 4) + std::string(12, '\0');
}

TEST(EditOfId3v2, KeepsTheVersionAndTheSizeWherePaddingAllows) {
    for (const unsigned version : {3U, 4U}) {
        const std::string body = frame23("TPE1", std::string("\0One", 4)) + frame23("TMOO", std::string("\0Merry", 6)) +
                                 std::string(100, '\0');
        const std::string before = id3v2(version, body) + mpeg_frames();
        const std::string after = edited(before, Genres{"Jazz", "Ünï"});
        EXPECT_EQ(after.size(), before.size());
        EXPECT_EQ(after.substr(0, 10), before.substr(0, 10));
        EXPECT_EQ(texts(after, "TCON"), (Genres{"Jazz", "Ünï"}));
        EXPECT_EQ(texts(after, "TMOO"), Genres{"Merry"});
        EXPECT_EQ(edited(after, {}), before) << "what was put in is taken out again";
    }
}

TEST(EditOfId3v2, WritesVersion2AndUnsynchronisedTags) {
    const std::string old = id3v2(2, "TP1" + to_big_endian(4, 3) + std::string("\0One", 4) + std::string(50, '\0'));
    EXPECT_EQ(texts(edited(old + mpeg_frames(), Genres{"Jazz"}), "TCO"), Genres{"Jazz"});
    // A picture of many bytes 255, each followed by an inserted zero.
    std::string picture;
    for (int i = 0; i < 300; ++i) picture += std::string("\xFF\0\xE0", 3);
    const std::string plain(300, '\xFF');
    const std::string head = "APIC" + to_big_endian(600, 4) + std::string(2, '\0');
    const std::string before = id3v2(3, head + picture + std::string(60, '\0'), 0x80) + mpeg_frames();
    const std::string after = edited(before, Genres{"Jazz"});
    const Metadata metadata = read_metadata(MemorySource(after));
    ASSERT_EQ(metadata.items.size(), 2U);
    EXPECT_EQ(metadata.items[0].key, "APIC");
    EXPECT_EQ(metadata.items[0].size, 600U);
    EXPECT_EQ(metadata.items[0].digest, read_metadata(MemorySource(before)).items[0].digest);
    EXPECT_EQ(texts(after, "TCON"), Genres{"Jazz"});
}

TEST(EditOfId3v2, IsFoundByReadersThatEndAtAnEmptyFrame) {
    const std::string body = frame23("MCDI", "") + frame23("TCON", std::string("\0Old", 4)) + std::string(50, '\0');
    const std::string after = edited(id3v2(3, body) + mpeg_frames(), Genres{"Jazz"});
    EXPECT_LT(after.find("TCON"), after.find("MCDI"));
    EXPECT_EQ(texts(after, "TCON"), Genres{"Jazz"});
}

TEST(EditOfTrailingTags, BringsAllInLine) {
    const std::string before = mpeg_frames() + ape("Genre", "Old") + testing::id3v1('\x11');
    const std::string after = edited(before, Genres{"Blues", "Ska"});
    EXPECT_EQ(after.substr(0, 3), "ID3");
    EXPECT_EQ(texts(after, "Genre"), (Genres{"Blues", "Ska"}));
    EXPECT_EQ(texts(after, "genre"), Genres{"Blues"});
    EXPECT_EQ(after.back(), '\0') << "ID3v1 names blues by the number 0";
    const Metadata metadata = read_metadata(MemorySource(before));
    EXPECT_EQ(metadata.audio_end, mpeg_frames().size());
}

TEST(EditOfTrailingTags, LeavesTagsOfLoudnessAlone) {
    const std::string gain = ape("MP3GAIN_MINMAX", "100,200");
    const std::string after = edited(mpeg_frames() + gain, Genres{"Jazz"});
    EXPECT_EQ(after.substr(after.size() - gain.size()), gain);
}

TEST(EditOfApeFiles, MakesTheTagThatTheyAreAtHomeWith) {
    for (const char* head : {"MAC \x96\x0F", "MP+\x07", "MPCK", "wvpk"}) {
        const std::string sound = head + std::string(200, '\1');
        const std::string after = edited(sound, Genres{"Jazz", "Ska"});
        EXPECT_EQ(after.substr(0, sound.size()), sound);
        EXPECT_EQ(texts(after, "Genre"), (Genres{"Jazz", "Ska"}));
        EXPECT_EQ(edited(edited(after, Genres{"A"}), Genres{"Jazz", "Ska"}), after);
        const std::string old = edited(sound + testing::id3v1('\x11'), Genres{"Jazz"});
        EXPECT_EQ(texts(old, "Title"), Genres{"Some Title"});
        EXPECT_EQ(old.substr(old.size() - 128, 3), "TAG");
    }
}

/// An Opus stream whose comment packet has so many bytes, with three pages of sound.
std::string opus(std::size_t size) {
    VorbisComments comments;
    comments.fields = {"ARTIST=" + std::string(size, 'a')};
    const std::string packets[] = {"OpusHead" + std::string(11, '\1'), "OpusTags" + render(comments), "sound", "more",
                                   "last"};
    std::string file;
    std::uint32_t sequence = 0;
    for (const std::string& packet : packets) {
        std::string lacing(packet.size() / 255, '\xFF');
        lacing += static_cast<char>(packet.size() % 255);
        for (std::size_t at = 0; at < lacing.size(); at += 255) {
            OggPage page;
            page.serial = 7;
            page.flags = (sequence == 0 ? 2U : 0U) | (at > 0 ? 1U : 0U);
            page.granule = packet.size() < 10 ? 960 * sequence : at + 255 < lacing.size() ? ~std::uint64_t{0} : 0;
            page.sequence = sequence++;
            file += render_page(page, lacing.substr(at, 255), packet.substr(at * 255, std::size_t{255} * 255));
        }
    }
    return file;
}

/// Sees to it that pages are numbered, checksums right and packets of sound in place.
void expect_sound_ogg(const std::string& file) {
    const MemorySource source(file);
    std::uint64_t at = 0;
    std::uint32_t sequence = 0;
    std::string sound;
    while (const auto page = parse_page(source, at)) {
        EXPECT_EQ(page->sequence, sequence++);
        const std::string bytes = file.substr(page->offset, page->end - page->offset);
        EXPECT_EQ(render_page(*page, page->lacing, bytes.substr(27 + page->lacing.size())), bytes);
        if (page->granule != 0 && page->granule != ~std::uint64_t{0}) sound += bytes.substr(27 + page->lacing.size());
        at = page->end;
    }
    EXPECT_EQ(at, file.size());
    EXPECT_EQ(sound, "soundmorelast");
}

TEST(EditOfOgg, RenumbersPagesWhereTheCommentsNeedOneMore) {
    for (const std::size_t size : {10U, 200U, 1000U, 64900U, 64960U, 64980U, 65000U, 130000U}) {
        const std::string before = opus(size);
        expect_sound_ogg(before);
        for (const std::size_t length : {1U, 40U, 300U, 70000U}) {
            const std::string after = edited(before, Genres{std::string(length, 'g'), "Ska"});
            expect_sound_ogg(after);
            EXPECT_EQ(texts(after, "GENRE"), (Genres{std::string(length, 'g'), "Ska"}));
            EXPECT_EQ(texts(after, "ARTIST"), texts(before, "ARTIST"));
            expect_sound_ogg(edited(after, {}));
        }
    }
}

std::string atom(const std::string& name, const std::string& content) {
    return to_big_endian(content.size() + 8, 4) + name + content;
}

/// An MP4 whose table of offsets points to "sound"; `padding` is what the free atom behind the moov atom holds.
std::string mp4(bool first, std::size_t padding, const std::string& data) {
    const std::string sound = atom("mdat", "sound");
    const std::string free = padding > 0 ? atom("free", std::string(padding - 8, '\0')) : "";
    const auto movie = [&](std::uint64_t offset) {
        const std::string table = atom("stco", to_big_endian(0, 4) + to_big_endian(1, 4) + to_big_endian(offset, 4));
        return atom("moov", atom("trak", atom("mdia", atom("minf", atom("stbl", table)))) + data);
    };
    const std::string type = atom("ftyp", "M4A \0\0\0\0");
    if (!first) return type + sound + movie(type.size() + 8) + free;
    return type + movie(type.size() + movie(0).size() + free.size() + 8) + free + sound;
}

TEST(EditOfMp4, MovesOffsetsWithTheSound) {
    const std::string list =
        atom("ilst", atom("\251nam", atom("data", to_big_endian(1, 4) + to_big_endian(0, 4) + "T")));
    const std::string handler = atom("hdlr", std::string(8, '\0') + "mdirappl" + std::string(9, '\0'));
    const std::string tagged = atom("udta", atom("meta", std::string(4, '\0') + handler + list));
    for (const bool first : {true, false}) {
        for (const std::size_t padding : {0U, 8U, 100U, 5000U}) {
            for (const std::string& data : {std::string(), tagged}) {
                const std::string before = mp4(first, padding, data);
                for (const Genres& genres : {Genres{"Jazz"}, Genres{"Ska", std::string(500, 'g')}}) {
                    const std::string after = edited(before, genres);
                    EXPECT_EQ(texts(after, "©gen"), genres);
                    EXPECT_EQ(texts(after, "©nam"), texts(before, "©nam"));
                    const std::size_t table = after.find("stco");
                    EXPECT_EQ(after.substr(big_endian(after, table + 12, 4), 5), "sound") << first << " " << padding;
                    EXPECT_TRUE(texts(edited(after, {}), "©gen").empty());
                }
            }
        }
    }
}

TEST(EditOfMoods, StandsWhereTaggersLookForIt) {
    const std::vector<std::string> moods{"Happy", "Ünruhig"};
    const std::string artist = frame23("TPE1", std::string("\0One", 4)) + std::string(100, '\0');
    EXPECT_EQ(texts(edited(id3v2(4, artist) + mpeg_frames(), moods, Field::mood), "TMOO"), moods);
    EXPECT_EQ(texts(edited(id3v2(3, artist) + mpeg_frames(), moods, Field::mood), "TXXX:MOOD"), moods);
    const std::string old = "TP1" + to_big_endian(4, 3) + std::string("\0One", 4) + std::string(50, '\0');
    EXPECT_EQ(texts(edited(id3v2(2, old) + mpeg_frames(), moods, Field::mood), "TXX:MOOD"), moods);
    EXPECT_EQ(texts(edited(mpeg_frames() + ape("Genre", "Old"), moods, Field::mood), "Mood"), moods);
    EXPECT_EQ(texts(edited(mp4(true, 100, ""), moods, Field::mood), "----:com.apple.iTunes:MOOD"), moods);
    EXPECT_EQ(texts(edited(opus(300), moods, Field::mood), "MOOD"), moods);
}

TEST(EditOfMoods, ReplacesThoseOfOtherTaggers) {
    // What stands in an ID3v2.3 tag by the name of ID3v2.4, and in other case.
    const std::string body = frame23("TMOO", std::string("\0Merry", 6)) +
                             frame23("TXXX", std::string("\0mood\0sad", 9)) +
                             frame23("TXXX", std::string("\0mood2\0x", 8)) + std::string(100, '\0');
    const std::string after = edited(id3v2(3, body) + mpeg_frames(), {"Calm"}, Field::mood);
    EXPECT_EQ(texts(after, "TXXX:MOOD"), Genres{"Calm"});
    EXPECT_TRUE(texts(after, "TMOO").empty());
    EXPECT_TRUE(texts(after, "TXXX:mood").empty());
    EXPECT_EQ(texts(after, "TXXX:mood2"), Genres{"x"});
    EXPECT_TRUE(texts(edited(after, {}, Field::mood), "TXXX:MOOD").empty());
    EXPECT_EQ(texts(edited(after, {"Jazz"}), "TXXX:MOOD"), Genres{"Calm"}) << "a genre leaves it alone";
}

TEST(EditOfMoods, TakesTheGenreAlongIntoANewTag) {
    const std::string after = edited(mpeg_frames() + testing::id3v1(17), {"Happy"}, Field::mood);
    EXPECT_EQ(texts(after, "TCON"), Genres{"Rock"}) << "which the new tag would hide";
    EXPECT_EQ(texts(after, "TPE1"), Genres{"Some Artist"});
    EXPECT_EQ(texts(after, "TMOO"), Genres{"Happy"});
}

TEST(Edit, OfAnOpenFileIsThatOnPaper) {
    const testing::TemporaryFolder folder;
    const std::string before = mp4(true, 0, "") + std::string(3'000'000, 's');
    files::write_file(folder.path() / "a", before);
    const files::Descriptor file(::open((folder.path() / "a").c_str(), O_RDWR));
    const std::vector<FieldEdit> edits{{Field::genre, {"Jazz"}}, {Field::mood, {"Happy", "Calm"}}};
    EXPECT_EQ(edit_fields(file.get(), edits).container, Container::mp4);
    const std::string on_paper = edited(edited(before, {"Jazz"}), {"Happy", "Calm"}, Field::mood);
    EXPECT_TRUE(files::read_file(folder.path() / "a") == on_paper);
}

TEST(Edit, NamesKindsThatTakeNoTags) {
    for (const auto& [head, name] : std::vector<std::pair<std::string, std::string>>{{"\x1A\x45\xDF\xA3", "Matroska"},
                                                                                     {"TTA1", "True Audio"},
                                                                                     {"caff", "Core Audio"},
                                                                                     {".snd", "AU"},
                                                                                     {"MThd", "MIDI"}}) {
        const std::string error = testing::error_of([&] { edited(head + std::string(100, '\0'), Genres{"Jazz"}); });
        EXPECT_TRUE(testing::contains(error, "unsupported: is a file of the kind " + name)) << error;
    }
}

TEST(CheckOfAnEdit, NamesTheTagAtFault) {
    const std::string body = frame23("TXXX", std::string("\0FOO\0bar", 8)) + frame23("TPE1", std::string("\0One", 4));
    const Metadata before = read_metadata(MemorySource(id3v2(3, body) + mpeg_frames()));
    Metadata after = before;
    std::swap(after.items[0], after.items[1]);
    after.items.pop_back();
    EXPECT_TRUE(testing::contains(testing::error_of([&] {
                                      check_edit(before, after, {Field::genre, {}});
                                  }),
                                  "would change TXXX:FOO of ID3v2.3 tag 1. Save its tags"));
    after.items.clear();
    EXPECT_TRUE(testing::contains(testing::error_of([&] {
                                      check_edit(before, after, {Field::genre, {}});
                                  }),
                                  "would lose TXXX:FOO"));
}

TEST(Metadata, OfDamagedFilesNeitherLoopsNorReadsBeyond) {
    std::mt19937 random(1);
    const std::string seeds[] = {
        id3v2(3, frame23("TPE1", std::string("\0One", 4))) + mpeg_frames() + ape("Genre", "Old"), opus(300),
        mp4(true, 100, atom("udta", "")), "fLaC" + std::string(100, '\0'),
        "RIFF" + std::string(4, '\x20') + "WAVELIST" + std::string(60, '\1')};
    for (const std::string& seed : seeds) {
        for (int i = 0; i < 3000; ++i) {
            std::string bytes = seed;
            for (int k = 0; k < 4; ++k) bytes[random() % bytes.size()] = static_cast<char>(random());
            bytes.resize(1 + random() % bytes.size());
            try {
                edited(bytes, Genres{"Jazz"});
            } catch (const Error&) {
                continue;  // refused, which is as good
            }
        }
    }
}

}  // namespace
}  // namespace earmark::metadata
