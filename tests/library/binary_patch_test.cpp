#include "library/tagging/binary_patch.hpp"

#include <cstring>
#include <random>

#include "files/atomic_file.hpp"
#include "support/error_of.hpp"
#include "tagged_files.hpp"

namespace earmark::library {
namespace {

namespace fs = std::filesystem;
using testing::contains;
using testing::error_of;

class BinaryPatch : public ::testing::Test {
  protected:
    /// What comes of the patch from `have` to `wanted`; its size goes to `size_`.
    std::string there_and_back(const std::string& have, const std::string& wanted) {
        files::write_file(folder.path() / "have", have);
        files::write_file(folder.path() / "wanted", wanted);
        const Patch patch = make_patch(folder.path() / "have", folder.path() / "wanted");
        EXPECT_EQ(patch.have, files::hash_of_file(folder.path() / "have"));
        EXPECT_EQ(patch.wanted, files::hash_of_file(folder.path() / "wanted"));
        size_ = patch.bytes.size();
        std::string made;
        const auto digest =
            apply_patch(folder.path() / "have", patch.bytes, [&](std::string_view bytes) { made += bytes; });
        EXPECT_EQ(digest, patch.wanted);
        return made;
    }

    static std::string noise(std::size_t size, unsigned seed) {
        std::mt19937 random(seed);
        std::string bytes(size, '\0');
        for (char& byte : bytes) byte = static_cast<char>(random());
        return bytes;
    }

    testing::TemporaryFolder folder;
    std::size_t size_ = 0;
};

TEST_F(BinaryPatch, MakesAnyFileOfAnyOther) {
    const std::string long_one = noise(300000, 1);
    const std::string texts[] = {"", "a", "aa", "aba", "abcabc", noise(1000, 2), long_one, long_one + long_one};
    for (const std::string& have : texts) {
        for (const std::string& wanted : texts) EXPECT_EQ(there_and_back(have, wanted), wanted);
    }
}

TEST_F(BinaryPatch, IsSmallWhereLittleDiffers) {
    const std::string sound = noise(5'000'000, 3);
    const std::string head = "a head with a tag";
    // In place, moved by a longer head, and with a number that changed every four thousand bytes.
    EXPECT_EQ(there_and_back(head + sound, "A head with a tag" + sound), "A head with a tag" + sound);
    EXPECT_LT(size_, 100U);
    EXPECT_EQ(there_and_back(head + " that has grown" + sound, head + sound), head + sound);
    EXPECT_LT(size_, 100U);
    std::string renumbered = sound;
    for (std::size_t i = 0; i < renumbered.size(); i += 4096) ++renumbered[i];
    EXPECT_EQ(there_and_back(head + renumbered, sound), sound);
    EXPECT_LT(size_, 60000U);
}

TEST_F(BinaryPatch, IsRefusedForAnotherFileAndWhenDamaged) {
    files::write_file(folder.path() / "have", noise(10000, 4));
    files::write_file(folder.path() / "wanted", noise(9000, 5));
    const std::string patch = make_patch(folder.path() / "have", folder.path() / "wanted").bytes;
    const auto error = [&](const std::string& with) {
        return testing::error_of([&] {
            apply_patch(folder.path() / "have", with, [](std::string_view) { ADD_FAILURE() << "wrote something"; });
        });
    };
    EXPECT_TRUE(testing::contains(error(""), "is damaged"));
    EXPECT_TRUE(testing::contains(error(patch.substr(0, patch.size() - 10)), "is damaged"));
    std::string other = patch;
    other[patch.size() / 2] ^= 1;
    EXPECT_TRUE(testing::contains(error(other), "is damaged"));
    other = patch;
    const std::uint64_t claimed = std::uint64_t{1} << 30;  // more than so few bytes can hold
    std::memcpy(&other[4 + 3 * sizeof claimed], &claimed, sizeof claimed);
    EXPECT_TRUE(testing::contains(error(other), "is damaged"));
    files::write_file(folder.path() / "have", noise(10001, 4));
    EXPECT_TRUE(testing::contains(error(patch), "was made with another file"));
}

TEST_F(BinaryPatch, IsRefusedWhereMoreDiffersThanFitsIntoMemory) {
    const std::string sound = noise(3 << 20, 6);
    files::write_file(folder.path() / "have", "a new head" + sound);
    files::write_file(folder.path() / "wanted", "an old head" + sound);
    EXPECT_LT(make_patch(folder.path() / "have", folder.path() / "wanted", 20).bytes.size(), 100U)
        << "files themselves may be larger";
    files::write_file(folder.path() / "have", "another head" + sound + "and an end");
    EXPECT_TRUE(testing::contains(
        testing::error_of([&] { make_patch(folder.path() / "have", folder.path() / "wanted", 2 << 20); }),
        "unsupported: " + (folder.path() / "have").string() + ": 3 MiB of it would change"));
}

class PatchOfTags : public testing::TaggedFiles {};

TEST_F(PatchOfTags, BringsBackEveryFormatByteForByte) {
    for (const Format& format : formats()) {
        const fs::path file = make(format, {"title=A song", "genre=Old"});
        const std::string before = files::read_file(file);
        const fs::path changed = folder.path() / ("changed-" + format.name);
        fs::copy_file(file, changed);
        write_genres(changed, std::vector<std::string>{"Something rather different from what it was"});
        const std::string patch = make_patch(changed, file).bytes;
        EXPECT_LT(patch.size(), 10000U) << format.name;
        std::string back;
        apply_patch(changed, patch, [&](std::string_view bytes) { back += bytes; });
        EXPECT_TRUE(back == before) << format.name;
    }
}

}  // namespace
}  // namespace earmark::library
