#include "library/tagging/tag_restore.hpp"

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
            TagEdit tag_edit(file, {"Hip-Hop", "Jazz"});
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
    { const TagEdit tag_edit(file, {"New"}); }
    EXPECT_TRUE(files::read_file(file) == before);
    EXPECT_EQ(files(), 1U);
}

TEST_F(TagEditing, RestoresGenresAloneWhereOthersChangedTheFile) {
    const fs::path file = make({"a.mp3", "MP3", {"-b:a", "64k"}}, {"title=A song", "genre=Old"});
    TagEdit tag_edit(file, {"New"});
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

TEST_F(TagEditing, TellsOfAFullDiskThoughTagLibDoesNot) {
    // Room for the copy, but not for what the tags add to it.
    for (const Format& format : {Format{"a.mp3", "MP3", {"-b:a", "64k", "-id3v2_version", "0", "-write_id3v1", "0"}},
                                 Format{"a.opus", "Opus", {"-c:a", "libopus"}}, Format{"a.wav", "WAV", {}}}) {
        const fs::path file = make(format, {});
        const std::string before = files::read_file(file);
        const std::string long_name(5000, 'g');
        {
            const testing::FileSizeLimit limit(before.size() + 100);
            const std::string error = testing::error_of([&] { const TagEdit tag_edit(file, {long_name}); });
            EXPECT_TRUE(testing::contains(
                error, format.name + ": its copy cannot be written: File too large. The file is as it was"));
        }
        EXPECT_TRUE(files::read_file(file) == before) << format.name;
    }
    EXPECT_EQ(files(), 3U) << "no copies are left";
}

TEST_F(TagEditing, RefusesADamagedPatch) {
    const fs::path file = make({"a.ogg", "Ogg Vorbis", {"-c:a", "libvorbis"}}, {"genre=Old"});
    TagEdit tag_edit(file, {"A genre with a longer name"});
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
