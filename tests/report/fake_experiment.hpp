#pragma once

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "experiment/results/results.hpp"

// Of structures with many fields a test names those that it is about.
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

namespace earmark::testing {

/// Runs that nobody ran, with figures that are easy to follow.
struct MadeUp {
    experiment::Experiment experiment;
    experiment::ExperimentResults results;

    experiment::Grid& grid(const std::string& name) {
        for (experiment::Grid& each : experiment.grids) {
            if (each.name == name) return each;
        }
        return experiment.grids.emplace_back(
            experiment::Grid{.name = name, .title = name, .family = name, .command = "train"});
    }
};

/// A part with `tracks` tracks of five segments, of which about `accuracy` are right; two genres.
inline experiment::PartScore fake_part(double accuracy, int tracks, int first_track = 0) {
    experiment::PartScore part;
    std::int64_t right = 0;
    std::int64_t right_tracks = 0;
    for (int i = 0; i < tracks; ++i) {
        experiment::TrackResult outcome{.track = "track" + std::to_string(first_track + i), .segments = 5};
        // Spread evenly: the running count follows accuracy times the segments so far.
        outcome.segments_right = std::llround(accuracy * 5.0 * (i + 1)) - right;
        outcome.right = outcome.segments_right >= 3;
        right += outcome.segments_right;
        right_tracks += outcome.right ? 1 : 0;
        part.outcomes.push_back(outcome);
    }
    const auto score = [&](std::int64_t items, std::int64_t hits) {
        const double share = static_cast<double>(hits) / static_cast<double>(items);
        const std::int64_t half = items / 2;
        return experiment::RunScore{
            .items = items,
            .accuracy = share,
            .loss = 2.0 - share,
            .macro_f1 = share - 0.01,
            .macro_auc = 0.5 + 0.5 * share,
            .confusion = {hits / 2, half - hits / 2, items - half - (hits - hits / 2), hits - hits / 2}};
    };
    part.segments = score(5 * tracks, right);
    part.tracks = score(tracks, right_tracks);
    return part;
}

/// A finished run; `valid` and `test` are accuracies, left out when negative.
inline experiment::RunRecord fake_run(const experiment::Grid& grid, const std::string& protocol, std::size_t setting,
                                      std::uint64_t seed, double valid, double test, int fold = -1) {
    experiment::RunRecord record;
    record.run = {.id = grid.name + "-" + protocol + "-" + std::to_string(setting) + "-" + std::to_string(seed) + "-" +
                        std::to_string(fold + 1),
                  .grid = grid.name,
                  .family = grid.family,
                  .command = grid.command,
                  .data = grid.data,
                  .protocol = protocol,
                  .seed = seed,
                  .fold = fold,
                  .options = grid.settings.at(setting)};
    if (valid >= 0.0) record.valid = testing::fake_part(valid, 20);
    if (test >= 0.0) record.test = testing::fake_part(test, 20, fold < 0 ? 0 : 20 * fold);
    if (grid.command == "train") {
        record.epochs = 40;
        record.kept_epoch = 30 + static_cast<int>(seed);
        for (int i = 0; i < record.epochs; ++i) {
            const double done = 1.0 - std::exp(-i / 9.0);
            const double wobble = 0.01 * std::sin(7.0 * i + static_cast<double>(seed));
            const double none = std::nan("");
            record.history.push_back(
                {0.1 + 0.87 * done, 2.3 - 2.2 * done, valid < 0.0 ? none : 0.1 + (valid - 0.1) * done + wobble,
                 valid < 0.0 ? none : 2.3 - 1.4 * done + wobble, test < 0.0 ? none : 0.1 + (test - 0.1) * done + wobble,
                 test < 0.0 ? none : 2.3 - 1.3 * done + wobble});
        }
    }
    record.seconds = 61.5;
    record.peak_memory = 512'000'000;
    record.version = "0.1.0";
    record.data_fingerprint = "00112233aabbccdd";
    record.started = "2026-01-02T03:04:05Z";
    record.commands = {"earmark train --seed " + std::to_string(seed), "earmark evaluate"};
    return record;
}

/// A CNN at two dropouts, two seeds, under a leaky protocol and one that keeps its test part for the chosen setting.
inline testing::MadeUp fake_experiment() {
    testing::MadeUp made;
    experiment::Experiment& experiment = made.experiment;
    experiment.name = "small";
    experiment.title = "A small experiment";
    experiment.about = "First paragraph.\n\nSecond paragraph.";
    experiment.seeds = {1, 2};
    experiment.data = {{.name = "gtzan", .about = "Made up.", .store = "gtzan.store"}};
    experiment.protocols = {{.name = "segments",
                             .title = "Random segments",
                             .leaks = "Segments of one track are on both sides.",
                             .options = {{"split", "segments"}}},
                            {.name = "filtered",
                             .title = "Fault-filtered",
                             .leaks = "Nothing that is known.",
                             .options = {{"split-file", "filtered.csv"}},
                             .choose = true}};
    experiment.grids = {{.name = "cnn",
                         .title = "CNN at two dropouts",
                         .family = "CNN",
                         .command = "train",
                         .data = "gtzan",
                         .protocols = {"segments", "filtered"},
                         .settings = {{{"network", "cnn"}, {"dropout", 0.1}}, {{"network", "cnn"}, {"dropout", 0.6}}},
                         .spanning = {"dropout"}}};
    experiment.tables = {{.name = "Table III",
                          .title = "CNN",
                          .grids = {"cnn"},
                          .columns = {"dropout"},
                          .sweep = "dropout",
                          .paper_protocol = "segments",
                          .paper = {{.options = {{"dropout", 0.1}}, .accuracy = 0.72, .loss = 0.9},
                                    {.options = {{"dropout", 0.6}}, .accuracy = 0.761, .loss = 0.8}}},
                         {.name = "Table V",
                          .title = "The best of each",
                          .grids = {"cnn"},
                          .best = true,
                          .paper_protocol = "segments",
                          .paper = {{.options = {{"family", "CNN"}}, .accuracy = 0.761, .loss = {}}}}};
    experiment.figures = {{.name = "Fig. 2",
                           .title = "Learning curves of the CNN",
                           .protocol = "segments",
                           .curves = {{.title = "dropout 0.1", .grid = "cnn", .options = {{"dropout", 0.1}}}}}};
    experiment::ExperimentResults& results = made.results;
    results.genres = {"blues", "rock"};
    results.planned = 8;
    results.machine = "A processor, 2 cores";
    const experiment::Grid& cnn = experiment.grids.front();
    for (const std::uint64_t seed : {1U, 2U}) {
        for (const std::size_t setting : {0U, 1U}) {
            const double shift = seed == 1 ? 0.02 : -0.02;
            experiment::RunRecord leaky =
                testing::fake_run(cnn, "segments", setting, seed, -1.0, (setting == 0 ? 0.70 : 0.78) + shift);
            leaky.leaky = true;
            results.runs.push_back(std::move(leaky));
            results.runs.push_back(testing::fake_run(cnn, "filtered", setting, seed,
                                                     (setting == 0 ? 0.50 : 0.44) + shift,
                                                     setting == 0 ? 0.42 + shift : -1.0));
        }
    }
    return made;
}

}  // namespace earmark::testing
