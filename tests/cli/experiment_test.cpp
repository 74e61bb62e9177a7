// `earmark experiment run`, as a user would run it, with real trainings of tiny networks.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "files/atomic_file.hpp"
#include "formats/csv.hpp"
#include "formats/npy.hpp"
#include "support/program.hpp"
#include "support/random_model.hpp"
#include "support/temporary_folder.hpp"

namespace earmark {
namespace {

namespace fs = std::filesystem;
using testing::Finished;
using testing::Program;

class ExperimentCommand : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!fs::exists(EARMARK_BUILD_DIR "/bin/earmark-train")) GTEST_SKIP() << "needs earmark-train (libtorch)";
        fs::create_directories(data);
        formats::NpyWriter array(data / "mfcc.npy", {77, 13});
        std::string index = "track,genre\n";
        const char* genres[] = {"jazz", "metal", "pop"};
        for (int track = 0; track < 60; ++track) {
            std::vector<float> values = testing::random_mfccs(1, 77, 100 + track);
            for (std::size_t i = 1; i < values.size(); i += 13) values[i] += 25.0F * static_cast<float>(track % 3 - 1);
            array.append(values);
            index += std::string(genres[track % 3]) + "." + std::to_string(track) + "," + genres[track % 3] + "\n";
        }
        array.commit();
        files::write_file(data / "index.csv", index);
    }

    /// Two protocols, the second with a choice; a grid of these widths; and `more`.
    void write_experiment(const std::string& widths, int epochs, const std::string& more = "") const {
        files::write_file(file, R"(
title = "Tiny"
seeds = [1]
[[data]]
name = "mfcc"
import = "mfcc.npy"
options = { index = "index.csv", segments-per-block = 1, segment-frames = 77, frame-step = 3.3 }
[[protocol]]
name = "open"
title = "Open"
options = { split = "random-segments", valid-fraction = 0.0 }
[[protocol]]
name = "closed"
title = "Closed"
choose = true
options = { split = "random-tracks" }
[[grid]]
name = "mlp"
title = "MLP"
family = "MLP"
options = { network = "mlp", learning-rate = 1e-2, hidden = )" +
                                    widths + ", epochs = " + std::to_string(epochs) + " }\n" + more);
    }

    std::vector<std::string> command(const fs::path& results) const {
        return {EARMARK_BUILD_DIR "/bin/earmark",
                "experiment",
                "run",
                file.string(),
                "--data",
                data.string(),
                "--output",
                results.string(),
                "--jobs",
                "1"};
    }

    /// A row for each run by its id, without fields that differ between executions.
    static std::map<std::string, std::string> outcome(const fs::path& results) {
        const formats::CsvTable table = formats::read_csv(results / "results.csv");
        std::map<std::string, std::string> rows;
        for (std::vector<std::string> row : table.rows) {
            for (const char* column : {"seconds", "peak_memory_mib", "started", "commands"})
                row[table.column(column)] = "";
            rows[row[table.column("id")]] = formats::csv_line(row);
        }
        return rows;
    }

    /// How often the training of each finished run was started.
    static std::map<std::string, std::size_t> trainings(const fs::path& results) {
        std::map<std::string, std::size_t> counts;
        for (const auto& entry : fs::directory_iterator(results / "runs")) {
            if (!fs::exists(entry.path() / "run.json")) continue;
            const std::string log = files::read_file(entry.path() / "log.txt");
            std::size_t& count = counts[entry.path().filename()];
            for (std::size_t at = log.find("$ earmark train"); at != std::string::npos;
                 at = log.find("$ earmark train", at + 1))
                ++count;
        }
        return counts;
    }

    testing::TemporaryFolder folder;
    fs::path data = folder.path() / "data";
    fs::path file = folder.path() / "tiny.toml";
};

