#include "library/tagging/file_replacement.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <fstream>

#include "files/atomic_file.hpp"
#include "support/error_of.hpp"
#include "support/file_size_limit.hpp"
#include "support/temporary_folder.hpp"

namespace earmark::library {
namespace {

namespace fs = std::filesystem;
using testing::contains;
using testing::error_of;

class Replacement : public ::testing::Test {
  protected:
    void SetUp() override { files::write_file(file, "old"); }

    static struct stat state(const fs::path& path) {
        struct stat result {};
        EXPECT_EQ(::stat(path.c_str(), &result), 0);
        return result;
    }
    std::size_t files() const {
        return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()));
    }

    /// Into the file that is there, as TagLib does.
    static void overwrite(const fs::path& path, const std::string& text) {
        std::ofstream(path, std::ios::trunc) << text;
    }

    testing::TemporaryFolder folder;
    fs::path file = folder.path() / "a song.mp3";
};

TEST_F(Replacement, TakesThePlaceOfTheFileWithAllThatItHad) {
    const timespec times[] = {{1000000000, 123456789}, {1100000000, 987654321}};
    ASSERT_EQ(::utimensat(AT_FDCWD, file.c_str(), times, 0), 0);
    ASSERT_EQ(::chmod(file.c_str(), 0640), 0);
    const bool attributes = ::setxattr(file.c_str(), "user.rating", "five", 4, 0) == 0;
    if (::geteuid() == 0) {
        ASSERT_EQ(::chown(file.c_str(), 12, 34), 0);
    }
    const struct stat before = state(file);
    {
        FileReplacement replacement(file);
        EXPECT_EQ(files::read_file(replacement.copy()), "old");
        EXPECT_EQ(replacement.copy().parent_path(), replacement.original().parent_path());
        EXPECT_EQ(replacement.copy().extension(), ".mp3");
        EXPECT_EQ(replacement.copy().filename().string().front(), '.');
        overwrite(replacement.copy(), "something new");
        EXPECT_EQ(files::read_file(file), "old");
        replacement.commit();
    }
    EXPECT_EQ(files::read_file(file), "something new");
    EXPECT_EQ(files(), 1U);
    const struct stat after = state(file);
    EXPECT_EQ(after.st_mode, before.st_mode);
    EXPECT_EQ(after.st_uid, before.st_uid);
    EXPECT_EQ(after.st_gid, before.st_gid);
    EXPECT_EQ(after.st_mtim.tv_sec, 1100000000);
    EXPECT_EQ(after.st_mtim.tv_nsec, 987654321);
    if (attributes) {
        char value[8] = {};
        EXPECT_EQ(::getxattr(file.c_str(), "user.rating", value, sizeof value), 4);
        EXPECT_STREQ(value, "five");
    }
}

TEST_F(Replacement, LeavesNothingWithoutCommit) {
    {
        FileReplacement replacement(file);
        overwrite(replacement.copy(), "new");
    }
    EXPECT_EQ(files::read_file(file), "old");
    EXPECT_EQ(files(), 1U);
}

TEST_F(Replacement, FollowsSymbolicLinks) {
    fs::create_directory(folder.path() / "there");
    fs::rename(file, folder.path() / "there/real.mp3");
    fs::create_symlink("there/real.mp3", file);
    FileReplacement replacement(file);
    overwrite(replacement.copy(), "new");
    replacement.commit();
    EXPECT_TRUE(fs::is_symlink(file));
    EXPECT_EQ(files::read_file(folder.path() / "there/real.mp3"), "new");
}

TEST_F(Replacement, IsRefusedWhereItWouldHarm) {
    EXPECT_TRUE(testing::contains(testing::error_of([&] { FileReplacement replacement(folder.path() / "none.mp3"); }),
                                  "none.mp3"));

    ASSERT_EQ(::chmod(file.c_str(), 0444), 0);
    EXPECT_TRUE(testing::contains(testing::error_of([&] { FileReplacement replacement(file); }), "is write-protected"));
    ASSERT_EQ(::chmod(file.c_str(), 0644), 0);

    fs::create_hard_link(file, folder.path() / "another name");
    EXPECT_TRUE(testing::contains(testing::error_of([&] { FileReplacement replacement(file); }), "has 2 names"));
    fs::remove(folder.path() / "another name");

    const std::string error = testing::error_of([&] {
        FileReplacement replacement(file);
        overwrite(replacement.copy(), "new");
        files::write_file(file, "changed by somebody else");
        replacement.commit();
    });
    EXPECT_TRUE(testing::contains(error, "was changed by another program"));
    EXPECT_EQ(files::read_file(file), "changed by somebody else");
    EXPECT_EQ(files(), 1U);
}

TEST_F(Replacement, LeftByAProgramThatWasKilledIsRemoved) {
    for (const char* name :
         {".earmark-0123abcd.mp3", ".earmark-0123abcd", ".earmark-0123abc.mp3", ".earmark-notes.txt"}) {
        files::write_file(folder.path() / name, "x");
    }
    const FileReplacement in_use(file);
    remove_stale_copies(folder.path());
    EXPECT_FALSE(fs::exists(folder.path() / ".earmark-0123abcd.mp3"));
    EXPECT_FALSE(fs::exists(folder.path() / ".earmark-0123abcd"));
    EXPECT_TRUE(fs::exists(folder.path() / ".earmark-0123abc.mp3"));
    EXPECT_TRUE(fs::exists(folder.path() / ".earmark-notes.txt"));
    EXPECT_TRUE(fs::exists(in_use.copy()));
    EXPECT_TRUE(fs::exists(file));
    remove_stale_copies(folder.path() / "none");
}

TEST_F(Replacement, IsWrittenFromNothing) {
    FileReplacement replacement(file, FileReplacement::Begin::empty);
    replacement.write("some");
    replacement.write("thing new");
    replacement.commit();
    sync_folder(folder.path());
    EXPECT_EQ(files::read_file(file), "something new");
}

TEST_F(Replacement, NoticesAChangeThatHidesItself) {
    const struct stat before = state(file);
    const std::string error = testing::error_of([&] {
        FileReplacement replacement(file);
        overwrite(file, "new");  // of the same size, with its time set back
        const timespec times[] = {before.st_atim, before.st_mtim};
        EXPECT_EQ(::utimensat(AT_FDCWD, file.c_str(), times, 0), 0);
        replacement.commit();
    });
    EXPECT_TRUE(testing::contains(error, "was changed by another program"));
    EXPECT_EQ(files::read_file(file), "new");
}

TEST_F(Replacement, LeavesNothingOnAFullDisk) {
    files::write_file(file, std::string(100000, 'x'));
    {
        const testing::FileSizeLimit limit(50000);
        EXPECT_TRUE(testing::contains(testing::error_of([&] { FileReplacement replacement(file); }),
                                      "cannot be copied beside itself"));
        FileReplacement replacement(file, FileReplacement::Begin::empty);
        EXPECT_TRUE(testing::contains(testing::error_of([&] { replacement.write(std::string(60000, 'y')); }),
                                      "File too large"));
        EXPECT_TRUE(testing::contains(testing::error_of([&] { replacement.check_space(); }),
                                      "a song.mp3: its copy cannot be written"));
    }
    EXPECT_EQ(files::read_file(file), std::string(100000, 'x'));
    EXPECT_EQ(files(), 1U);
}

}  // namespace
}  // namespace earmark::library
