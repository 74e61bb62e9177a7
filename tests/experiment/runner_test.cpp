#include "experiment/run/runner.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "experiment_file.hpp"
#include "fake_earmark.hpp"
#include "files/atomic_file.hpp"
#include "formats/csv.hpp"
#include "support/error_of.hpp"
#include "support/temporary_folder.hpp"

namespace earmark::experiment {
namespace {

namespace fs = std::filesystem;
using testing::contains;
using testing::Fake;
using testing::FakeEarmark;

struct Listener {
    RunEvents events() {
        return {[this](const ExperimentStatus& status) { statuses.push_back(status); },
                [this](const RunRecord& record, const ExperimentStatus&) { records.push_back(record); },
                [this](const std::string& text) { messages += text + "\n"; }};
    }

    std::vector<ExperimentStatus> statuses;
    std::vector<RunRecord> records;
    std::string messages;
};

/// Two protocols, the second with a choice; a grid whose option `dropout` is given.
std::string file_of(const std::string& dropout, const std::string& seeds = "[1, 2]") {
    return "title = \"A try\"\nseeds = " + seeds + R"(
[[data]]
name = "mfcc"
store = "mfcc.store"
[[protocol]]
name = "open"
title = "Open"
options = { split = "random-segments" }
[[protocol]]
name = "closed"
title = "Closed"
choose = true
options = { split = "random-tracks" }
[[grid]]
name = "cnn"
title = "CNN"
family = "CNN"
options = { network = "cnn", dropout = )" +
           dropout + " }\n";
}

class Runner : public ::testing::Test {
  protected:
    void SetUp() override {
        fs::create_directories(results / "runs");
        save_inputs(inputs, results);
    }

    /// A session. @return how it ended
    ExperimentStatus run(const std::string& file, const RunnerOptions& more = {}, int kill_after = -1,
                         double slope = 0.1) {
        experiment = testing::experiment_of(folder.path(), file);
        RunnerOptions options = more;
        options.data = folder.path();
        options.results = results;
        if (options.jobs == 0) options.jobs = 2;
        listener = {};
        testing::FakeEarmark earmark(fake);
        earmark.kill_after = kill_after;
        earmark.slope = slope;
        earmark.stop = &stop;
        earmark.stop_after = stop_after;
        ExperimentRunner runner(experiment, inputs, options, earmark, listener.events());
        return runner.run(stop);
    }

    int started(const std::string& part) const {
        return static_cast<int>(std::count_if(fake.started.begin(), fake.started.end(),
                                              [&](const auto& line) { return line.find(part) != std::string::npos; }));
    }

    /// The table without what differs from one time to the next.
    std::set<std::string> outcome() const {
        const formats::CsvTable table = formats::read_csv(results / "results.csv");
        std::set<std::string> rows;
        for (std::vector<std::string> row : table.rows) {
            row[table.column("seconds")] = row[table.column("started")] = "";
            rows.insert(formats::csv_line(row));
        }
        return rows;
    }

