#include "library/tagging/tag_restore.hpp"

#include <algorithm>

#include "files/atomic_file.hpp"
#include "library/tags/track_content.hpp"
#include "support/error_of.hpp"
#include "support/file_size_limit.hpp"
#include "tagged_files.hpp"

namespace earmark::library {
namespace {

namespace fs = std::filesystem;
using testing::contains;
using testing::error_of;
using Genres = std::vector<std::string>;

class TagEditing : public testing::TaggedFiles {
  protected:
    std::size_t files() const {
        return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()));
    }

    static Undone undo(const TagChange& change, const fs::path& file) {
        TagRestore tag_restore(change, file);
        tag_restore.commit();
        return tag_restore.how();
    }
};

TEST_F(TagEditing, ChangesGenresAndUndoesItByteForByteInEveryFormat) {
    for (const Format& format : formats()) {
        const fs::path file = make(format, {"title=A song", "artist=Somebody", "genre=Old"});
        const std::string before = files::read_file(file);
        const std::string analyzed = sound(file);
        const fs::file_time_type time = fs::last_write_time(file);
        TagChange change;
        {
            TagEdit tag_edit(file, edits({"Hip-Hop", "Jazz"}));
            change = tag_edit.change();
            EXPECT_TRUE(files::read_file(file) == before) << format.name;
            tag_edit.commit();
        }
        EXPECT_EQ(change.before, Genres{"Old"}) << format.name;
        EXPECT_EQ(probed(file, "title"), "A song") << format.name;
        EXPECT_EQ(read_track_tags(file)->genres.size(), 2U) << format.name;
        EXPECT_EQ(sound(file), analyzed) << format.name;
        EXPECT_EQ(fs::last_write_time(file), time) << format.name;

        EXPECT_EQ(undo(change, file), Undone::bytes) << format.name;
        EXPECT_TRUE(files::read_file(file) == before) << format.name;
        EXPECT_EQ(undo(change, file), Undone::bytes) << "what is undone stays so";
        EXPECT_TRUE(files::read_file(file) == before) << format.name;
    }
    EXPECT_EQ(files(), formats().size()) << "no copies are left";
}

TEST_F(TagEditing, LeavesTheFileAloneWithoutCommit) {
    const fs::path file = make({"a.flac", "FLAC", {}}, {"genre=Old"});
    const std::string before = files::read_file(file);
    { const TagEdit tag_edit(file, edits({"New"})); }
    EXPECT_TRUE(files::read_file(file) == before);
    EXPECT_EQ(files(), 1U);
}

TEST_F(TagEditing, RestoresGenresAloneWhereOthersChangedTheFile) {
    const fs::path file = make({"a.mp3", "MP3", {"-b:a", "64k"}}, {"title=A song", "genre=Old"});
    TagEdit tag_edit(file, edits({"New"}));
    tag_edit.commit();
    // Another program renames the track.
    const fs::path other = folder.path() / "other.mp3";
    ASSERT_EQ(testing::run({"ffmpeg", "-v", "error", "-i", file.string(), "-c", "copy", "-metadata", "title=Another",
                            other.string()})
                  .status,
              0);
    EXPECT_EQ(undo(tag_edit.change(), other), Undone::items);
    EXPECT_EQ(read_track_tags(other)->genres, Genres{"Old"});
    EXPECT_EQ(probed(other, "title"), "Another");
}

/// An MP3 with these frames of ID3v2.3 in front, as they stand.
std::string with_frames(const std::string& sound, const std::vector<std::pair<std::string, std::string>>& frames) {
    std::string body;
    const auto number = [](std::size_t value, int bits) {
        std::string bytes;
        for (int byte = 3; byte >= 0; --byte) bytes += static_cast<char>(value >> (bits * byte) & ((1U << bits) - 1));
        return bytes;
    };
    for (const auto& [name, content] : frames)
        body += name + number(content.size(), 8) + std::string(2, '\0') + content;
    return std::string("ID3\3\0\0", 6) + number(body.size(), 7) + body + sound;
}

