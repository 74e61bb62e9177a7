// `earmark model`, and suggestions for misspelt sub-commands.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "earmark/model.hpp"
#include "support/program.hpp"
#include "support/random_model.hpp"
#include "support/temporary_folder.hpp"

namespace earmark {
namespace {

using testing::Finished;

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

TEST(ModelCommand, PrintsAPageForPeople) {
    const testing::Finished page = testing::earmark({"model", "mfcc-cnn"});
    ASSERT_EQ(page.status, 0) << page.messages;
    for (const char* text : {"gtzan-mfcc-cnn", "MIT", "256 kB", "blues, classical", "852 tracks", "whole artists",
                             "8 of 35", "85.0 % of the predictions above the threshold", "27.2 % of the 147 validation",
                             "filters 48", "59,178 trainable", "77 frames × 13 coefficients"}) {
        EXPECT_TRUE(contains(page.output, text)) << text << ": " << page.output;
    }
    EXPECT_FALSE(contains(page.output, "{")) << page.output;
    const testing::Finished ensemble = testing::earmark({"model"});
    EXPECT_TRUE(contains(ensemble.output, "ensemble of 3 networks: 3 vgg")) << ensemble.output;
    EXPECT_TRUE(contains(ensemble.output, "409,494")) << ensemble.output;
}

TEST(ModelCommand, ReportsMissingFacts) {
    const testing::TemporaryFolder folder;
    const auto file = folder.path() / "bare.safetensors";
    save_model(testing::random_model("mlp", R"({"hidden": [8]})"), file);
    const testing::Finished page = testing::earmark({"model", file.string()});
    ASSERT_EQ(page.status, 0) << page.messages;
    EXPECT_TRUE(contains(page.output, "unknown: the file does not say")) << page.output;
    EXPECT_TRUE(contains(page.output, "measure it with `earmark evaluate`")) << page.output;
    EXPECT_TRUE(contains(page.output, "`earmark model calibrate`")) << page.output;
}

TEST(ModelCommand, SuggestsAMisspeltSubcommand) {
    for (const std::vector<std::string>& words : {std::vector<std::string>{"model", "calibrte", "x"},
                                                  {"model", "calibrte"},
                                                  {"model", "calibrte", "x", "--data", "y"}}) {
        const testing::Finished result = testing::earmark(words);
        EXPECT_EQ(result.status, 2);
        EXPECT_TRUE(contains(result.messages, "calibrte")) << result.messages;
        EXPECT_TRUE(contains(result.messages, "Did you mean calibrate?")) << result.messages;
    }
    // An existing file of such a name is used.
    const testing::TemporaryFolder folder;
    const auto file = folder.path() / "combin";
    save_model(testing::random_model("mlp", R"({"hidden": [8]})"), file);
    EXPECT_EQ(testing::run({"sh", "-c", "cd \"$0\" && exec \"$1\" model combin", folder.path().string(),
                            EARMARK_BUILD_DIR "/bin/earmark"})
                  .status,
              0);
    const testing::Finished none = testing::earmark({"model", "nothing-like-it.safetensors"});
    EXPECT_EQ(none.status, 1);
    EXPECT_FALSE(contains(none.messages, "Did you mean")) << none.messages;
}

}  // namespace
}  // namespace earmark
