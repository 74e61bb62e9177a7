#include "training/trainer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "earmark/error.hpp"
#include "files/atomic_file.hpp"
#include "inference/plan/network.hpp"
#include "support/error_of.hpp"
#include "support/random_model.hpp"
#include "support/temporary_folder.hpp"
#include "training/data/noise_bank.hpp"

namespace earmark::training {
namespace {

using testing::random_mfccs;
using testing::TemporaryFolder;

/// A store of three genres that differ in one coefficient: easy to learn.
dataset::FeatureStore easy_store(int tracks_a_genre = 12, int segments_a_track = 3) {
    dataset::FeatureStore store;
    store.segments.frames = 77;
    store.segments.segments_per_block = 5;
    store.segments.frame_step = 1293.0 / 387.5;
    store.labels = {"high", "low", "middle"};
    const int tracks = 3 * tracks_a_genre;
    store.values = testing::random_mfccs(tracks * segments_a_track, 77, 4);
    for (int track = 0; track < tracks; ++track) {
        const int label = track % 3;
        store.tracks.push_back({"track" + std::to_string(track), label, track * segments_a_track, segments_a_track});
        for (int segment = 0; segment < segments_a_track; ++segment) {
            store.times.push_back({6.0 * segment, 6.0 * segment + 6.0});
            const std::size_t first = (track * segments_a_track + segment) * store.segment_size();
            const float shift = label == 0 ? 30.0F : label == 1 ? -30.0F : 0.0F;
            for (std::size_t i = 1; i < store.segment_size(); i += 13) store.values[first + i] += shift;
        }
    }
    return store;
}

TrainingOptions quick(const std::string& network) {
    TrainingOptions options;
    options.network =
        model::NetworkSpec::parse({network, network == "mlp" ? R"({"hidden": [32], "dropout": 0.2})" : "{}"}, "test");
    options.epochs = 6;
    options.learning_rate = 3e-3;
    options.batch_size = 16;
    options.seed = 5;
    options.jobs = 1;
    return options;
}

const base::StopFlag never{false};

TEST(Trainer, LearnsWhatCanBeLearned) {
    const dataset::FeatureStore store = easy_store();
    const dataset::Split split = dataset::make_split(store, {});
    for (const char* network : {"mlp", "cnn", "lstm"}) {
        TrainingOptions options = quick(network);
        options.epochs = 40;  // enough steps for the running statistics of batch norm to settle
        const TrainingResult result = train(store, split, options, {}, {}, never);
        ASSERT_EQ(result.history.size(), 40U) << network;
        EXPECT_LT(result.history.back().train_loss, 0.5 * result.history.front().train_loss) << network;
        // The model that comes out, analyzed through the other half, names tracks that it never saw.
        std::vector<float> probabilities(store.segment_count() * 3);
        inference::Network(result.model).forward(store.values, probabilities);
        int right = 0;
        int all = 0;
        const auto labels = store.segment_labels();
        for (std::int64_t row : split.segments(dataset::Part::test)) {
            const float* p = probabilities.data() + 3 * row;
            right += std::max_element(p, p + 3) - p == labels[row];
            ++all;
        }
        EXPECT_GE(right, 0.75 * all) << network;
    }
}

TEST(Trainer, GivesTheSameForTheSameSeed) {
    const dataset::FeatureStore store = easy_store();
    const dataset::Split split = dataset::make_split(store, {});
    for (const char* network : {"mlp", "cnn", "lstm"}) {
        const auto first = train(store, split, quick(network), {}, {}, never);
        const auto second = train(store, split, quick(network), {}, {}, never);
        for (const auto& [name, tensor] : first.model.tensors) {
            EXPECT_EQ(tensor.values, second.model.tensors.at(name).values) << network << " " << name;
        }
        TrainingOptions other = quick(network);
        other.seed = 6;
        const auto third = train(store, split, other, {}, {}, never);
        EXPECT_NE(first.model.tensors.at("output.weight").values, third.model.tensors.at("output.weight").values);
    }
}

TEST(Trainer, ResumesAsIfNothingHadHappened) {
    const dataset::FeatureStore store = easy_store();
    const dataset::Split split = dataset::make_split(store, {});
    const testing::TemporaryFolder folder;
    for (const char* network : {"mlp", "cnn", "lstm"}) {
        TrainingOptions options = quick(network);
        options.noise_fraction = 0.1;
        const auto unbroken = train(store, split, options, {}, {}, never);
        // Stopped in the middle of the fourth epoch, as Ctrl-C does.
        const CheckpointOptions checkpoint{folder.path() / network, true};
        base::StopFlag stop{false};
        const auto broken = train(
            store, split, options, checkpoint, [&](const Epoch& epoch) { stop = epoch.number == 3; }, stop);
        EXPECT_FALSE(broken.finished);
        EXPECT_EQ(broken.history.size(), 3U);
        std::vector<int> epochs;
        const auto resumed = train(
            store, split, options, checkpoint, [&](const Epoch& epoch) { epochs.push_back(epoch.number); }, never);
        EXPECT_EQ(epochs, (std::vector<int>{4, 5, 6}));
        EXPECT_EQ(to_csv(resumed.history), to_csv(unbroken.history));
        EXPECT_EQ(resumed.kept_epoch, unbroken.kept_epoch);
        for (const auto& [name, tensor] : unbroken.model.tensors) {
            EXPECT_EQ(tensor.values, resumed.model.tensors.at(name).values) << network << " " << name;
        }
    }
}

TEST(Trainer, RefusesTheCheckpointOfAnotherTraining) {
    const dataset::FeatureStore store = easy_store();
    const dataset::Split split = dataset::make_split(store, {});
    const testing::TemporaryFolder folder;
    const CheckpointOptions checkpoint{folder.path() / "checkpoint", true};
    TrainingOptions options = quick("mlp");
    train(store, split, options, checkpoint, {}, never);
    options.learning_rate = 1e-3;
    try {
        train(store, split, options, checkpoint, {}, never);
        FAIL() << "resumed";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::bad_option);
        EXPECT_NE(std::string(error.what()).find("learning_rate"), std::string::npos) << error.what();
    }
    files::write_file(checkpoint.path, "garbage that is no checkpoint");
    EXPECT_THROW(train(store, split, quick("mlp"), checkpoint, {}, never), Error);
}

TEST(Trainer, KeepsTheBestEpoch) {
    const dataset::FeatureStore store = easy_store();
    const dataset::Split split = dataset::make_split(store, {});
    TrainingOptions options = quick("mlp");
    options.epochs = 12;
    options.learning_rate = 0.05;
    const auto result = train(store, split, options, {}, {}, never);
    double least = 1e9;
    int best = 0;
    for (const Epoch& epoch : result.history) {
        if (epoch.valid_loss < least) {
            least = epoch.valid_loss;
            best = epoch.number;
        }
    }
    EXPECT_EQ(result.kept_epoch, best);
}

TEST(Trainer, StandardisesByTheTrainingPart) {
    const dataset::FeatureStore store = easy_store();
    const dataset::Split split = dataset::make_split(store, {});
    const auto result = train(store, split, quick("mlp"), {}, {}, never);
    const std::vector<float>& mean = result.model.tensors.at("input.mean").values;
    const std::vector<float>& scale = result.model.tensors.at("input.scale").values;
    for (int coefficient = 0; coefficient < 13; ++coefficient) {
        double sum = 0.0;
        double squares = 0.0;
        double count = 0.0;
        for (std::int64_t row : split.segments(dataset::Part::train)) {
            const auto values = store.segment(row);
            for (std::size_t i = coefficient; i < values.size(); i += 13) {
                const double x = (values[i] - mean[coefficient]) * scale[coefficient];
                sum += x;
                squares += x * x;
                count += 1.0;
            }
        }
        EXPECT_NEAR(sum / count, 0.0, 1e-4);
        EXPECT_NEAR(squares / count, 1.0, 1e-3);
    }
    TrainingOptions raw = quick("mlp");
    raw.standardise = false;
    const auto untouched = train(store, split, raw, {}, {}, never);
    EXPECT_EQ(untouched.model.tensors.at("input.mean").values, std::vector<float>(13, 0.0F));
    EXPECT_EQ(untouched.model.tensors.at("input.scale").values, std::vector<float>(13, 1.0F));
}

TEST(Trainer, WritesDownWhatItDid) {
    const dataset::FeatureStore store = easy_store();
    const dataset::Split split = dataset::make_split(store, {});
    const auto result = train(store, split, quick("cnn"), {}, {}, never);
    const auto provenance = nlohmann::json::parse(result.model.provenance);
    EXPECT_EQ(provenance["training"]["data_fingerprint"], store.fingerprint());
    EXPECT_EQ(provenance["training"]["tracks"], dataset::tracks_of(store, split, dataset::Part::train));
    EXPECT_EQ(provenance["training"]["validation_tracks"], dataset::tracks_of(store, split, dataset::Part::valid));
    for (const auto& [names, sounds] :
         {std::pair("tracks", "track_sounds"), std::pair("validation_tracks", "validation_track_sounds")}) {
        EXPECT_EQ(provenance["training"][sounds].size(), provenance["training"][names].size());
        EXPECT_FALSE(provenance["training"][sounds].at(0).get<std::string>().empty());
    }
    EXPECT_EQ(provenance["training"]["seed"], 5);
    EXPECT_EQ(provenance["training"]["leaky_split"], false);
}

TEST(Trainer, TrainsWithoutValidation) {
    const dataset::FeatureStore store = easy_store();
    dataset::SplitOptions options;
    options.valid_fraction = 0.0;
    options.test_fraction = 0.0;
    const auto result = train(store, dataset::make_split(store, options), quick("mlp"), {}, {}, never);
    EXPECT_EQ(result.kept_epoch, 6);
    EXPECT_NE(to_csv(result.history).find(",,"), std::string::npos) << "validation cells are empty";
}

TEST(Trainer, KeepsTheEpochThatIsAskedFor) {
    const dataset::FeatureStore store = easy_store();
    const dataset::Split split = dataset::make_split(store, {});
    TrainingOptions options = quick("mlp");
    options.epochs = 12;
    options.learning_rate = 0.02;  // so large that the course is no straight one
    const auto kept = [&](Keep keep) {
        options.keep = keep;
        return train(store, split, options, {}, {}, never);
    };
    const auto by_loss = kept(Keep::loss);
    const auto by_accuracy = kept(Keep::accuracy);
    const auto last = kept(Keep::last);
    ASSERT_EQ(to_csv(by_loss.history), to_csv(by_accuracy.history)) << "what is kept changes nothing else";
    EXPECT_EQ(last.kept_epoch, 12);
    const auto& history = by_loss.history;
    for (const Epoch& epoch : history) {
        EXPECT_GE(epoch.valid_loss, history[by_loss.kept_epoch - 1].valid_loss);
        const Epoch& best = history[by_accuracy.kept_epoch - 1];
        EXPECT_LE(epoch.valid_accuracy, best.valid_accuracy);
        if (epoch.valid_accuracy == best.valid_accuracy) {
            EXPECT_GE(epoch.valid_loss, best.valid_loss);
        }
    }
}

TEST(Trainer, EndsWhenItsPatienceIsAtAnEnd) {
    const dataset::FeatureStore store = easy_store();
    const dataset::Split split = dataset::make_split(store, {});
    TrainingOptions options = quick("mlp");
    options.keep = Keep::accuracy;
    options.epochs = 200;
    options.patience = 4;
    const auto ended = train(store, split, options, {}, {}, never);
    EXPECT_TRUE(ended.finished);
    ASSERT_LT(ended.history.size(), 200U) << "such data are soon known by heart";
    EXPECT_EQ(static_cast<int>(ended.history.size()), ended.kept_epoch + 4);
    // It is the beginning of the course without patience.
    options.patience = 0;
    options.epochs = static_cast<int>(ended.history.size());
    const auto unending = train(store, split, options, {}, {}, never);
    EXPECT_EQ(to_csv(unending.history), to_csv(ended.history));
    EXPECT_EQ(unending.kept_epoch, ended.kept_epoch);
    options.patience = 4;
    options.keep = Keep::last;
    EXPECT_TRUE(testing::contains(testing::error_of([&] { train(store, split, options, {}, {}, never); }), "patience"));
}

TEST(Trainer, WatchesTheTestPartWithoutHeedingIt) {
    const dataset::FeatureStore store = easy_store();
    const dataset::Split split = dataset::make_split(store, {});
    TrainingOptions options = quick("cnn");
    const auto unwatched = train(store, split, options, {}, {}, never);
    options.watch_test = true;
    const auto watched = train(store, split, options, {}, {}, never);
    EXPECT_TRUE(std::isnan(unwatched.history.back().test_loss));
    for (const auto& [name, tensor] : unwatched.model.tensors) {
        EXPECT_EQ(tensor.values, watched.model.tensors.at(name).values) << name;
    }
    // What it says of the last epoch is what the model says.
    options.keep = Keep::last;
    const auto last = train(store, split, options, {}, {}, never);
    std::vector<float> probabilities(store.segment_count() * 3);
    inference::Network(last.model).forward(store.values, probabilities);
    const auto labels = store.segment_labels();
    const auto rows = split.segments(dataset::Part::test);
    double loss = 0.0;
    double right = 0.0;
    for (std::int64_t row : rows) {
        const float* p = probabilities.data() + 3 * row;
        right += std::max_element(p, p + 3) - p == labels[row];
        loss -= std::log(static_cast<double>(p[labels[row]]));
    }
    EXPECT_NEAR(last.history.back().test_accuracy, right / static_cast<double>(rows.size()), 1e-9);
    EXPECT_NEAR(last.history.back().test_loss, loss / static_cast<double>(rows.size()), 1e-4);
}

TEST(Trainer, DoubtsNoiseWhenTaughtTo) {
    const dataset::FeatureStore store = easy_store();
    const dataset::Split split = dataset::make_split(store, {});
    const std::vector<float> noise = make_noise_bank(store.features, store.segments, 20, 99);
    const auto mean_confidence = [&](const Model& model) {
        const std::int64_t segments = static_cast<std::int64_t>(noise.size() / store.segment_size());
        std::vector<float> probabilities(segments * 3);
        inference::Network(model).forward(noise, probabilities);
        double sum = 0.0;
        for (std::int64_t i = 0; i < segments; ++i) {
            sum += *std::max_element(probabilities.begin() + 3 * i, probabilities.begin() + 3 * i + 3);
        }
        return sum / static_cast<double>(segments);
    };
    TrainingOptions options = quick("cnn");
    options.epochs = 12;
    const double naive = mean_confidence(train(store, split, options, {}, {}, never).model);
    options.noise_fraction = 0.5;
    const double taught = mean_confidence(train(store, split, options, {}, {}, never).model);
    EXPECT_LT(taught, naive);
    EXPECT_LT(taught, 0.5);
}

TEST(Trainer, RefusesWhatCannotBeTrained) {
    const dataset::FeatureStore store = easy_store();
    const dataset::Split split = dataset::make_split(store, {});
    const auto code = [&](auto change) {
        TrainingOptions options = quick("mlp");
        try {
            change(options);
            train(store, split, options, {}, {}, never);
        } catch (const Error& error) {
            return to_string(error.code());
        }
        return std::string_view("trained");
    };
    EXPECT_EQ(code([](auto& o) { o.epochs = 0; }), "bad_option");
    EXPECT_EQ(code([](auto& o) { o.batch_size = 0; }), "bad_option");
    EXPECT_EQ(code([](auto& o) { o.learning_rate = 0.0; }), "bad_option");
    EXPECT_EQ(code([](auto& o) { o.learning_rate = std::nan(""); }), "bad_option");
    EXPECT_EQ(code([](auto& o) { o.noise_fraction = -1.0; }), "bad_option");
    EXPECT_EQ(code([](auto& o) {
                  o.network = model::NetworkSpec::parse({"cnn", R"({"dropout": 2})"}, "test");
              }),
              "bad_option");
    dataset::Split one = split;
    const auto labels = store.segment_labels();
    for (std::size_t i = 0; i < one.parts.size(); ++i) {
        if (labels[i] != 0) one.parts[i] = dataset::Part::none;
    }
    EXPECT_THROW(train(store, one, quick("mlp"), {}, {}, never), Error);
}

TEST(NoiseBank, IsAsAskedAndRepeatable) {
    const dataset::FeatureStore store = easy_store();
    const auto bank = make_noise_bank(store.features, store.segments, 12, 1);
    EXPECT_EQ(bank.size() % store.segment_size(), 0U);
    EXPECT_GE(bank.size() / store.segment_size(), 12U);
    EXPECT_EQ(bank, make_noise_bank(store.features, store.segments, 12, 1));
    EXPECT_NE(bank, make_noise_bank(store.features, store.segments, 12, 2));
    for (float value : bank) ASSERT_TRUE(std::isfinite(value));
}

}  // namespace
}  // namespace earmark::training
