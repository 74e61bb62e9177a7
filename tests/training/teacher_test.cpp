#include "training/network/teacher.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "logmel_store.hpp"
#include "model/ensemble.hpp"
#include "quick_training.hpp"
#include "support/error_of.hpp"
#include "support/temporary_folder.hpp"
#include "training/trainer.hpp"

namespace earmark::training {
namespace {

using nlohmann::json;
using testing::contains;
using testing::error_of;
using testing::logmel_store;
using testing::TemporaryFolder;

constexpr int classes = 3;
const base::StopFlag never{false};

TrainingOptions quick(int epochs = 4) {
    // Batches are of more than a network takes at once.
    return testing::quick_training({"mlp", R"({"hidden": [16], "dropout": 0.1})"}, epochs, 40);
}

std::vector<float> probabilities_of(const Model& model, const dataset::FeatureStore& store) {
    std::vector<float> result(static_cast<std::size_t>(store.segment_count()) * classes);
    inference::Network(model).forward(store.values, result);
    return result;
}

/// Share of the segments of a part that a model gives their label.
double accuracy(const Model& model, const dataset::FeatureStore& store, const dataset::Split& split,
                dataset::Part part) {
    const std::vector<float> probabilities = probabilities_of(model, store);
    const std::vector<int> labels = store.segment_labels();
    const std::vector<std::int64_t> rows = split.segments(part);
    double right = 0.0;
    for (const std::int64_t row : rows) {
        const float* p = probabilities.data() + classes * row;
        right += std::max_element(p, p + classes) - p == labels[static_cast<std::size_t>(row)] ? 1.0 : 0.0;
    }
    return right / static_cast<double>(rows.size());
}

class Teachers : public ::testing::Test {
  protected:
    /// A network that has learned the genres, as a file.
    std::filesystem::path save(const std::string& name, int epochs, std::uint64_t seed = 5) {
        TrainingOptions options = quick(epochs);
        options.seed = seed;
        Model model = train(store, split, options, {}, {}, never).model;
        model.name = name;
        model.licence = "MIT";
        const std::filesystem::path path = folder.path() / (name + ".safetensors");
        save_model(model, path);
        return path;
    }

    std::string refusal(const TrainingOptions& options, const dataset::FeatureStore& data) const {
        return testing::error_of([&] { train(data, dataset::make_split(data, {}), options, {}, {}, never); });
    }

