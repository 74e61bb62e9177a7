// What may be asked for beyond the paper's training: that each option does its part, that none of them does anything
// unasked, and that a training with all of them can be resumed.
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>

#include "logmel_store.hpp"
#include "quick_training.hpp"
#include "support/error_of.hpp"
#include "support/temporary_folder.hpp"
#include "training/data/noise_bank.hpp"
#include "training/network/torch_network.hpp"
#include "training/optimizer/adam.hpp"
#include "training/trainer.hpp"

namespace earmark::training {
namespace {

using testing::logmel_store;

const base::StopFlag never{false};

TrainingOptions quick(const char* network = "vgg") {
    return testing::quick_training({network, std::string(network) == "vgg"   ? R"({"filters": [8, 8], "dropout": 0.1})"
                                             : std::string(network) == "mlp" ? R"({"hidden": [16], "dropout": 0.2})"
                                                                             : R"({"filters": 4, "dense": 8})"},
                                   3);
}

TrainingOptions everything() {
    TrainingOptions options = quick();
    options.noise_fraction = 0.1;
    options.schedule = {ScheduleKind::cosine, 0.5};
    options.weight_decay = 0.05;
    options.label_smoothing = 0.1;
    options.average = 0.95;
    options.mixup = 0.2;
    options.crop_frames = 50;
    options.crop_across = true;
    options.crops = 2;
    options.augmentation = {3.0, 2.0, 0.2, 4, 8, 1.0, 0.1};
    return options;
}

TrainingResult trained(const dataset::FeatureStore& store, const TrainingOptions& options,
                       const CheckpointOptions& checkpoint = {}) {
    return train(store, dataset::make_split(store, {}), options, checkpoint, {}, never);
}

void expect_same(const std::map<std::string, Tensor>& one, const std::map<std::string, Tensor>& other) {
    for (const auto& [name, tensor] : one) {
        EXPECT_EQ(tensor.values, other.at(name).values) << name;
    }
}

/// The training as it is without any of the options, written out: what `train` must come to, to the last bit.
/// @param on_step  called with the network after each step
std::map<std::string, Tensor> plain_course(const dataset::FeatureStore& store, const TrainingOptions& options,
                                           const Model& standardisation,
                                           const std::function<void(const TorchNetwork&)>& on_step) {
    const std::vector<std::int64_t> rows = dataset::make_split(store, {}).segments(dataset::Part::train);
    const auto labels = store.segment_labels();
    const std::int64_t width = coefficient_count(store.features);
    const auto size = static_cast<std::int64_t>(store.segment_size());
    std::vector<float> values;
    std::vector<std::int64_t> targets;
    for (std::int64_t row : rows) {
        const auto segment = store.segment(row);
        values.insert(values.end(), segment.begin(), segment.end());
        targets.push_back(labels[row]);
    }
    const std::int64_t noise = std::llround(options.noise_fraction * static_cast<double>(rows.size()));
    if (noise > 0) {
        const std::vector<float> bank = make_noise_bank(store.features, store.segments, noise, options.seed);
        values.insert(values.end(), bank.begin(), bank.begin() + noise * size);
        targets.insert(targets.end(), noise, -1);
    }
    const auto count = static_cast<std::int64_t>(targets.size());
    const torch::Tensor inputs = (torch::from_blob(values.data(), {count, store.segments.frames, width}) -
                                  from_file(standardisation.tensors.at("input.mean"))) *
                                 from_file(standardisation.tensors.at("input.scale"));
    const torch::Tensor classes = torch::tensor(targets, torch::kInt64);

    torch::set_num_threads(1);
    TorchNetwork network(options.network.build_layers(store.segments.frames, width, 3, "test"), torch::kCPU);
    torch::manual_seed(options.seed);
    network.initialise();
    Adam adam(network.parameters(), options.learning_rate);
    for (int epoch = 1; epoch <= options.epochs; ++epoch) {
        torch::manual_seed(options.seed + 0x9e3779b97f4a7c15U * static_cast<std::uint64_t>(epoch));
        const torch::Tensor order = torch::randperm(count, torch::kInt64);
        for (std::int64_t first = 0; first < count; first += options.batch_size) {
            const torch::Tensor batch = order.slice(0, first, std::min(first + options.batch_size, count));
            const torch::Tensor label = classes.index_select(0, batch);
            const torch::Tensor logarithms =
                torch::log_softmax(network.forward(inputs.index_select(0, batch), true), 1);
            const torch::Tensor of_label = -logarithms.gather(1, label.clamp_min(0).unsqueeze(1)).squeeze(1);
            torch::where(label.ge(0), of_label, -logarithms.mean(1)).mean().backward();
            adam.step();
            if (on_step) on_step(network);
        }
    }
    return network.tensors();
}

TEST(Unasked, TrainingIsWhatItAlwaysWas) {
    const dataset::FeatureStore store = testing::logmel_store();
    for (const char* network : {"mlp", "cnn", "vgg"}) {
        for (const double noise : {0.0, 0.2}) {
            TrainingOptions options = quick(network);
            options.noise_fraction = noise;
            const TrainingResult result = trained(store, options);
            expect_same(plain_course(store, options, result.model, {}), result.model.tensors);
        }
    }
}

TEST(Average, IsOfAllTensorsOfAllSteps) {
    const dataset::FeatureStore store = testing::logmel_store();
    TrainingOptions options = quick();
    const TrainingResult plain = trained(store, options);
    options.average = 0.8;
    const TrainingResult averaged = trained(store, options);
    std::map<std::string, std::vector<double>> average;
    int steps = 0;
    // The first network that is seen is that after one step, of which 9 / 11 are taken; the rest is the initial one's.
    {
        torch::manual_seed(options.seed);
        TorchNetwork network(options.network.build_layers(40, 24, 3, "test"), torch::kCPU);
        network.initialise();
        for (const auto& [name, tensor] : network.tensors()) {
            average[name].assign(tensor.values.begin(), tensor.values.end());
        }
    }
    TrainingOptions without = options;
    without.average = 0.0;
    plain_course(store, without, plain.model, [&](const TorchNetwork& network) {
        ++steps;
        const double decay = std::min(0.8, (1.0 + steps) / (10.0 + steps));
        for (const auto& [name, tensor] : network.tensors()) {
            for (std::size_t i = 0; i < tensor.values.size(); ++i) {
                average[name][i] = decay * average[name][i] + (1.0 - decay) * tensor.values[i];
            }
        }
    });
    for (const auto& [name, values] : average) {
        for (std::size_t i = 0; i < values.size(); ++i) {
            ASSERT_NEAR(averaged.model.tensors.at(name).values[i], values[i], 1e-5 + 1e-5 * std::abs(values[i]))
                << name;
        }
    }
    // It is what is judged; training itself does not see it.
    EXPECT_NE(averaged.history.back().valid_loss, plain.history.back().valid_loss);
    EXPECT_EQ(averaged.history.back().train_loss, plain.history.back().train_loss);
    EXPECT_NE(averaged.model.tensors.at("norm1.variance").values, plain.model.tensors.at("norm1.variance").values);
}

TEST(WeightDecay, ShrinksMatricesAndKernelsOnly) {
    Parameters parameters(torch::kCPU);
    parameters.add("weight", {3, 2}, 0.0, true);
    parameters.add("kernel", {2, 1, 3, 3}, 0.0);
    parameters.add("bias", {5}, 0.0);
    parameters.allocate();
    for (const auto& [name, tensor] : parameters.tensors()) tensor.detach().fill_(2.0);
    Adam adam(parameters, 0.1, 0.5);
    adam.step();  // no gradients: nothing but decay
    adam.step(0.4);
    for (const char* name : {"weight", "kernel"}) {
        const torch::Tensor& tensor = parameters.tensors().at(name);
        EXPECT_NEAR(tensor.min().item<double>(), 2.0 * (1 - 0.1 * 0.5) * (1 - 0.4 * 0.1 * 0.5), 1e-6) << name;
        EXPECT_NEAR(tensor.max().item<double>(), tensor.min().item<double>(), 1e-6) << name;
    }
    EXPECT_TRUE(torch::equal(parameters.tensors().at("bias"), torch::full({5}, 2.0)));
}

TEST(Options, EachChangesTheTrainingAndLetsItLearn) {
    const dataset::FeatureStore store = testing::logmel_store();
    TrainingOptions usual = quick();
    usual.epochs = 10;
    usual.learning_rate = 1e-2;
    const TrainingResult plain = trained(store, usual);
    const std::pair<const char*, std::function<void(TrainingOptions&)>> changes[] = {
        {"weight decay", [](auto& o) { o.weight_decay = 0.1; }},
        {"label smoothing", [](auto& o) { o.label_smoothing = 0.1; }},
        {"cosine", [](auto& o) { o.schedule.kind = ScheduleKind::cosine; }},
        {"warm-up", [](auto& o) { o.schedule.warm_up = 1.0; }},
        {"average", [](auto& o) { o.average = 0.9; }},
        {"mixup", [](auto& o) { o.mixup = 0.2; }},
        {"crops", [](auto& o) { o.crop_frames = 30; }},
        {"several crops", [](auto& o) { o.crop_frames = 30, o.crops = 2; }},
        {"crops across", [](auto& o) { o.crop_frames = 60, o.crop_across = true; }},
        {"whole crops across", [](auto& o) { o.crop_frames = 40, o.crop_across = true; }},
        {"gain", [](auto& o) { o.augmentation.gain = 6.0; }},
        {"equalise", [](auto& o) { o.augmentation.equalise = 3.0; }},
        {"band limit", [](auto& o) { o.augmentation.band_limit = 0.3; }},
        {"mask bands", [](auto& o) { o.augmentation.mask_bands = 3; }},
        {"mask frames", [](auto& o) { o.augmentation.mask_frames = 10; }},
        {"pitch shift", [](auto& o) { o.augmentation.pitch_shift = 1.0; }},
        {"stretch", [](auto& o) { o.augmentation.stretch = 0.2; }},
        {"colour", [](auto& o) { o.augmentation.band_statistics = 0.5; }},
        {"overlay", [](auto& o) { o.augmentation.overlay = 0.5; }},
        {"dynamics", [](auto& o) { o.augmentation.dynamics = 0.5; }},
    };
    for (const auto& [name, change] : changes) {
        TrainingOptions options = usual;
        change(options);
        const TrainingResult result = trained(store, options);
        EXPECT_NE(result.model.tensors.at("output.weight").values, plain.model.tensors.at("output.weight").values)
            << name;
        EXPECT_GE(result.history.back().train_accuracy, 0.8) << name;
        EXPECT_LT(result.history.back().train_loss, 0.7 * result.history.front().train_loss) << name;
        EXPECT_NE(nlohmann::json::parse(result.model.provenance)["training"],
                  nlohmann::json::parse(plain.model.provenance)["training"])
            << name;
    }
}

TEST(Options, AllTogetherCanBeResumed) {
    const dataset::FeatureStore store = testing::logmel_store();
    const dataset::Split split = dataset::make_split(store, {});
    const testing::TemporaryFolder folder;
    TrainingOptions options = everything();
    options.epochs = 5;
    options.keep = Keep::loss;
    const TrainingResult unbroken = trained(store, options);
    const CheckpointOptions checkpoint{folder.path() / "checkpoint", true};
    base::StopFlag stop{false};
    const TrainingResult broken = train(
        store, split, options, checkpoint, [&](const Epoch& epoch) { stop = epoch.number == 2; }, stop);
    EXPECT_FALSE(broken.finished);
    const TrainingResult resumed = trained(store, options, checkpoint);
    EXPECT_EQ(to_csv(resumed.history), to_csv(unbroken.history));
    EXPECT_EQ(resumed.kept_epoch, unbroken.kept_epoch);
    expect_same(unbroken.model.tensors, resumed.model.tensors);
    // Another training's checkpoint is refused, with the name of what differs.
    const auto refused = [&](auto change, const char* text) {
        TrainingOptions other = options;
        change(other);
        const std::string error = testing::error_of([&] { trained(store, other, checkpoint); });
        EXPECT_TRUE(testing::contains(error, text));
    };
    refused([](auto& o) { o.augmentation.gain = 2.0; }, "augmentation/gain");
    refused([](auto& o) { o.average = 0.5; }, "average");
    refused([](auto& o) { o.epochs = 6; }, "schedule/epochs");
    refused([](auto& o) { o.mixup = 0.3; }, "mixup");
    const auto written = nlohmann::json::parse(resumed.model.provenance)["training"];
    EXPECT_EQ(written["weight_decay"], 0.05);
    EXPECT_EQ(written["crop_frames"], 50);
    EXPECT_EQ(written["augmentation"]["mask_bands"], 4);
    EXPECT_EQ(written["schedule"]["kind"], "cosine");
}

TEST(Options, GoTheSameWayOnBothBackEnds) {
    const dataset::FeatureStore store = testing::logmel_store();
    TrainingOptions options = everything();
    options.epochs = 1;
    options.learning_rate = 1e-4;
    const TrainingResult ours = trained(store, options);
    options.backend = Backend::aten;
    const TrainingResult theirs = trained(store, options);
    EXPECT_NEAR(ours.history[0].train_loss, theirs.history[0].train_loss, 1e-3);
    EXPECT_NEAR(ours.history[0].valid_loss, theirs.history[0].valid_loss, 1e-3);
}

TEST(Options, OutOfRangeAreRefused) {
    const dataset::FeatureStore store = testing::logmel_store();
    const auto refused = [&](auto change, const char* text, const char* network = "vgg") {
        TrainingOptions options = quick(network);
        change(options);
        const std::string error = testing::error_of([&] { trained(store, options); });
        EXPECT_TRUE(testing::contains(error, "bad_option"));
        EXPECT_TRUE(testing::contains(error, text));
    };
    refused([](auto& o) { o.weight_decay = -0.1; }, "weight decay");
    refused([](auto& o) { o.weight_decay = std::nan(""); }, "weight decay");
    refused([](auto& o) { o.learning_rate = 0.5, o.weight_decay = 2.0; }, "weight decay");
    refused([](auto& o) { o.label_smoothing = 1.0; }, "label smoothing");
    refused([](auto& o) { o.schedule.warm_up = 3.5; }, "warm-up");
    refused([](auto& o) { o.average = 1.0; }, "average");
    refused([](auto& o) { o.mixup = -1.0; }, "mixup");
    refused([](auto& o) { o.crop_frames = -1; }, "crop");
    refused([](auto& o) { o.crops = 0, o.crop_frames = 20; }, "crops");
    refused([](auto& o) { o.crops = 2; }, "`crop_frames`");
    refused([](auto& o) { o.crop_across = true; }, "`crop_frames`");
    refused([](auto& o) { o.crop_frames = 41; }, "longer than a segment");
    refused([](auto& o) { o.crop_frames = 2; }, "2 frames");
    refused([](auto& o) { o.crop_frames = 30; }, "mlp", "mlp");
    refused([](auto& o) { o.crop_frames = 30; }, "cnn", "cnn");
    refused([](auto& o) { o.augmentation.mask_frames = 41; }, "`mask_frames`");
    TrainingOptions fitting = quick("mlp");
    fitting.crop_frames = 40;
    fitting.crop_across = true;
    fitting.epochs = 1;
    trained(store, fitting);  // as long as a segment, so any network takes it
    dataset::FeatureStore lone = store;
    lone.segments.segments_per_block = 1;
    TrainingOptions across = quick();
    across.crop_frames = 30;
    across.crop_across = true;
    EXPECT_TRUE(testing::contains(testing::error_of([&] { trained(lone, across); }), "`segments_per_block`"));
}

}  // namespace
}  // namespace earmark::training
