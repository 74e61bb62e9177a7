#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "files/atomic_file.hpp"
#include "formats/csv.hpp"
#include "formats/json.hpp"
#include "formats/safetensors.hpp"
#include "formats/toml_file.hpp"
#include "support/error_of.hpp"
#include "support/temporary_folder.hpp"

namespace earmark::formats {
namespace {

std::string repeated(const std::string& part, int times) {
    std::string text;
    for (int i = 0; i < times; ++i) text += part;
    return text;
}

/// What is nested deeper than a stack is refused, not followed.
TEST(Hostile, DeepJsonIsRefused) {
    const auto nested = [](int depth) { return repeated("[", depth) + repeated("]", depth); };
    EXPECT_EQ(parse_json(nested(deepest_json), "x").dump(), nested(deepest_json));
    EXPECT_TRUE(testing::contains(testing::error_of([&] { parse_json(nested(deepest_json + 2), "x.json"); }),
                                  "corrupt: x.json: holds JSON that is more than 100"));
    EXPECT_TRUE(testing::contains(testing::error_of([&] { parse_json(repeated("{\"a\":", 1'000'000), "x"); }), "deep"));
}

TEST(Hostile, DeepCborIsRefused) {
    std::vector<std::uint8_t> bytes = nlohmann::json::to_cbor(nlohmann::json::parse("[[1,\"a\"],[]]"));
    EXPECT_EQ(parse_cbor(bytes, "x").dump(), "[[1,\"a\"],[]]");
    bytes.pop_back();
    EXPECT_TRUE(
        testing::contains(testing::error_of([&] { parse_cbor(bytes, "x"); }), "corrupt: x: holds no valid CBOR"));
    bytes.assign(1'000'000, 0x81);  // lists of one in one another
    EXPECT_TRUE(testing::contains(testing::error_of([&] { parse_cbor(bytes, "x"); }), "nested too deep"));
}

TEST(Hostile, DeepTypesOfTensorsAreRefused) {
    const testing::TemporaryFolder folder;
    const std::filesystem::path file = folder.path() / "a.safetensors";
    const std::string header = R"({"a":{"dtype":)" + repeated("[", 1'000'000) + repeated("]", 1'000'000) +
                               R"(,"shape":[],"data_offsets":[0,4]}})";
    const auto size = static_cast<std::uint64_t>(header.size());
    files::write_file(file, std::string(reinterpret_cast<const char*>(&size), sizeof size) + header + "1234");
    EXPECT_TRUE(testing::contains(testing::error_of([&] { read_safetensors(file); }), "corrupt: " + file.string()));
}

TEST(Hostile, DeepTomlIsRefused) {
    const testing::TemporaryFolder folder;
    const std::filesystem::path file = folder.path() / "a.toml";
    const auto error = [&](const std::string& text) {
        files::write_file(file, text);
        return testing::error_of([&] { read_toml(file); });
    };
    EXPECT_TRUE(
        testing::contains(error("x = 1\n" + repeated("a.", 1'000'000) + "a = 1\n"), "a.toml:2: a key has more"));
    EXPECT_TRUE(testing::contains(error("[" + repeated("a . ", 1'000'000) + "a]\n"), "a.toml:1: a key has more"));
    EXPECT_TRUE(testing::contains(error("a = " + repeated("[", 1'000'000)), "corrupt: "));
    EXPECT_TRUE(testing::contains(error("a = " + repeated("{a=", 1'000'000)), "corrupt: "));
    EXPECT_TRUE(testing::contains(error(repeated("a" + repeated(".a", 15) + "={", 1'000)), "corrupt: "));
    EXPECT_TRUE(testing::contains(error("a = 1\n[\n.b]\n"), "corrupt: "));
    EXPECT_TRUE(testing::contains(error("a = 1\n\xC3\xA9 = 2\n"), "a.toml:2: a letter stands outside quotes"));
    const std::string dots = repeated("a. ", 100);
    files::write_file(file, repeated("a.", 15) + "a = 1\n# " + dots + "\nb = \"" + dots + "\\\".\"\nc = '''\n" + dots +
                                "\n'" + dots + "'''\n\"" + dots + "\".d = [1.5, 2.5]\n");
    EXPECT_EQ(read_toml(file).keys, (std::vector<std::string>{"a", "b", "c", dots}));
}

/// Within seconds, where a comparison of each column with each takes hours.
TEST(Hostile, ManyColumnsAreReadInGoodTime) {
    std::string text;
    constexpr int columns = 1'000'000;
    for (int i = 0; i < columns; ++i) text += std::to_string(i) + (i + 1 < columns ? "," : "\n");
    EXPECT_EQ(parse_csv(text, "x.csv").header.size(), columns);
}

}  // namespace
}  // namespace earmark::formats