TEST_F(ExperimentCommand, DoesAllRunsThoughOneFails) {
    write_experiment("[[4], [8]]", 2,
                     "[[grid]]\nname = \"bad\"\ntitle = \"Bad\"\nfamily = \"Bad\"\nprotocols = [\"open\"]\n"
                     "options = { network = \"mlp\", dropout = 2.0 }\n");
    const fs::path results = folder.path() / "results";
    const testing::Finished done = testing::run(command(results));
    EXPECT_EQ(done.status, 1) << done.messages;
    EXPECT_NE(done.messages.find("4 of 5 runs finished, 1 failed"), std::string::npos) << done.messages;
    const formats::CsvTable table = formats::read_csv(results / "results.csv");
    ASSERT_EQ(table.rows.size(), 5U);
    std::map<std::string, int> tested;
    for (const std::vector<std::string>& row : table.rows) {
        const auto field = [&](const char* name) { return row[table.column(name)]; };
        const bool open = field("protocol") == "open";
        EXPECT_EQ(field("seed"), "1");
        if (field("grid") == "bad") {
            EXPECT_NE(field("error").find("--dropout"), std::string::npos) << field("error");
            EXPECT_EQ(field("test_segments"), "");
            continue;
        }
        EXPECT_EQ(field("error"), "");
        EXPECT_EQ(field("leaky"), open ? "true" : "false");
        EXPECT_EQ(field("epochs"), "2");
        EXPECT_EQ(field("parameters"), field("hidden") == "[4]" ? "4023" : "8043");
        EXPECT_EQ(field("valid_segments"), open ? "" : "9");
        tested[field("protocol")] += !field("test_segments").empty();
        // The recorded commands reproduce the number.
        if (!open || field("hidden") != "[4]") continue;
        std::vector<std::string> words{EARMARK_BUILD_DIR "/bin/earmark"};
        const std::string line = field("commands").substr(field("commands").find("earmark evaluate") + 8);
        for (std::size_t begin = 0; begin < line.size();) {
            const std::size_t end = std::min(line.find(' ', begin), line.size());
            if (end > begin) words.push_back(line.substr(begin, end - begin));
            begin = end + 1;
        }
        const testing::Finished again = testing::run(words);
        ASSERT_EQ(again.status, 0) << again.messages;
        EXPECT_EQ(nlohmann::json::parse(again.output)["segments"]["accuracy"].get<double>(),
                  std::stod(field("test_segment_accuracy")));
    }
    EXPECT_EQ(tested["open"], 2);
    EXPECT_EQ(tested["closed"], 1) << "the chosen one";
    std::vector<std::string> listing = command(results);
    listing.push_back("--dry-run");
    const testing::Finished listed = testing::run(listing);
    EXPECT_EQ(listed.status, 0);
    EXPECT_NE(listed.messages.find("4 finished, 1 failed, 0 waiting"), std::string::npos) << listed.messages;
}

TEST_F(ExperimentCommand, GoesOnAfterCtrlCAndKills) {
    write_experiment("[[4]]", 2000);  // longer than the pause before Ctrl-C, on any machine
    const fs::path whole = folder.path() / "whole";
    const testing::Finished unbroken = testing::run(command(whole));
    ASSERT_EQ(unbroken.status, 0) << unbroken.messages;

    struct Cut {
        const char* message;  ///< to wait for
        int milliseconds;     ///< to wait then
        int signal;
    };
    const fs::path broken = folder.path() / "broken";
    std::map<std::string, std::size_t> finished;
    for (const Cut& cut : {Cut{"making the store", 0, SIGKILL}, {"", 700, SIGINT}, {"[1/2]", 300, SIGKILL}}) {
        testing::Program program(command(broken));
        ASSERT_TRUE(program.wait_for_message(cut.message));
        if (finished.empty() && cut.milliseconds == 0) {
            const testing::Finished second = testing::run(command(broken));
            EXPECT_EQ(second.status, 1);
            EXPECT_NE(second.messages.find("another earmark experiment"), std::string::npos) << second.messages;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(cut.milliseconds));
        program.signal(cut.signal);
        EXPECT_EQ(program.wait().status, 128 + cut.signal);
        finished = trainings(broken);
    }
    EXPECT_EQ(finished.size(), 1U);
    const testing::Finished last = testing::run(command(broken));
    ASSERT_EQ(last.status, 0) << last.messages;
    EXPECT_EQ(outcome(broken), outcome(whole));
    const auto counts = trainings(broken);
    EXPECT_EQ(counts.size(), 2U);
    for (const auto& [id, count] : finished) EXPECT_EQ(count, counts.at(id)) << id << " was finished and is repeated";
}

TEST_F(ExperimentCommand, RefusesWhatTheFileLacks) {
    write_experiment("[[4]]", 1);
    std::vector<std::string> words = command(folder.path() / "results");
    words.insert(words.end(), {"--grid", "cnn"});
    const testing::Finished refused = testing::run(words);
    EXPECT_EQ(refused.status, 1);
    EXPECT_NE(refused.messages.find("--grid cnn"), std::string::npos) << refused.messages;
    EXPECT_FALSE(fs::exists(folder.path() / "results"));
}

}  // namespace
}  // namespace earmark