TEST_F(TagEditing, PutsTheOldGenreBackInItsBytesWhereAnotherProgramSavedTheFile) {
    const fs::path file = make({"a.mp3", "MP3", {"-b:a", "64k", "-id3v2_version", "0", "-write_id3v1", "0"}}, {});
    const std::string sound_bytes = files::read_file(file);
    using namespace std::string_literals;
    for (const std::string& old : {"\0(51)(39)"s, "\1\xff\xfeS\0k\0a\0"s, "\0Rock\0Reggae"s, "\0(4)Eurodisco"s}) {
        files::write_file(file, with_frames(sound_bytes, {{"TIT2", "\0A song"s}, {"TCON", old}}));
        TagEdit tag_edit(file, edits({"New", "Newer"}));
        tag_edit.commit();
        // Another program writes a title of another length, and all else as it was.
        std::string after = files::read_file(file);
        const metadata::Metadata written = metadata_of(file);
        const auto genre = std::ranges::find(written.items, "TCON", &metadata::Item::key);
        ASSERT_NE(genre, written.items.end());
        files::write_file(file, with_frames(sound_bytes, {{"TIT2", "\0Another title"s}, {"TCON", genre->value}}));

        TagRestore restore(tag_edit.change(), file);
        restore.commit();
        EXPECT_EQ(restore.how(), Undone::items);
        EXPECT_TRUE(restore.left().empty()) << restore.left().front();
        const metadata::Metadata now = metadata_of(file);
        const auto back = std::ranges::find(now.items, "TCON", &metadata::Item::key);
        ASSERT_NE(back, now.items.end());
        EXPECT_EQ(back->value, old);
        EXPECT_EQ(track_tags(now).title, "Another title");
    }
}

TEST_F(TagEditing, LeavesAGenreAloneThatAnotherProgramWrote) {
    const fs::path file = make({"a.flac", "FLAC", {}}, {"title=A song", "genre=Old"});
    TagEdit tag_edit(file, edits({"New"}));
    tag_edit.commit();
    write_genres(file, {"Polka"});
    const std::string before = files::read_file(file);
    TagRestore restore(tag_edit.change(), file);
    restore.commit();
    EXPECT_EQ(restore.how(), Undone::items);
    ASSERT_EQ(restore.left().size(), 1U);
    EXPECT_TRUE(contains(restore.left()[0], "\"Polka\", which stays; before the run it had \"Old\""))
        << restore.left()[0];
    EXPECT_FALSE(restore.changes());
    EXPECT_TRUE(files::read_file(file) == before);
}

TEST_F(TagEditing, TakesTheGenreAwayAgainWhereThereWasNone) {
    for (const Format& format : formats()) {
        const fs::path file = make(format, {"title=A song"});
        TagEdit tag_edit(file, edits({"Hip-Hop"}));
        tag_edit.commit();
        const fs::path other = folder.path() / ("other-" + format.name);
        ASSERT_EQ(testing::run({"ffmpeg", "-v", "error", "-i", file.string(), "-c", "copy", "-metadata",
                                "title=Another", other.string()})
                      .status,
                  0);
        undo(tag_edit.change(), other);
        EXPECT_EQ(read_track_tags(other)->genres, Genres{}) << format.name;
        if (format.kind.starts_with("O")) continue;  // ffmpeg keeps the stream's title
        EXPECT_EQ(read_track_tags(other)->title, "Another") << format.name;
    }
}

TEST_F(TagEditing, TellsOfAFullDisk) {
    // Room for the copy, but not for what the tags add to it.
    for (const Format& format : {Format{"a.mp3", "MP3", {"-b:a", "64k", "-id3v2_version", "0", "-write_id3v1", "0"}},
                                 Format{"a.opus", "Opus", {"-c:a", "libopus"}}, Format{"a.wav", "WAV", {}}}) {
        const fs::path file = make(format, {});
        const std::string before = files::read_file(file);
        const std::string long_name(5000, 'g');
        {
            const testing::FileSizeLimit limit(before.size() + 100);
            const std::string error = testing::error_of([&] { const TagEdit tag_edit(file, edits({long_name})); });
            EXPECT_TRUE(testing::contains(
                error, format.name + ": its copy cannot be written: File too large. The file is as it was"));
        }
        EXPECT_TRUE(files::read_file(file) == before) << format.name;
    }
    EXPECT_EQ(files(), 3U) << "no copies are left";
}

TEST_F(TagEditing, RefusesADamagedPatch) {
    const fs::path file = make({"a.ogg", "Ogg Vorbis", {"-c:a", "libvorbis"}}, {"genre=Old"});
    TagEdit tag_edit(file, edits({"A genre with a longer name"}));
    tag_edit.commit();
    const std::string after = files::read_file(file);
    TagChange change = tag_edit.change();
    change.patch[change.patch.size() / 2] ^= 1;
    EXPECT_TRUE(testing::contains(testing::error_of([&] { undo(change, file); }), "damaged"));
    EXPECT_TRUE(files::read_file(file) == after);
    EXPECT_EQ(files(), 1U);
}

}  // namespace
}  // namespace earmark::library
