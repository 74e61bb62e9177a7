#include "formats/npy.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstring>
#include <numeric>

#include "support/error_of.hpp"
#include "support/temporary_folder.hpp"

namespace earmark::formats {
namespace {

namespace fs = std::filesystem;
using testing::contains;
using testing::error_of;
using testing::TemporaryFolder;

/// A .npy file as NumPy writes it, with any header text.
std::string npy(const std::string& dictionary, const std::string& values, int version = 1) {
    std::string header = dictionary + "\n";
    const std::size_t preamble = version == 1 ? 10 : 12;
    while ((preamble + header.size()) % 64 != 0) header.insert(header.end() - 1, ' ');
    std::string text = "\x93NUMPY";
    text += static_cast<char>(version);
    text += '\0';
    for (std::size_t i = 0; i < preamble - 8; ++i) text += static_cast<char>((header.size() >> (8 * i)) & 0xFFU);
    return text + header + values;
}

std::string header(const std::string& type, const std::string& shape, const std::string& fortran = "False") {
    return fmt::format("{{'descr': '{}', 'fortran_order': {}, 'shape': {}, }}", type, fortran, shape);
}

template <typename T>
std::string bytes(const std::vector<T>& values) {
    std::string text(values.size() * sizeof(T), '\0');
    std::memcpy(text.data(), values.data(), text.size());
    return text;
}

class Npy : public ::testing::Test {
  protected:
    fs::path write(const std::string& text) const {
        files::write_file(path(), text);
        return path();
    }
    fs::path path() const { return folder_.path() / "array.npy"; }

    /// Reads `count` values of a file with these bytes.
    std::vector<float> values(const std::string& text, std::size_t count) const {
        NpyReader reader(write(text));
        std::vector<float> result(count);
        reader.read(result);
        return result;
    }
    std::string error(const std::string& text) const {
        return testing::error_of([&] { NpyReader reader(write(text)); });
    }