    testing::TemporaryFolder folder;
    dataset::FeatureStore store = testing::logmel_store();
    dataset::Split split = dataset::make_split(store, {});
};

TEST_F(Teachers, SayWhatTheirModelsSayOfTheInputsAsTheyWere) {
    const std::filesystem::path files[] = {save("one", 1), save("other", 2, 6)};
    const Model models[] = {load_model(files[0]), load_model(files[1])};
    save_model(model::combine(models, "both"), folder.path() / "both.safetensors");
    const Statistics statistics = statistics_of(store, split.segments(dataset::Part::train));
    std::vector<std::int64_t> rows(static_cast<std::size_t>(store.segment_count()));
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<std::int64_t>(i);
    const torch::Tensor inputs = examples_of(store, rows, statistics, torch::kCPU).inputs;
    dataset::FeatureStore turned = store;
    std::ranges::reverse(turned.labels);
    for (const std::string name : {"one", "both"}) {
        const std::filesystem::path file = folder.path() / (name + ".safetensors");
        const std::vector<float> expected = probabilities_of(load_model(file), store);
        const torch::Tensor said = Teacher(file, store, 40, statistics).probabilities(inputs);
        const torch::Tensor swapped = Teacher(file, turned, 40, statistics).probabilities(inputs);
        ASSERT_EQ(said.sizes(), (std::vector<std::int64_t>{store.segment_count(), classes}));
        for (std::size_t i = 0; i < expected.size(); ++i) {
            const auto row = static_cast<std::int64_t>(i) / classes;
            const auto column = static_cast<std::int64_t>(i) % classes;
            ASSERT_NEAR(said[row][column].item<float>(), expected[i], 1e-4) << name << " " << i;
            ASSERT_EQ(swapped[row][classes - 1 - column].item<float>(), said[row][column].item<float>()) << "by name";
        }
    }
}

TEST_F(Teachers, AreFollowedWhereLabelsAreWrong) {
    const std::filesystem::path teacher = save("teacher", 30);
    ASSERT_GT(accuracy(load_model(teacher), store, split, dataset::Part::test), 0.9);
    dataset::FeatureStore wrong = store;
    for (dataset::StoredTrack& track : wrong.tracks) track.label = (track.label + 1) % classes;
    const auto right_after = [&](double weight) {
        TrainingOptions options = quick(30);
        if (weight > 0.0) {
            options.teacher = teacher;
            options.teacher_weight = weight;
        }
        return accuracy(train(wrong, split, options, {}, {}, never).model, store, split, dataset::Part::test);
    };
    EXPECT_LT(right_after(0.0), 0.2);
    EXPECT_LT(right_after(0.1), 0.2) << "the labels have the greater say";
    EXPECT_GT(right_after(0.9), 0.8);
    EXPECT_GT(right_after(1.0), 0.8) << "labels are not heeded at all";
}

TEST_F(Teachers, DoNotKeepATrainingFromBeingResumed) {
    TrainingOptions options = quick();
    options.teacher = save("teacher", 3);
    options.noise_fraction = 0.1;
    options.mixup = 0.3;
    options.average = 0.9;
    options.augmentation.gain = 3.0;
    const auto unbroken = train(store, split, options, {}, {}, never);
    const CheckpointOptions checkpoint{folder.path() / "checkpoint", true};
    base::StopFlag stop{false};
    const auto broken = train(
        store, split, options, checkpoint, [&](const Epoch& epoch) { stop = epoch.number == 2; }, stop);
    ASSERT_FALSE(broken.finished);
    // Not with another teacher, or with another weight.
    TrainingOptions other = options;
    other.teacher_weight = 0.25;
    EXPECT_TRUE(testing::contains(testing::error_of([&] { train(store, split, other, checkpoint, {}, never); }),
                                  "teacher/weight"));
    other = options;
    other.teacher = save("other", 1);
    EXPECT_TRUE(testing::contains(testing::error_of([&] { train(store, split, other, checkpoint, {}, never); }),
                                  "teacher/fingerprint"));
    other.teacher.clear();
    EXPECT_TRUE(
        testing::contains(testing::error_of([&] { train(store, split, other, checkpoint, {}, never); }), "teacher"));
    const auto resumed = train(store, split, options, checkpoint, {}, never);
    EXPECT_EQ(to_csv(resumed.history), to_csv(unbroken.history));
    for (const auto& [name, tensor] : unbroken.model.tensors) {
        EXPECT_EQ(tensor.values, resumed.model.tensors.at(name).values) << name;
    }
}

TEST_F(Teachers, HandOnWhatTheyLearnedFrom) {
    TrainingOptions options = quick(1);
    options.teacher = save("wise", 1);
    dataset::SplitOptions anew;
    anew.seed = 9;
    const dataset::Split other = dataset::make_split(store, anew);
    std::vector<std::string> messages;
    const auto listen = [&](const std::string& message) { messages.push_back(message); };
    const Model student = train(store, other, options, {}, {}, never, listen).model;
    const json training = json::parse(student.provenance)["training"];
    EXPECT_EQ(training["teacher"]["name"], "wise");
    EXPECT_EQ(training["teacher"]["weight"], 0.5);
    EXPECT_EQ(training["teacher"]["tracks"], dataset::tracks_of(store, split, dataset::Part::train).size());
    std::set<std::string> both;
    for (const dataset::Split& each : {split, other}) {
        for (const std::string& track : dataset::tracks_of(store, each, dataset::Part::train)) both.insert(track);
    }
    EXPECT_EQ(training["tracks"].get<std::set<std::string>>(), both);
    EXPECT_EQ(training["tracks"].size(), both.size());
    ASSERT_EQ(messages.size(), 1U);
    EXPECT_TRUE(testing::contains(messages[0], "validation part were in the training of the model"));
    // A student of such a teacher's own split is told nothing, and one without a teacher says nothing of any.
    messages.clear();
    train(store, split, options, {}, {}, never, listen);
    EXPECT_TRUE(messages.empty());
    options.teacher.clear();
    const Model alone = train(store, other, options, {}, {}, never).model;
    EXPECT_FALSE(json::parse(alone.provenance)["training"].contains("teacher"));

    Model silent = load_model(folder.path() / "wise.safetensors");
    silent.provenance = "{}";
    options.teacher = folder.path() / "silent.safetensors";
    save_model(silent, options.teacher);
    const Model unknown = train(store, split, options, {}, {}, never).model;
    EXPECT_FALSE(json::parse(unknown.provenance)["training"].contains("tracks"));
}

TEST_F(Teachers, MustFitWhatIsToBeLearned) {
    TrainingOptions options = quick();
    options.teacher = save("teacher", 1);
    dataset::FeatureStore other = store;
    other.labels[1] = "waltz";
    EXPECT_TRUE(testing::contains(refusal(options, other), "teacher.safetensors: does not know \"waltz\""));
    other = store;
    other.labels.pop_back();
    for (dataset::StoredTrack& track : other.tracks) track.label %= 2;
    EXPECT_TRUE(testing::contains(refusal(options, other), "tells 3 genres apart, the data have 2"));
    other = store;
    other.features.hop_length = 256;
    EXPECT_TRUE(testing::contains(refusal(options, other), "teacher.safetensors: was made for other features"));
    other = store;
    other.segments.frame_step = 2.0;
    EXPECT_TRUE(testing::contains(refusal(options, other), "every 1th frame; training has 40 columns, every 2th"));
    options.network = model::NetworkSpec::parse({"vgg", R"({"filters": [4]})"}, "test");
    options.crop_frames = 20;
    EXPECT_TRUE(testing::contains(refusal(options, store), "hears 40 columns"));
    options.crop_frames = 0;
    options.teacher_weight = 0.0;
    EXPECT_TRUE(testing::contains(refusal(options, store), "the teacher's weight"));
    options.teacher_weight = 1.5;
    EXPECT_TRUE(testing::contains(refusal(options, store), "the teacher's weight"));
    options.teacher_weight = 1.0;
    options.teacher = folder.path() / "nobody.safetensors";
    EXPECT_TRUE(testing::contains(refusal(options, store), "nobody.safetensors"));
}

}  // namespace
}  // namespace earmark::training
