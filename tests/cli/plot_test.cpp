#include <gtest/gtest.h>

#include <filesystem>

#include "earmark/model.hpp"
#include "files/atomic_file.hpp"
#include "support/program.hpp"
#include "support/random_model.hpp"
#include "support/signals.hpp"
#include "support/temporary_folder.hpp"
#include "support/wav.hpp"

namespace earmark {
namespace {

namespace fs = std::filesystem;
using testing::Finished;

class PlotCommand : public ::testing::Test {
  protected:
    void SetUp() override { testing::write_wav(track, testing::tones(14.0)); }

    testing::Finished plot(const fs::path& output, std::vector<std::string> more = {}) const {
        std::vector<std::string> arguments{"plot", track.string(), "--output", output.string()};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return testing::earmark(arguments);
    }

    testing::TemporaryFolder folder;
    fs::path track = folder.path() / "song.wav";
    fs::path svg = folder.path() / "picture.svg";
};

TEST_F(PlotCommand, DrawsWaveformAndMfccByDefault) {
    const testing::Finished result = plot(svg);
    ASSERT_EQ(result.status, 0) << result.messages;
    EXPECT_EQ(result.output + result.messages, "");
    const std::string both = files::read_file(svg);
    EXPECT_NE(both.find("<svg"), std::string::npos);
    ASSERT_EQ(plot(svg, {"--kind", "waveform", "--kind", "mfcc"}).status, 0);
    EXPECT_EQ(files::read_file(svg), both);
    ASSERT_EQ(plot(svg, {"--kind", "waveform"}).status, 0);
    EXPECT_NE(files::read_file(svg), both);
}

TEST_F(PlotCommand, DrawsEveryKindAsSvgAndPng) {
    const fs::path model = folder.path() / "model.safetensors";
    save_model(testing::random_model("cnn"), model);
    for (const char* kind : {"waveform", "spectrogram", "mel", "logmel", "mfcc", "genres"}) {
        for (const char* name : {"x.svg", "x.png"}) {
            const fs::path picture = folder.path() / name;
            const testing::Finished result =
                plot(picture, {"--kind", kind, "--model", model.string(), "--start", "2", "--duration", "10"});
            EXPECT_EQ(result.status, 0) << kind << ": " << result.messages;
            EXPECT_GT(fs::file_size(picture), 1000U) << kind;
        }
    }
    EXPECT_EQ(files::read_file(folder.path() / "x.png").substr(1, 3), "PNG");
}

TEST_F(PlotCommand, DrawsSeveralFilesSideBySide) {
    const fs::path other = folder.path() / "other.wav";
    testing::write_wav(other, testing::tones(9.0));
    const auto sheet = [&](std::vector<std::string> more) {
        more.insert(more.begin(),
                    {"plot", track.string(), other.string(), "--output", svg.string(), "--duration", "6"});
        return testing::earmark(more);
    };
    const testing::Finished result = sheet({});
    ASSERT_EQ(result.status, 0) << result.messages;
    const std::string both = files::read_file(svg);
    ASSERT_EQ(plot(svg, {"--duration", "6"}).status, 0);
    EXPECT_NE(files::read_file(svg), both);
    const testing::Finished refused = sheet({"--kind", "genres"});
    EXPECT_EQ(refused.status, 2);
    EXPECT_NE(refused.messages.find("genres"), std::string::npos) << refused.messages;
}

TEST_F(PlotCommand, ReportsErrorsAndWritesNothing) {
    const auto expect = [&](const testing::Finished& result, int status, const std::string& text) {
        EXPECT_EQ(result.status, status) << result.messages;
        EXPECT_NE(result.messages.find(text), std::string::npos) << result.messages;
        std::size_t files = 0;
        for ([[maybe_unused]] const auto& entry : fs::directory_iterator(folder.path())) ++files;
        EXPECT_EQ(files, 1U) << "something was left behind";
    };
    expect(plot(folder.path() / "picture.gif"), 1, "picture.gif");
    expect(plot(folder.path() / "no" / "folder" / "picture.svg"), 1, "picture.svg");
    expect(plot(svg, {"--kind", "chroma"}), 2, "chroma");
    expect(plot(svg, {"--start", "60"}), 1, "song.wav");
    expect(testing::earmark({"plot", track.string()}), 2, "--output");
    expect(testing::earmark({"plot", (folder.path() / "none.wav").string(), "--output", svg.string()}), 1, "none.wav");
}

}  // namespace
}  // namespace earmark