    testing::TemporaryFolder folder;
    fs::path results = folder.path() / "results";
    ExperimentInputs inputs{{{"mfcc", "00ff"}}, {}, "A machine"};
    Experiment experiment;
    testing::Fake fake;
    Listener listener;
    base::StopFlag stop{false};
    int stop_after = -1;
};

TEST_F(Runner, DoesAllRunsAndKeepsThem) {
    const ExperimentStatus status = run(file_of("[0.1, 0.3]"));
    EXPECT_EQ(status.runs.total, 8);
    EXPECT_EQ(status.runs.done, 8);
    EXPECT_EQ(status.runs.failed, 0);
    EXPECT_EQ(listener.records.size(), 8U);
    EXPECT_EQ(fake.trained.size(), 8U);
    EXPECT_EQ(fake.most_at_a_time, 2);
    const ExperimentResults loaded = load_results(experiment, results);
    EXPECT_EQ(loaded.planned, 8);
    EXPECT_EQ(loaded.machine, "A machine");
    EXPECT_EQ(loaded.genres, (std::vector<std::string>{"a", "b"}));
    ASSERT_EQ(loaded.runs.size(), 8U);
    const RunRecord& first = loaded.runs.front();
    EXPECT_EQ(first.run.protocol, "open");
    EXPECT_EQ(first.run.seed, 1U);
    EXPECT_EQ(first.epochs, 3);
    EXPECT_EQ(first.kept_epoch, 2);
    EXPECT_EQ(first.parameters, 77);
    EXPECT_EQ(first.peak_memory, std::int64_t{100} << 20) << "of the training, not of the evaluation";
    EXPECT_EQ(first.data_fingerprint, "00ff");
    EXPECT_TRUE(first.leaky);
    EXPECT_EQ(first.commands.size(), 3U);
    ASSERT_EQ(first.history.size(), 3U);
    EXPECT_EQ(first.history[1].valid_accuracy, 0.4);
    EXPECT_TRUE(std::isnan(first.history[1].test_loss));
    ASSERT_TRUE(first.valid && first.test);
    EXPECT_DOUBLE_EQ(first.test->segments.accuracy, 0.51);
    EXPECT_EQ(first.test->segments.macro_auc, 0.75);
    EXPECT_FALSE(first.test->segments.macro_f1.has_value());
    EXPECT_EQ(first.test->segments.confusion, (std::vector<std::int64_t>{1, 0, 1, 0}));
    ASSERT_EQ(first.test->outcomes.size(), 2U);
    EXPECT_EQ(first.test->outcomes[1].track, "x.1");
    EXPECT_FALSE(first.test->outcomes[1].right);
    EXPECT_EQ(first.test->outcomes[1].segments, 5);
    EXPECT_EQ(first.test->outcomes[1].segments_right, 2);
    EXPECT_EQ(first.test->seen_in_pretraining, 0);
    const fs::path run_of_first = results / "runs" / first.run.id;
    auto judged = nlohmann::json::parse(files::read_file(run_of_first / "test.json"));
    judged["tracks_heard_in_pretraining"] = 2;
    files::write_file(run_of_first / "test.json", judged.dump());
    EXPECT_EQ(load_part(run_of_first, "test", RecordDetail::scores)->seen_in_pretraining, 2);
}

TEST_F(Runner, TestsOnlyTheChosenAndOnlyOnceAllAreValidated) {
    run(file_of("[0.1, 0.3, 0.2]"));
    const ExperimentResults loaded = load_results(experiment, results);
    for (const RunRecord& record : loaded.runs) {
        ASSERT_TRUE(record.valid);
        const bool chosen = record.run.options["dropout"] == 0.3;
        EXPECT_EQ(record.test.has_value(), record.run.protocol == "open" || chosen);
    }
    EXPECT_TRUE(
        testing::contains(listener.messages, "chosen for CNN under closed: cnn {\"network\":\"cnn\",\"dropout\":0.3}"));
    // In the order of the commands: the closed protocol's two tests come after its last validation.
    const auto id = [](const std::string& line) { return line.substr(line.find("/runs/") + 6, 16); };
    std::set<std::string> closed;
    for (const RunRecord& record : loaded.runs) {
        if (record.run.protocol == "closed") closed.insert(record.run.id);
    }
    int validated = 0;
    int tested = 0;
    for (const std::string& line : fake.started) {
        if (!closed.contains(id(line))) continue;
        validated += line.find("--part valid") != std::string::npos;
        if (line.find("--part test") == std::string::npos) continue;
        ++tested;
        EXPECT_EQ(validated, 6);
    }
    EXPECT_EQ(tested, 2);
    const Choices choices = load_choices(results);
    ASSERT_EQ(choices.current.size(), 1U);
    ASSERT_EQ(choices.current[0].candidates.size(), 3U);
    EXPECT_DOUBLE_EQ(choices.current[0].candidates[1].accuracy, 0.53);
    EXPECT_EQ(choices.current[0].candidates[1].runs, 2);
}

TEST_F(Runner, LeavesTheTestPartAloneWhereAsked) {
    std::string file = file_of("[0.1, 0.3]");
    const std::string choice = "choose = true";
    file.replace(file.find(choice), choice.size(), "test = false");
    run(file);
    for (const RunRecord& record : load_results(experiment, results).runs) {
        EXPECT_TRUE(record.valid);
        EXPECT_EQ(record.test.has_value(), record.run.protocol == "open");
    }
    EXPECT_EQ(listener.statuses.back().runs.done, 8);
}

TEST_F(Runner, CombinesNetworksOnceTheyAreThere) {
    const std::string both =
        "[[grid]]\nname = \"both\"\ntitle = \"Both\"\nfamily = \"both\"\ncommand = \"combine\"\n"
        "networks = [\"cnn\"]\nprotocols = [\"open\"]\n";
    run(file_of("[0.1, 0.3]") + both);
    const ExperimentResults loaded = load_results(experiment, results);
    int combined = 0;
    for (const RunRecord& record : loaded.runs) {
        if (record.run.command != "combine") continue;
        ++combined;
        EXPECT_FALSE(record.failed);
        EXPECT_EQ(record.parameters, 154);
        EXPECT_EQ(record.epochs, 0);
        EXPECT_TRUE(record.valid);
        EXPECT_TRUE(record.test);
        ASSERT_EQ(record.run.members.size(), 2U);
        // Only after both of its networks were trained.
        const auto place = [&](const std::string& command, const std::string& id) {
            const auto found = std::ranges::find_if(fake.started, [&](const std::string& line) {
                return line.starts_with(command) && line.find("runs/" + id) != std::string::npos;
            });
            return found - fake.started.begin();
        };
        const auto at = place("model combine", record.run.id);
        ASSERT_LT(at, std::ssize(fake.started));
        for (const std::string& member : record.run.members) {
            EXPECT_NE(fake.started[at].find("runs/" + member + "/model.safetensors"), std::string::npos);
            EXPECT_LT(place("train", member), at);
        }
    }
    EXPECT_EQ(combined, 2) << "one a seed";
    const std::size_t commands = fake.started.size();
    run(file_of("[0.1, 0.3]") + both);
    EXPECT_EQ(fake.started.size(), commands);
}

TEST_F(Runner, TrainsWithOtherNetworksOnceTheyAreThere) {
    const std::string more =
        "[[protocol]]\nname = \"all\"\ntitle = \"All\"\noptions = { split = \"random-segments\" }\n"
        "[[grid]]\nname = \"pre\"\ntitle = \"Pre\"\nfamily = \"Pre\"\nprotocols = [\"all\"]\n"
        "options = { targets = \"tracks\" }\n"
        "[[grid]]\nname = \"small\"\ntitle = \"Small\"\nfamily = \"Small\"\nprotocols = [\"open\"]\n"
        "teacher = \"cnn\"\nstart = \"pre\"\n";
    run(file_of("0.1") + more);
    const auto place = [&](const std::string& command, const std::string& part) {
        const auto found = std::ranges::find_if(fake.started, [&](const std::string& line) {
            return line.starts_with(command) && line.find(part) != std::string::npos;
        });
        EXPECT_NE(found, fake.started.end()) << command << " " << part;
        return found - fake.started.begin();
    };
    int taught = 0;
    for (const RunRecord& record : load_results(experiment, results).runs) {
        const earmark::experiment::Run& each = record.run;
        EXPECT_FALSE(record.failed);
        EXPECT_EQ(record.valid.has_value(), each.grid != "pre") << "a network of tracks cannot be judged";
        if (each.grid == "pre") {
            EXPECT_EQ(record.commands.size(), 1U);
        }
        if (each.grid != "small") continue;
        ++taught;
        const auto at = place("train", "--output " + (results / "runs" / each.id).string());
        for (const std::string& needed : each.needed()) {
            EXPECT_LT(place("train", "--output " + (results / "runs" / needed).string()), at);
            EXPECT_NE(fake.started[at].find("runs/" + needed + "/model.safetensors"), std::string::npos);
        }
    }
    EXPECT_EQ(taught, 2) << "one a seed";
    const std::size_t commands = fake.started.size();
    run(file_of("0.1") + more);
    EXPECT_EQ(fake.started.size(), commands);
}

TEST_F(Runner, CalibratesANetworkOnceItIsThere) {
    run(file_of("0.1") +
        "[[grid]]\nname = \"sure\"\ntitle = \"Calibrated\"\nfamily = \"sure\"\ncommand = \"calibrate\"\n"
        "networks = [\"cnn\"]\nprotocols = [\"open\"]\n");
    int calibrated = 0;
    for (const RunRecord& record : load_results(experiment, results).runs) {
        if (record.run.command != "calibrate") continue;
        ++calibrated;
        EXPECT_FALSE(record.failed);
        EXPECT_TRUE(record.test);
        const std::string folder_of_run = (results / "runs" / record.run.id).string();
        const std::string network = (results / "runs" / record.run.members.at(0) / "model.safetensors").string();
        EXPECT_EQ(started("model calibrate " + network + " --data"), 1);
        EXPECT_EQ(started("--output " + folder_of_run + "/model.safetensors --jobs 1 --format json"), 1);
    }
    EXPECT_EQ(calibrated, 2) << "one a seed";
}

TEST_F(Runner, DoesNothingTwice) {
    run(file_of("[0.1, 0.3]"));
    const std::size_t commands = fake.started.size();
    const std::set<std::string> before = outcome();
    EXPECT_EQ(run(file_of("[0.1, 0.3]")).runs.done, 8);
    EXPECT_EQ(fake.started.size(), commands);
    EXPECT_EQ(outcome(), before);
    run(file_of("[0.1, 0.3]", "[1, 2, 3]"));
    EXPECT_EQ(started("train"), 12) << "two settings under two protocols with one more seed";
    run(file_of("[0.3]"));
    EXPECT_EQ(started("train"), 12);
    EXPECT_EQ(outcome().size(), 4U) << "the others are not part of the experiment any more";
}

TEST_F(Runner, ReportsAFailedRunAndGoesOn) {
    const ExperimentStatus status = run(file_of("[2, 0.1]"));
    EXPECT_EQ(status.runs.done, 8);
    EXPECT_EQ(status.runs.failed, 4);
    EXPECT_TRUE(testing::contains(listener.messages,
                                  "2 of 2 runs of cnn {\"network\":\"cnn\",\"dropout\":2} under closed failed"));
    const ExperimentResults loaded = load_results(experiment, results);
    ASSERT_EQ(loaded.runs.size(), 8U);
    EXPECT_TRUE(loaded.runs[0].failed);
    EXPECT_EQ(loaded.runs[0].error, "--dropout: too large");
    EXPECT_FALSE(loaded.runs[1].failed);
    run(file_of("[2, 0.1]"));
    EXPECT_EQ(started("train"), 8) << "not tried again unasked";
    RunnerOptions retry;
    retry.retry_failed = true;
    EXPECT_EQ(run(file_of("[2, 0.1]"), retry).runs.failed, 4);
    EXPECT_EQ(started("train"), 12);
}

TEST_F(Runner, KeepsToAChoiceThatWasEvaluated) {
    run(file_of("[0.1, 0.3]"));
    run(file_of("[0.1, 0.3, 0.5]"));
    EXPECT_TRUE(testing::contains(listener.messages, "`choose_anew` replaces it"));
    const auto tested = [&] {
        std::set<double> settings;
        for (const RunRecord& record : load_results(experiment, results).runs) {
            if (record.run.protocol == "closed" && record.test)
                settings.insert(record.run.options["dropout"].get<double>());
        }
        return settings;
    };
    EXPECT_EQ(tested(), std::set<double>{0.3});
    RunnerOptions anew;
    anew.choose_anew = true;
    run(file_of("[0.1, 0.3, 0.5]"), anew);
    EXPECT_TRUE(testing::contains(listener.messages, "chosen anew"));
    EXPECT_EQ(tested(), std::set<double>{0.5}) << "the earlier choice's results are not shown";
    EXPECT_EQ(load_choices(results).earlier.size(), 1U);
    run(file_of("[0.1]"));
    EXPECT_TRUE(testing::contains(listener.messages, "`choose_anew`")) << "the chosen one is not even in the file";
    EXPECT_TRUE(tested().empty());
}

TEST_F(Runner, GoesOnWhereverItWasKilled) {
    run(file_of("[0.1, 2, 0.3]"));
    const std::set<std::string> expected = outcome();
    fs::remove_all(results);
    SetUp();
    fake = {};
    int sessions = 0;
    for (bool killed = true; killed; ++sessions) {
        ASSERT_LT(sessions, 200);
        std::set<std::string> finished;
        for (const auto& entry : fs::directory_iterator(results / "runs")) {
            if (fs::exists(entry.path() / "run.json")) finished.insert(entry.path());
        }
        killed = false;
        try {
            run(file_of("[0.1, 2, 0.3]"), {}, 7 + sessions % 5);
        } catch (const testing::Killed&) {
            killed = true;
        }
        for (const std::string& run : finished) EXPECT_TRUE(fs::exists(fs::path(run) / "run.json"));
        EXPECT_NO_THROW(load_results(experiment, results));
    }
    EXPECT_GT(sessions, 5);
    EXPECT_EQ(outcome(), expected);
    EXPECT_EQ(fake.trained.size(), 8U);
    for (const auto& [run, times] : fake.trained) EXPECT_EQ(times, 1) << run;
}

TEST_F(Runner, StopsWhenAskedAndGoesOn) {
    stop_after = 9;
    const ExperimentStatus status = run(file_of("[0.1, 0.3]"));
    EXPECT_LT(status.runs.done, 8);
    EXPECT_LT(started("train"), 8);
    stop = false;
    stop_after = -1;
    EXPECT_EQ(run(file_of("[0.1, 0.3]")).runs.done, 8);
    for (const auto& [run, times] : fake.trained) EXPECT_EQ(times, 1) << run;
}

TEST_F(Runner, TakesOnlyTheRunsThatWereAskedFor) {
    RunnerOptions some;
    some.protocols = {"closed"};
    some.seeds = {2};
    EXPECT_EQ(run(file_of("[0.1, 0.3]"), some).runs.total, 2);
    EXPECT_EQ(started("train"), 2);
    EXPECT_EQ(started("--seed 2"), 2);
    EXPECT_EQ(started("--part test"), 0) << "seed 1 is not there yet, so nothing is chosen";
}

TEST_F(Runner, StartsNoMoreThanMemoryHolds) {
    RunnerOptions little;
    little.jobs = 4;
    little.memory = std::int64_t{300} << 20;  // less than the guess for one: one always runs
    run(file_of("[0.1, 0.3]"), little);
    EXPECT_EQ(fake.most_at_a_time, 3) << "three of the 100 MiB that the first one was seen to take";
    const std::size_t first =
        std::find_if(fake.started.begin(), fake.started.end(),
                     [](const auto& line) { return line.find("--part test") != std::string::npos; }) -
        fake.started.begin();
    EXPECT_EQ(first, 2U) << "train, valid, test of the first before any other";
}

TEST_F(Runner, EstimatesTheTimeLeft) {
    run(file_of("[0.1, 0.3]"));
    ASSERT_GT(listener.statuses.size(), 10U);
    EXPECT_EQ(listener.statuses[1].running.size(), 2U);
    EXPECT_EQ(listener.statuses[1].running[0].label, "cnn dropout=0.1, open, seed 1");
    EXPECT_EQ(listener.statuses[1].running[0].epochs, 3);
    EXPECT_EQ(listener.statuses[1].running[0].valid_accuracy, 0.5);
    for (std::size_t i = 1; i < listener.statuses.size(); ++i) EXPECT_TRUE(listener.statuses[i].seconds_left) << i;
}

TEST_F(Runner, ReadsAFolderInTheMiddleOfARun) {
    try {
        run(file_of("[0.1, 0.3]"), {}, 30);
        FAIL() << "was not killed";
    } catch (const testing::Killed&) {
    }
    const ExperimentResults loaded = load_results(experiment, results);
    EXPECT_EQ(loaded.planned, 8);
    EXPECT_GT(loaded.runs.size(), 0U);
    EXPECT_LT(loaded.runs.size(), 8U);
    EXPECT_TRUE(
        testing::contains(testing::error_of([&] { load_results(experiment, folder.path() / "none"); }), "not_found: "));
    EXPECT_EQ(load_results(experiment, folder.path()).runs.size(), 0U) << "a folder where nothing has been run";
}

TEST(Choose, TakesTheBestMeanAndAtATieTheLowerLoss) {
    std::vector<RunRecord> records;
    const auto add = [&](double dropout, double accuracy, double loss, bool failed = false) {
        RunRecord record;
        record.run.options = {{"dropout", dropout}};
        record.failed = failed;
        if (!failed) {
            record.valid.emplace();
            record.valid->segments.items = 10;
            record.valid->segments.accuracy = accuracy;
            record.valid->segments.loss = loss;
        }
        records.push_back(record);
    };
    const auto chosen = [&] {
        std::vector<const RunRecord*> pointers;
        for (const RunRecord& record : records) pointers.push_back(&record);
        const auto choice = choose(pointers);
        return choice ? choice->options["dropout"].get<double>() : -1.0;
    };
    add(0.9, 0.9, 1.0, true);
    EXPECT_EQ(chosen(), -1.0) << "all failed";
    add(0.1, 0.5, 1.0);
    add(0.1, 0.75, 1.0);
    add(0.2, 0.75, 2.0);
    add(0.2, 0.5, 1.0);
    EXPECT_EQ(chosen(), 0.1) << "the loss decides";
    add(0.3, 1.0, 9.0);
    add(0.3, 0.5, 9.0);
    EXPECT_EQ(chosen(), 0.3);
    add(0.3, 0.0, 9.0);
    EXPECT_EQ(chosen(), 0.1);
}

}  // namespace
}  // namespace earmark::experiment
