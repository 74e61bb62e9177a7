#include <gtest/gtest.h>

#include <filesystem>

#include "earmark/audio.hpp"
#include "earmark/features.hpp"
#include "formats/npy.hpp"
#include "support/program.hpp"
#include "support/signals.hpp"
#include "support/temporary_folder.hpp"
#include "support/wav.hpp"

namespace earmark {
namespace {

namespace fs = std::filesystem;
using testing::Finished;

class FeaturesCommand : public ::testing::Test {
  protected:
    void SetUp() override { testing::write_wav(track, testing::tones(10.0), 22050); }

    testing::Finished features(const std::string& kind, std::vector<std::string> more = {}) const {
        std::vector<std::string> arguments{"features", track.string(), "--kind", kind, "--output", output.string()};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return testing::earmark(arguments);
    }

    testing::TemporaryFolder folder;
    fs::path track = folder.path() / "song.wav";
    fs::path output = folder.path() / "out.npy";
};

TEST_F(FeaturesCommand, WritesEveryKindAsTheLibraryComputesIt) {
    AudioReader reader(track);
    std::vector<float> samples;
    for (auto piece = reader.read(); !piece.empty(); piece = reader.read())
        samples.insert(samples.end(), piece.begin(), piece.end());
    for (const char* kind : {"waveform", "spectrogram", "mel", "logmel", "mfcc"}) {
        const testing::Finished result = features(kind, {"--padding", "reflect"});
        ASSERT_EQ(result.status, 0) << result.messages;
        FeatureOptions options;
        options.kind = feature_kind(kind);
        options.padding = Padding::reflect;
        FeatureMatrix expected;
        FeatureExtractor(options).compute(samples, expected);
        formats::NpyReader npy(output);
        EXPECT_EQ(npy.type(), "<f4");
        ASSERT_EQ(npy.shape(), (std::vector<std::int64_t>{expected.frames, expected.coefficients})) << kind;
        std::vector<float> values(npy.size());
        npy.read(values);
        EXPECT_EQ(values, expected.values) << kind;
    }
}

TEST_F(FeaturesCommand, TakesItsOptions) {
    ASSERT_EQ(features("mfcc", {"--coefficients", "20", "--hop-length", "256", "--sample-rate", "16000"}).status, 0);
    EXPECT_EQ(formats::NpyReader(output).shape(), (std::vector<std::int64_t>{1 + 160000 / 256, 20}));
}

TEST_F(FeaturesCommand, ReportsErrorsAndWritesNothing) {
    const auto expect = [&](const testing::Finished& result, int status, const std::string& text) {
        EXPECT_EQ(result.status, status) << result.messages;
        EXPECT_NE(result.messages.find(text), std::string::npos) << result.messages;
        EXPECT_FALSE(fs::exists(output));
        std::size_t files = 0;
        for ([[maybe_unused]] const auto& entry : fs::directory_iterator(folder.path())) ++files;
        EXPECT_EQ(files, 1U) << "something was left behind";
    };
    expect(features("mfcc", {"--coefficients", "500"}), 1, "coefficients");
    expect(features("mfcc", {"--padding", "circular"}), 2, "circular");
    expect(features("chroma"), 2, "chroma");
    expect(testing::earmark({"features", track.string()}), 2, "--output");
    expect(testing::earmark({"features", track.string(), "--output", "/no/such/folder/x.npy"}), 1,
           "/no/such/folder/x.npy");
    expect(testing::earmark({"features", (folder.path() / "none.wav").string(), "--output", output.string()}), 1,
           "none.wav");
}

TEST_F(FeaturesCommand, ReportsAFullDisk) {
    // /dev/shm with a quota would need root: a limit on the file's size fails the same way.
    const testing::Finished result =
        testing::run({"bash", "-c",
                      "trap '' XFSZ; ulimit -f 8; exec " EARMARK_BUILD_DIR "/bin/earmark features '" + track.string() +
                          "' --kind spectrogram --output '" + output.string() + "'"});
    EXPECT_EQ(result.status, 1);
    EXPECT_NE(result.messages.find("out.npy: cannot be written"), std::string::npos) << result.messages;
    EXPECT_FALSE(fs::exists(output));
}

}  // namespace
}  // namespace earmark
