#include "audio/resampling/shared_decoding.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>
#include <vector>

#include "support/signals.hpp"
#include "support/temporary_folder.hpp"
#include "support/wav.hpp"

namespace earmark::audio {
namespace {

class SharedDecodingTest : public ::testing::Test {
  protected:
    void SetUp() override { testing::write_wav(file, testing::tones(40.0), 22050); }

    std::vector<float> alone(int rate) const {
        AudioReader reader(file, {.sample_rate = rate});
        return rest(reader);
    }

    static std::vector<float> rest(AudioReader& reader) {
        std::vector<float> samples;
        for (auto piece = reader.read(); !piece.empty(); piece = reader.read()) {
            samples.insert(samples.end(), piece.begin(), piece.end());
        }
        return samples;
    }

    testing::TemporaryFolder folder;
    std::filesystem::path file = folder.path() / "a.wav";
};

TEST_F(SharedDecodingTest, GivesEachReaderWhatItWouldReadAloneBitForBit) {
    SharedDecoding decoding(AudioReader(file, {.sample_rate = 0}));
    const std::vector<int> rates{16000, 22050, 44100, 8000};
    std::vector<AudioReader> readers;
    for (const int rate : rates) readers.push_back(decoding.open(rate));
    std::vector<std::vector<float>> read(rates.size());
    std::vector<bool> ended(rates.size(), false);
    // A little of one, a little of the next.
    while (std::ranges::count(ended, false) > 0) {
        for (std::size_t i = 0; i < rates.size(); ++i) {
            const auto piece = readers[i].read(5000);
            read[i].insert(read[i].end(), piece.begin(), piece.end());
            ended[i] = piece.empty();
        }
    }
    for (std::size_t i = 0; i < rates.size(); ++i) EXPECT_EQ(read[i], alone(rates[i])) << rates[i];
}

TEST_F(SharedDecodingTest, SkipsAsAReaderOfItsOwnDoes) {
    SharedDecoding decoding(AudioReader(file, {.sample_rate = 0}));
    AudioReader one = decoding.open(16000);
    AudioReader other = decoding.open(11025);
    AudioReader one_alone(file, {.sample_rate = 16000});
    AudioReader other_alone(file, {.sample_rate = 11025});
    // The second is told to skip to a little after the first each time, and then within a second of where it stands.
    for (const int second : {3, 9, 15, 16}) {
        for (auto& [shared, own, rate, late] : std::vector<std::tuple<AudioReader*, AudioReader*, int, int>>{
                 {&one, &one_alone, 16000, 0}, {&other, &other_alone, 11025, 1000}}) {
            ASSERT_TRUE(shared->skip_to(std::int64_t{second} * rate + late));
            ASSERT_TRUE(own->skip_to(std::int64_t{second} * rate + late));
            for (int left = rate / 2; left > 0;) {
                const auto expected = own->read(static_cast<std::size_t>(left));
                std::vector<float> got;
                while (got.size() < expected.size()) {
                    const auto piece = shared->read(expected.size() - got.size());
                    ASSERT_FALSE(piece.empty());
                    got.insert(got.end(), piece.begin(), piece.end());
                }
                EXPECT_TRUE(std::ranges::equal(got, expected)) << second << " s at " << rate;
                left -= static_cast<int>(expected.size());
            }
        }
    }
    EXPECT_FALSE(one.skip_to(std::int64_t{41} * 16000));
}

TEST_F(SharedDecodingTest, SaysWhenItWasAskedForWhatItLetGoOf) {
    SharedDecoding decoding(AudioReader(file, {.sample_rate = 0}));
    AudioReader ahead = decoding.open(16000);
    AudioReader behind = decoding.open(16000);
    ASSERT_TRUE(ahead.skip_to(30 * 16000));
    ASSERT_FALSE(ahead.read().empty());
    EXPECT_THROW(behind.read(), SharedDecoding::CannotShare);
}

TEST_F(SharedDecodingTest, KeepsWhatASlowReaderNeeds) {
    SharedDecoding decoding(AudioReader(file, {.sample_rate = 0}));
    AudioReader fast = decoding.open(16000);
    AudioReader slow = decoding.open(16000);
    EXPECT_EQ(rest(fast), alone(16000));
    EXPECT_EQ(rest(slow), alone(16000));
}

}  // namespace
}  // namespace earmark::audio
