#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "files/atomic_file.hpp"
#include "target.hpp"

namespace earmark::fuzz {

namespace fs = std::filesystem;

namespace {

std::vector<fs::path> inputs_in(const fs::path& folder) {
    std::vector<fs::path> inputs;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) inputs.push_back(entry.path());
    std::ranges::sort(inputs);
    return inputs;
}

void replay(const Target& target, const std::vector<fs::path>& inputs) {
    for (const fs::path& input : inputs) {
        const std::string bytes = files::read_file(input);
        EXPECT_NO_THROW(run(target, Bytes(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()))) << input;
    }
}

/// A test a target. Its seeds must be there, so that none is forgotten when a target is added.
class Replay : public ::testing::TestWithParam<Target> {};

TEST_P(Replay, SeedsDoNoHarm) {
    const std::vector<fs::path> seeds = inputs_in(fs::path(EARMARK_FUZZ_SEEDS) / GetParam().name);
    EXPECT_FALSE(seeds.empty()) << "fuzz/make_seeds makes none for " << GetParam().name;
    replay(GetParam(), seeds);
}

TEST_P(Replay, OldFaultsStayMended) {
    replay(GetParam(), inputs_in(fs::path(EARMARK_SOURCE_DIR) / "fuzz" / "regressions" / GetParam().name));
}

TEST_P(Replay, NothingAndLittleDoNoHarm) {
    const std::vector<std::uint8_t> bytes(64);
    for (std::size_t size = 0; size <= bytes.size(); ++size) {
        EXPECT_NO_THROW(run(GetParam(), Bytes(bytes).first(size))) << size << " bytes of nothing";
    }
}

INSTANTIATE_TEST_SUITE_P(Fuzz, Replay, ::testing::ValuesIn(targets()),
                         [](const auto& each) { return std::string(each.param.name); });

}  // namespace

}  // namespace earmark::fuzz
