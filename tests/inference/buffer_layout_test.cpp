#include "inference/plan/buffer_layout.hpp"

#include <gtest/gtest.h>

#include <random>

namespace earmark::inference {
namespace {

bool overlap(std::size_t a, std::size_t a_bytes, std::size_t b, std::size_t b_bytes) {
    return a < b + b_bytes && b < a + a_bytes;
}

TEST(BufferLayout, LetsBuffersFollowOneAnotherInTheSamePlace) {
    const Buffer chain[] = {{640, 0, 1}, {640, 1, 2}, {640, 2, 3}, {640, 3, 4}};
    const BufferLayout layout = lay_out(chain);
    EXPECT_EQ(layout.bytes, 1280U);
    EXPECT_EQ(layout.offsets[0], layout.offsets[2]);
    EXPECT_NE(layout.offsets[0], layout.offsets[1]);
}

TEST(BufferLayout, KeepsApartWhatIsNeededTogether) {
    std::mt19937 random(5);
    for (int round = 0; round < 50; ++round) {
        std::vector<Buffer> buffers(40);
        std::size_t all = 0;
        for (Buffer& buffer : buffers) {
            buffer.first = static_cast<int>(random() % 60) - 1;
            buffer.last = buffer.first + static_cast<int>(random() % 8);
            buffer.bytes = random() % 5000;
            all += buffer.bytes;
        }
        const BufferLayout layout = lay_out(buffers);
        EXPECT_LT(layout.bytes, all);
        for (std::size_t i = 0; i < buffers.size(); ++i) {
            EXPECT_EQ(layout.offsets[i] % 64, 0U);
            EXPECT_LE(layout.offsets[i] + buffers[i].bytes, layout.bytes);
            for (std::size_t k = 0; k < i; ++k) {
                if (buffers[i].first > buffers[k].last || buffers[k].first > buffers[i].last) continue;
                EXPECT_FALSE(overlap(layout.offsets[i], buffers[i].bytes, layout.offsets[k], buffers[k].bytes));
            }
        }
    }
}

}  // namespace
}  // namespace earmark::inference