  private:
    testing::TemporaryFolder folder_;
};

TEST_F(Npy, ReadsAllTypesAndVersions) {
    const std::vector<float> expected = {0, 1, 2, 3, 4, 250};
    for (const int version : {1, 2, 3}) {
        EXPECT_EQ(values(npy(header("<f4", "(2, 3)"), bytes(expected), version), 6), expected);
    }
    EXPECT_EQ(values(npy(header("<f8", "(6,)"), bytes(std::vector<double>(expected.begin(), expected.end()))), 6),
              expected);
    EXPECT_EQ(values(npy(header("|u1", "(1, 6, 1)"), bytes(std::vector<unsigned char>{0, 1, 2, 3, 4, 250})), 6),
              expected);
}

TEST_F(Npy, ReadsInPieces) {
    std::vector<unsigned char> raw(200000);
    for (std::size_t i = 0; i < raw.size(); ++i) raw[i] = static_cast<unsigned char>(i % 251);
    NpyReader reader(write(npy(header("|u1", "(2, 100000)"), bytes(raw))));
    EXPECT_EQ(reader.shape(), (std::vector<std::int64_t>{2, 100000}));
    std::vector<float> row(100000);
    reader.read(row);
    reader.read(row);
    EXPECT_EQ(row[0], 100000 % 251);
    EXPECT_EQ(row[99999], 199999 % 251);
    EXPECT_TRUE(testing::contains(testing::error_of([&] { reader.read(row); }), "corrupt: "));
}

TEST_F(Npy, RefusesAShapeThatTheFileDoesNotFill) {
    const std::string six = bytes(std::vector<float>(6));
    EXPECT_TRUE(testing::contains(error(npy(header("<f4", "(7,)"), six)), "corrupt: " + path().string()));
    EXPECT_TRUE(testing::contains(error(npy(header("<f4", "(5,)"), six)), "corrupt: "));
    EXPECT_TRUE(testing::contains(error(npy(header("<f8", "(6,)"), six)), "corrupt: "));
    EXPECT_TRUE(testing::contains(error(npy(header("<f4", "(4294967296, 4294967296, 6)"), six)), "corrupt: "));
    EXPECT_TRUE(testing::contains(error(npy(header("<f4", "(999999999999999999, 2)"), six)), "corrupt: "));
    EXPECT_TRUE(testing::contains(error(npy(header("<f4", "(0, 3)"), six)), "corrupt: "));
    EXPECT_TRUE(testing::contains(error(npy(header("<f4", "(-6,)"), six)), "corrupt: "));
}

TEST_F(Npy, RefusesHeadersThatMakeNoSense) {
    const std::string one = bytes(std::vector<float>(1));
    for (const char* dictionary :
         {"", "{", "{}", "{'descr': '<f4'}", "{'descr': '<f4', 'fortran_order': Maybe, 'shape': (1,)}",
          "{'descr': '<f4', 'fortran_order': False, 'shape': (1",
          "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }x",
          "{'descr: '<f4', 'fortran_order': False, 'shape': (1,)}", "{'descr': '<f4', 'x': 1, 'shape': (1,)}",
          "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999999,)}"}) {
        EXPECT_TRUE(testing::contains(error(npy(dictionary, one)), "corrupt: ")) << dictionary;
    }
    EXPECT_TRUE(testing::contains(error(""), "corrupt: "));
    EXPECT_TRUE(testing::contains(error("\x93NUMPY\x01"), "corrupt: "));
    EXPECT_TRUE(testing::contains(error("RIFF and so on and on"), "is no .npy file"));
    std::string long_header = npy(header("<f4", "(1,)"), one, 2);
    long_header.replace(8, 4, "\xff\xff\xff\x7f");  // two gigabytes
    EXPECT_TRUE(testing::contains(error(long_header), "corrupt: "));
}

TEST_F(Npy, SaysWhatItCannotUse) {
    EXPECT_TRUE(testing::contains(error(npy(header("<i4", "(1,)"), "abcd")), "unsupported: "));
    EXPECT_TRUE(testing::contains(error(npy(header(">f4", "(1,)"), "abcd")), "unsupported: "));
    EXPECT_TRUE(testing::contains(error(npy(header("<f4", "(1, 1)", "True"), "abcd")), "Fortran order"));
    EXPECT_TRUE(testing::contains(
        error(npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", "abcd")), "records"));
    EXPECT_TRUE(testing::contains(error(npy(header("<f4", "(1,)"), "abcd", 4)), "version 4"));
    EXPECT_TRUE(testing::contains(testing::error_of([&] { NpyReader reader(path().parent_path() / "none.npy"); }),
                                  "not_found: "));
}

TEST_F(Npy, WhatIsWrittenReadsBack) {
    {
        NpyWriter writer(path(), {2, 3});
        std::vector<float> row(12);
        std::iota(row.begin(), row.end(), 0.5F);
        writer.append(std::span(row).first(6));
        writer.append(row);
        EXPECT_EQ(writer.rows(), 3);
        EXPECT_FALSE(fs::exists(path()));
        EXPECT_THROW(writer.append(std::span(row).first(5)), Error);
        writer.commit();
    }
    NpyReader reader(path());
    EXPECT_EQ(reader.shape(), (std::vector<std::int64_t>{3, 2, 3}));
    EXPECT_EQ(reader.type(), "<f4");
    std::vector<float> all(18);
    reader.read(all);
    EXPECT_EQ(all[6], 0.5F);
    EXPECT_EQ(all[17], 11.5F);
    EXPECT_EQ(fs::file_size(path()), 128 + 18 * 4);
}

TEST_F(Npy, WithoutCommitThereIsNoFile) {
    {
        NpyWriter writer(path(), {1});
        writer.append(std::vector<float>(1000));
    }
    EXPECT_TRUE(fs::is_empty(path().parent_path()));
}

}  // namespace
}  // namespace earmark::formats
