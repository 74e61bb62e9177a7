#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/stop.hpp"
#include "experiment/run/launcher.hpp"

namespace earmark::testing {

/// Thrown in place of being killed.
struct Killed : std::runtime_error {
    Killed() : std::runtime_error("killed") {}
};

/// What has happened in a folder of results, over all sessions.
struct Fake {
    std::vector<std::string> started;        ///< command lines
    std::map<std::string, int> trained;      ///< by folder: trainings that ended well and were told of
    std::map<std::string, double> accuracy;  ///< by folder: what its network is worth
    int most_at_a_time = 0;
};

/// Plays `earmark`: each call of `wait` brings every command one event further. A training says three epochs, resumes
/// where it was, and fails with --dropout 2; networks are worth 0.5 plus their dropout times `slope`.
class FakeEarmark : public experiment::Launcher {
  public:
    explicit FakeEarmark(testing::Fake& fake) : fake_(fake) {}

    int kill_after = -1;  ///< events until Killed is thrown
    double slope = 0.1;
    int stop_after = -1;  ///< events until `stop` is set
    base::StopFlag* stop = nullptr;
    std::int64_t resident_bytes = 0;

    void start(int key, const experiment::Arguments& words, const std::filesystem::path& log) override {
        fake_.started.push_back(experiment::shell_line(words));
        commands_[key] = {words, log, 0};
        fake_.most_at_a_time = std::max(fake_.most_at_a_time, static_cast<int>(commands_.size()));
    }

    void wait(int, const std::function<void(const experiment::LaunchEvent&)>& tell) override {
        std::vector<int> keys;
        for (const auto& [key, command] : commands_) keys.push_back(key);
        for (const int key : keys) {
            if (kill_after-- == 0) throw testing::Killed();
            if (stop_after-- == 0) *stop = true;
            const experiment::LaunchEvent event = step(key);
            if (event.ended) commands_.erase(key);
            tell(event);
        }
    }

    void interrupt() override {
        for (auto& [key, command] : commands_) command.interrupted = true;
    }

    std::int64_t resident(int) const override { return resident_bytes; }

  private:
    struct Command {
        experiment::Arguments words;
        std::filesystem::path log;
        int steps = 0;
        bool interrupted = false;
    };

    static std::string value_of(const experiment::Arguments& words, const std::string& option) {
        const auto found = std::find(words.begin(), words.end(), option);
        return found == words.end() ? "" : *(found + 1);
    }

    experiment::LaunchEvent step(int key) {
        Command& command = commands_.at(key);
        if (command.interrupted) return {key, true, "", 130, 0};
        if (command.words.front() == "model") return combine(key, command);
        return command.words.front() == "train" ? train(key, command) : evaluate(key, command);
    }

    experiment::LaunchEvent combine(int key, Command& command) {
        if (command.steps++ == 0) return {key, false, R"({"model":"m","networks":2,"parameters":154})", 0, 0};
        return {key, true, "", 0, 0};
    }

    experiment::LaunchEvent train(int key, Command& command) {
        const std::string dropout = value_of(command.words, "--dropout");
        if (dropout == "2") {
            std::ofstream(command.log, std::ios::app) << "--dropout: too large\n";
            return {key, true, "", 2, 0};
        }
        const std::string folder = std::filesystem::path(value_of(command.words, "--output")).parent_path();
        int& epoch = epochs_[folder];
        if (epoch < 3) {
            ++epoch;
            return {key, false, fmt::format(R"({{"epoch":{},"epochs":3,"valid_accuracy":0.5}})", epoch), 0, 0};
        }
        if (command.steps++ == 0) {
            std::ofstream(folder + "/history.csv")
                << "epoch,train_loss,train_accuracy,valid_loss,valid_accuracy,test_loss,test_accuracy,penalty\n"
                   "1,2,0.1,2.5,0.2,,,0\n2,1,0.3,1.5,0.4,,,0\n3,0.5,0.5,1.25,0.5,,,0\n";
            return {key, false, R"({"model":"m","kept_epoch":2,"epochs":3,"parameters":77})", 0, 0};
        }
        ++fake_.trained[folder];
        fake_.accuracy[folder] = 0.5 + slope * (dropout.empty() ? 0.0 : std::stod(dropout));
        return {key, true, "", 0, std::int64_t{100} << 20};
    }

    experiment::LaunchEvent evaluate(int key, Command& command) {
        const std::filesystem::path predictions = value_of(command.words, "--predictions");
        const std::string folder = predictions.parent_path();
        if (command.steps++ > 0) return {key, true, "", 0, std::int64_t{50} << 20};
        std::ofstream(predictions) << "track,genre,prediction,probability,segments,segments_right,a,b\n"
                                      "x.0,a,a,0.9,5,4,0.9,0.1\nx.1,b,a,0.6,5,2,0.6,0.4\n";
        const double accuracy = fake_.accuracy[folder];
        const std::string level = fmt::format(
            R"({{"count":2,"accuracy":{},"loss":1.5,"macro_f1":null,"macro_roc_auc":0.75,"confusion":[[1,0],[1,0]]}})",
            accuracy);
        return {key, false,
                fmt::format(R"({{"leaky":true,"labels":["a","b"],"part":"{}","segments":{},"tracks":{}}})",
                            value_of(command.words, "--part"), level, level),
                0, 0};
    }

    testing::Fake& fake_;
    std::map<int, Command> commands_;
    std::map<std::string, int> epochs_;  ///< lost with the session, as a checkpoint that was not written
};

}  // namespace earmark::testing
