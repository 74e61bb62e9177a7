#include "formats/safetensors.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "files/atomic_file.hpp"
#include "support/error_of.hpp"
#include "support/temporary_folder.hpp"

namespace earmark::formats {
namespace {

using nlohmann::json;
using testing::contains;

struct Stored {
    std::string name;
    std::string type;
    std::vector<int> shape;
    std::string bytes;
};

template <typename T>
std::string bytes_of_values(const std::vector<T>& values) {
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

Stored floats(const std::string& name, const std::vector<int>& shape, const std::vector<float>& values) {
    return {name, "F32", shape, bytes_of_values(values)};
}

class SafeTensorsTest : public ::testing::Test {
  protected:
    std::filesystem::path write(const std::vector<Stored>& tensors) {
        json header = json::object();
        std::string data;
        for (const Stored& tensor : tensors) {
            header[tensor.name] = {{"dtype", tensor.type},
                                   {"shape", tensor.shape},
                                   {"data_offsets", {data.size(), data.size() + tensor.bytes.size()}}};
            data += tensor.bytes;
        }
        const std::string text = header.dump();
        const auto size = static_cast<std::uint64_t>(text.size());
        files::write_file(file_, std::string(reinterpret_cast<const char*>(&size), sizeof size) + text + data);
        return file_;
    }

    std::string error(const std::vector<Stored>& tensors) {
        const std::filesystem::path file = write(tensors);
        return testing::error_of([&] { read_safetensors(file); });
    }

    testing::TemporaryFolder folder_;
    std::filesystem::path file_ = folder_.path() / "a.safetensors";
};

TEST_F(SafeTensorsTest, EightBitsAreScaledChannelByChannel) {
    const SafeTensors read =
        read_safetensors(write({{"a", "I8", {2, 1, 3}, bytes_of_values<std::int8_t>({1, -2, 127, -128, 0, 5})},
                                floats("a.scale8", {2}, {0.5F, 2.0F}),
                                floats("b", {2}, {7.0F, 8.0F})}));
    ASSERT_EQ(read.tensors.size(), 2U) << "scales are no tensors of their own";
    EXPECT_EQ(read.tensors.at("a").shape, (std::vector<std::int64_t>{2, 1, 3}));
    EXPECT_EQ(read.tensors.at("a").values, (std::vector<float>{0.5F, -1.0F, 63.5F, -256.0F, 0.0F, 10.0F}));
    EXPECT_EQ(read.tensors.at("b").values, (std::vector<float>{7.0F, 8.0F})) << "places may be odd";
}

TEST_F(SafeTensorsTest, WhatIsOnlyNamedLikeAScaleIsATensor) {
    const SafeTensors read = read_safetensors(write({floats("a", {1}, {3.0F}), floats("a.scale8", {1}, {4.0F})}));
    EXPECT_EQ(read.tensors.at("a").values, std::vector<float>{3.0F});
    EXPECT_EQ(read.tensors.at("a.scale8").values, std::vector<float>{4.0F});
}

TEST_F(SafeTensorsTest, HalvesAreExact) {
    // 1, -2, the least subnormal and normal, the most, 0, -0, infinity, no number
    const SafeTensors read = read_safetensors(write(
        {{"h",
          "F16",
          {9},
          bytes_of_values<std::uint16_t>({0x3C00, 0xC000, 0x0001, 0x0400, 0x7BFF, 0x0000, 0x8000, 0x7C00, 0xFE00})}}));
    const std::vector<float>& values = read.tensors.at("h").values;
    ASSERT_EQ(values.size(), 9U);
    EXPECT_EQ(values[0], 1.0F);
    EXPECT_EQ(values[1], -2.0F);
    EXPECT_EQ(values[2], std::ldexp(1.0F, -24));
    EXPECT_EQ(values[3], std::ldexp(1.0F, -14));
    EXPECT_EQ(values[4], 65504.0F);
    EXPECT_EQ(std::bit_cast<std::uint32_t>(values[5]), 0U);
    EXPECT_EQ(std::bit_cast<std::uint32_t>(values[6]), 0x80000000U);
    EXPECT_EQ(values[7], std::numeric_limits<float>::infinity());
    EXPECT_TRUE(std::isnan(values[8]));
}

TEST_F(SafeTensorsTest, EightBitsWithoutSoundScalesAreRefused) {
    const Stored a{"a", "I8", {2, 2}, bytes_of_values<std::int8_t>({1, 2, 3, 4})};
    EXPECT_TRUE(contains(error({a}), "corrupt: " + file_.string()));
    EXPECT_TRUE(contains(error({a}), "no scale of type F32 for each channel, \"a.scale8\""));
    EXPECT_TRUE(contains(error({a, floats("a.scale8", {1}, {1.0F})}), "no scale of type F32"));
    EXPECT_TRUE(contains(error({a, floats("a.scale8", {4}, {1, 1, 1, 1})}), "no scale of type F32"));
    EXPECT_TRUE(contains(error({a, floats("a.scale8", {2, 1}, {1, 1})}), "no scale of type F32"));
    EXPECT_TRUE(contains(error({a, {"a.scale8", "F16", {2}, std::string(4, '\x3C')}}), "no scale of type F32"));
    EXPECT_TRUE(contains(error({{"a", "I8", {}, "\1"}, floats("a.scale8", {}, {1.0F})}), "no scale of type F32"));
    const float huge = std::numeric_limits<float>::max();
    const float nan = std::numeric_limits<float>::quiet_NaN();
    for (const float bad : {0.0F, -1.0F, nan, std::numeric_limits<float>::infinity(), huge}) {
        EXPECT_TRUE(contains(error({a, floats("a.scale8", {2}, {1.0F, bad})}), "tensor \"a\" has the scale")) << bad;
    }
}

TEST_F(SafeTensorsTest, ShapesMustFitTheirTypes) {
    EXPECT_TRUE(contains(error({{"h", "F16", {2}, std::string(8, '\0')}}), "does not fit its place"));
    EXPECT_TRUE(contains(error({{"h", "F16", {2}, std::string(3, '\0')}}), "does not fit its place"));
    EXPECT_TRUE(contains(error({{"a", "I8", {2}, std::string(8, '\0')}}), "does not fit its place"));
    EXPECT_TRUE(contains(error({{"a", "I8", {1 << 30, 2}, ""}}), "is too large"));
    EXPECT_TRUE(contains(error({{"a", "I64", {1}, std::string(8, '\0')}}), "unsupported: "));
    EXPECT_TRUE(contains(error({{"a", "I64", {1}, std::string(8, '\0')}}), "only F32, F16 and I8 are understood"));
}

TEST_F(SafeTensorsTest, WhatWasReadIsWrittenAsFloats) {
    const SafeTensors read = read_safetensors(
        write({{"a", "I8", {1, 2}, bytes_of_values<std::int8_t>({3, -3})}, floats("a.scale8", {1}, {0.1F})}));
    write_safetensors(read, file_);
    const SafeTensors again = read_safetensors(file_);
    ASSERT_EQ(again.tensors.size(), 1U);
    EXPECT_EQ(again.tensors.at("a").values, read.tensors.at("a").values);
    EXPECT_EQ(again.tensors.at("a").values, (std::vector<float>{3 * 0.1F, -3 * 0.1F}));
}

}  // namespace
}  // namespace earmark::formats
