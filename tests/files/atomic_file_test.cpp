#include "files/atomic_file.hpp"

#include <gtest/gtest.h>

#include <iterator>

#include "earmark/error.hpp"
#include "support/file_size_limit.hpp"
#include "support/temporary_folder.hpp"

namespace earmark::files {
namespace {

namespace fs = std::filesystem;
using testing::TemporaryFolder;

std::ptrdiff_t entries(const fs::path& folder) {
    return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
}

template <typename Call>
ErrorCode code_of(Call call) {
    try {
        call();
    } catch (const Error& error) {
        return error.code();
    }
    ADD_FAILURE() << "nothing was thrown";
    return ErrorCode::internal;
}

TEST(AtomicFile, AppearsWholeOrNotAtAll) {
    const testing::TemporaryFolder folder;
    const fs::path path = folder.path() / "file";
    write_file(path, "before");
    {
        AtomicFile file(path);
        file.write("half");
        EXPECT_EQ(read_file(path), "before");
    }
    EXPECT_EQ(read_file(path), "before");
    EXPECT_EQ(entries(folder.path()), 1);
    {
        AtomicFile file(path);
        file.write("xxxer and later");
        file.rewrite(0, "aft", 3);
        file.commit();
    }
    EXPECT_EQ(read_file(path), "after and later");
    EXPECT_EQ(entries(folder.path()), 1);
}

TEST(AtomicFile, SaysWhatCannotBeWritten) {
    const testing::TemporaryFolder folder;
    try {
        AtomicFile file(folder.path() / "missing" / "file");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::cannot_write);
        EXPECT_NE(std::string(error.what()).find("missing/file"), std::string::npos);
        EXPECT_NE(std::string(error.what()).find("Make its folder first"), std::string::npos);
    }
    fs::create_directory(folder.path() / "taken");
    fs::create_directory(folder.path() / "taken" / "inside");
    EXPECT_EQ(code_of([&] { write_file(folder.path() / "taken", "text"); }), ErrorCode::cannot_write);
    EXPECT_EQ(entries(folder.path()), 1);
}

TEST(AtomicFile, AFullDiskIsReportedAndLeavesNothing) {
    const testing::TemporaryFolder folder;
    const testing::FileSizeLimit limit(4096);
    EXPECT_EQ(code_of([&] { write_file(folder.path() / "file", std::string(1 << 20, 'x')); }), ErrorCode::cannot_write);
    EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(ReadFile, TellsMissingFoldersAndLargeFilesApart) {
    const testing::TemporaryFolder folder;
    EXPECT_EQ(code_of([&] { read_file(folder.path() / "none"); }), ErrorCode::not_found);
    EXPECT_EQ(code_of([&] { read_file(folder.path()); }), ErrorCode::unreadable);
    write_file(folder.path() / "file", "0123456789");
    EXPECT_EQ(code_of([&] { read_file(folder.path() / "file", 9); }), ErrorCode::corrupt);
    EXPECT_EQ(read_file(folder.path() / "file", 10), "0123456789");
}

}  // namespace
}  // namespace earmark::files
