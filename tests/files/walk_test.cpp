#include "files/walk.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "files/extensions.hpp"
#include "support/error_of.hpp"
#include "support/temporary_folder.hpp"

namespace earmark::files {
namespace {

namespace fs = std::filesystem;

class WalkThrough : public ::testing::Test {
  protected:
    fs::path make(const fs::path& name, const std::string& content = "x") const {
        const fs::path path = folder.path() / name;
        fs::create_directories(path.parent_path());
        std::ofstream(path, std::ios::binary) << content;
        return path;
    }

    /// What is found, as paths below the folder.
    std::vector<std::string> found(const WalkOptions& options = {}) const {
        const Walk result = walk({folder.path()}, options);
        for (const FileFailure& failure : result.failures) ADD_FAILURE() << failure.message;
        std::vector<std::string> names;
        for (const FoundFile& file : result.files) names.push_back(file.path.lexically_relative(folder.path()));
        return names;
    }

    using Names = std::vector<std::string>;

    testing::TemporaryFolder folder;
};

TEST_F(WalkThrough, FindsFilesAtAnyDepthInOrder) {
    make("b.mp3");
    make("a/deep/er/c.flac");
    make("a/with no extension");
    make("a/cover.jpg");
    make("a/list.m3u");
    EXPECT_EQ(found(), (Names{"a/deep/er/c.flac", "a/with no extension", "b.mp3"}));
}

TEST_F(WalkThrough, GivesSizeAndTime) {
    const fs::path path = make("a.mp3", "12345");
    const timespec times[2] = {{1, 0}, {1'700'000'000, 123'456'789}};
    ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
    const Walk result = walk({folder.path()});
    ASSERT_EQ(result.files.size(), 1U);
    EXPECT_EQ(result.files[0].stamp, (FileStamp{5, 1'700'000'000'123'456'789}));
    EXPECT_EQ(read_stamp(path), result.files[0].stamp);
}

TEST_F(WalkThrough, PassesOverHiddenFilesUnlessAsked) {
    make("a.mp3");
    make(".b.mp3");
    make(".folder/c.mp3");
    EXPECT_EQ(found(), (Names{"a.mp3"}));
    EXPECT_EQ(found({.hidden = true}), (Names{".b.mp3", ".folder/c.mp3", "a.mp3"}));
    EXPECT_EQ(walk({folder.path() / ".folder"}).files.size(), 1U) << "named, not met";
}

TEST_F(WalkThrough, PassesOverFoldersWithNomedia) {
    make("a/.nomedia");
    make("a/b.mp3");
    make("a/deep/c.mp3");
    make("d.mp3");
    EXPECT_EQ(found(), (Names{"d.mp3"}));
    EXPECT_EQ(found({.heed_nomedia = false}), (Names{"a/b.mp3", "a/deep/c.mp3", "d.mp3"}));
}

TEST_F(WalkThrough, PassesOverWhatIsExcluded) {
    make("a/b.mp3");
    make("a/b.flac");
    make("a/deep/c.mp3");
    make("Podcasts/d.mp3");
    EXPECT_EQ(found({.exclude = {"*.flac"}}), (Names{"Podcasts/d.mp3", "a/b.mp3", "a/deep/c.mp3"}));
    EXPECT_EQ(found({.exclude = {"Podcasts/"}}), (Names{"a/b.flac", "a/b.mp3", "a/deep/c.mp3"}));
    EXPECT_EQ(found({.exclude = {"a/deep", "P*", "?.flac"}}), (Names{"a/b.mp3"}));
    EXPECT_EQ(found({.exclude = {"a/*.mp3"}}), (Names{"Podcasts/d.mp3", "a/b.flac"}));
}

TEST_F(WalkThrough, FollowsLinksAndComesToAnEnd) {
    make("real/a.mp3");
    fs::create_directory_symlink(folder.path(), folder.path() / "real" / "loop");
    fs::create_directory_symlink("real", folder.path() / "again");
    fs::create_symlink("real/a.mp3", folder.path() / "link.mp3");
    fs::create_symlink("nowhere", folder.path() / "dangling.mp3");
    fs::create_symlink("itself.mp3", folder.path() / "itself.mp3");
    EXPECT_EQ(found(), (Names{"link.mp3", "real/a.mp3"})) << "by its own path, though 'again' comes first";
    const testing::TemporaryFolder elsewhere;
    std::ofstream(elsewhere.path() / "b.mp3") << "x";
    fs::create_directory_symlink(elsewhere.path(), folder.path() / "elsewhere");
    EXPECT_EQ(found(), (Names{"elsewhere/b.mp3", "link.mp3", "real/a.mp3"}));
    EXPECT_EQ(found({.linked_folders = false}), (Names{"link.mp3", "real/a.mp3"}));
}

TEST_F(WalkThrough, TakesAnyBytesInNames) {
    Names names = {"a b.mp3", "caf\xe9.mp3", "line\nbreak.mp3", "quote\"'.mp3", std::string(200, 'n') + ".mp3"};
    for (const std::string& name : names) make(name);
    std::ranges::sort(names);
    EXPECT_EQ(found(), names);
}

TEST_F(WalkThrough, LeavesPipesAlone) {
    ASSERT_EQ(::mkfifo((folder.path() / "pipe.mp3").c_str(), 0600), 0);
    make("a.mp3");
    EXPECT_EQ(found(), (Names{"a.mp3"}));
}

TEST_F(WalkThrough, TakesFilesAndFoldersWithinFoldersOnce) {
    make("a/b.mp3");
    make("a/cover.jpg");
    const Walk result = walk({folder.path(), folder.path() / "a", folder.path() / "a" / "b.mp3"});
    EXPECT_EQ(result.files.size(), 1U);
    EXPECT_EQ(walk({folder.path() / "a" / "cover.jpg"}).files.size(), 1U) << "as it is named";
}

TEST_F(WalkThrough, SaysWhatCannotBeLookedInto) {
    make("a.mp3");
    const Walk result = walk({folder.path() / "missing", folder.path()});
    ASSERT_EQ(result.failures.size(), 1U);
    EXPECT_EQ(result.failures[0].code, ErrorCode::not_found);
    EXPECT_EQ(result.files.size(), 1U);
}

TEST_F(WalkThrough, GoesOnAfterALockedFolder) {
    if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
    make("a.mp3");
    make("locked/b.mp3");
    fs::permissions(folder.path() / "locked", fs::perms::none);
    const Walk locked = walk({folder.path()});
    fs::permissions(folder.path() / "locked", fs::perms::owner_all);
    ASSERT_EQ(locked.failures.size(), 1U);
    EXPECT_EQ(locked.failures[0].code, ErrorCode::unreadable);
    EXPECT_EQ(locked.failures[0].path, folder.path() / "locked");
    EXPECT_EQ(locked.files.size(), 1U);
}

TEST_F(WalkThrough, EndsWhenStopped) {
    const base::StopFlag stop = true;
    EXPECT_TRUE(testing::contains(testing::error_of([&] { walk({folder.path()}, {}, &stop); }), "interrupted"));
}

TEST(NormalPath, IsAbsoluteAndPlain) {
    EXPECT_EQ(normal_path("/a/./b/../c/"), "/a/c");
    EXPECT_EQ(normal_path("/"), "/");
    EXPECT_EQ(normal_path("x"), fs::current_path() / "x");
    EXPECT_EQ(normal_path("."), fs::current_path());
    EXPECT_TRUE(testing::contains(testing::error_of([] { normal_path(""); }), "bad_option"));
}

TEST(FileNames, SayWhatTheyCan) {
    for (const char* name : {"a.MP3", "b.flac", "c.Opus", "d.m4a"}) {
        EXPECT_TRUE(has_audio_extension(name)) << name;
        EXPECT_FALSE(has_non_audio_extension(name)) << name;
    }
    for (const char* name : {"a.jpg", "b.TXT", "c.m3u8", "README", "index.sqlite-wal"}) {
        EXPECT_FALSE(has_audio_extension(name)) << name;
        EXPECT_TRUE(has_non_audio_extension(name)) << name;
    }
    for (const char* name : {"a.mp4", "b", "c.mkv", "d.mp3.1"}) {
        EXPECT_FALSE(has_audio_extension(name)) << name;
        EXPECT_FALSE(has_non_audio_extension(name)) << name;
    }
}

}  // namespace
}  // namespace earmark::files
