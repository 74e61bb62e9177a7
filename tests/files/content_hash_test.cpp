#include "files/content_hash.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "support/error_of.hpp"
#include "support/temporary_folder.hpp"

namespace earmark::files {
namespace {

TEST(ContentHash, IsThatOfXxhsum) {
    // The hash of nothing is given in the tests of xxHash.
    EXPECT_EQ(to_string(ContentHash().digest()), "99aa06d3014798d86001c324468d497f");
    ContentHash hash;
    hash.add("ear");
    hash.add("mark");
    ContentHash whole;
    whole.add("earmark");
    EXPECT_EQ(hash.digest(), whole.digest());
    whole.add("!");
    EXPECT_NE(hash.digest(), whole.digest());
}

TEST(ContentHash, OfAFileIsThatOfItsBytes) {
    const testing::TemporaryFolder folder;
    const std::string text(200'000, 'x');
    std::ofstream(folder.path() / "a") << text;
    ContentHash hash;
    hash.add(text);
    EXPECT_EQ(hash_of_file(folder.path() / "a"), hash.digest());
    EXPECT_TRUE(testing::contains(testing::error_of([&] { hash_of_file(folder.path() / "b"); }), "not_found"));
    EXPECT_TRUE(testing::contains(testing::error_of([&] { hash_of_file(folder.path()); }), "unreadable"));
}

}  // namespace
}  // namespace earmark::files
