#include "training/trainer.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "base/throw.hpp"
#include "earmark/version.hpp"
#include "evaluation/evaluation.hpp"
#include "model/fingerprint.hpp"
#include "model/layers.hpp"
#include "training/checkpoint.hpp"
#include "training/data/batches.hpp"
#include "training/data/label_counts.hpp"
#include "training/data/training_exposure.hpp"
#include "training/network/evaluation_network.hpp"
#include "training/network/initial_weights.hpp"
#include "training/network/teacher.hpp"
#include "training/network/torch_network.hpp"
#include "training/optimizer/adam.hpp"
#include "training/optimizer/losses.hpp"

namespace earmark::training {

using dataset::Targets;
using nlohmann::json;

namespace {

constexpr std::int64_t validation_batch = 64;

using Clock = std::chrono::steady_clock;
// A checkpoint is synced to the disk, which can take longer than an epoch does.
constexpr std::chrono::seconds checkpoint_interval{5};

/// The layers for inputs of `frames` columns.
std::vector<model::Layer> layers_for(const dataset::FeatureStore& store, const TrainingOptions& options,
                                     std::int64_t frames) {
    return options.network.build_layers(frames, coefficient_count(store.features),
                                        static_cast<std::int64_t>(store.labels.size()), "the network");
}

class Trainer {
  public:
    Trainer(const dataset::FeatureStore& store, const dataset::Split& split, const TrainingOptions& options,
            const CheckpointOptions& checkpoint)
        : store_(store),
          split_(split),
          options_(options),
          checkpoint_options_(checkpoint),
          device_(std::string(base::enum_name(options.device))),
          rows_(split.segments(dataset::Part::train)),
          statistics_((check_part(), statistics_of(store, rows_))),
          standardisation_(options.standardise ? statistics_ : no_standardisation(store)),
          batches_(store, rows_, options, statistics_.mean, standardisation_, device_),
          layers_(layers_for(store, options, store.segments.frames)),
          network_(layers_for(store, options, batches_.frames()), device_, options.backend, options.precision),
          evaluation_network_(network_, layers_, device_, batches_.frames() != store.segments.frames, options.average) {
        if (options.jobs > 0) torch::set_num_threads(options.jobs);
        valid_ = examples_of(store, evaluated_rows(dataset::Part::valid), standardisation_, device_);
        if (options.watch_test)
            test_ = examples_of(store, evaluated_rows(dataset::Part::test), standardisation_, device_);
        const auto known = [&](dataset::Part part) {
            return evaluation::known_tracks(store, dataset::tracks_of(store, split, part));
        };
        exposure_.add(known(dataset::Part::train), options.targets == Targets::genres);
        if (options.label_weights == LabelWeights::balanced)
            label_weights_ = balanced_weights(store, rows_).to(device_);
        exposure_.add_validation(known(dataset::Part::valid));
        if (!options.start.empty()) {
            start_ = load_initial_weights(options.start, store);
            start_fingerprint_ = model::fingerprint(*start_);
            exposure_.add(*start_);
        }
        if (!options.teacher.empty()) {
            teacher_ = std::make_unique<Teacher>(options.teacher, store, batches_.frames(), standardisation_);
            teacher_fingerprint_ = model::fingerprint(teacher_->model());
            exposure_.add(teacher_->model());
        }
    }

    TrainingResult run(const Sink<const Epoch&>& on_epoch, const base::StopFlag& stop,
                       const Sink<const std::string&>& on_message) {
        torch::manual_seed(options_.seed);
        network_.initialise();
        if (start_) take_start(on_message);
        warn_of_validation(on_message);
        evaluation_network_.start();
        Adam adam(network_.parameters(), options_.learning_rate, options_.weight_decay);
        if (checkpoint_options_.resume && std::filesystem::exists(checkpoint_options_.path)) resume(adam);
        const auto begin = Clock::now();
        for (int number = static_cast<int>(state_.history.size()) + 1; number <= options_.epochs; ++number) {
            if (options_.patience > 0 && number > state_.kept_epoch + options_.patience && state_.kept_epoch > 0) break;
            // Each epoch draws from a seed of its own, so an interrupted training goes on as if it had not been.
            torch::manual_seed(options_.seed + 0x9e3779b97f4a7c15U * static_cast<std::uint64_t>(number));
            Epoch epoch;
            epoch.number = number;
            if (!train_epoch(adam, epoch, stop)) {
                if (!checkpoint_options_.path.empty() && !state_.network.empty()) save();
                return result(begin, false);
            }
            epoch.penalty = evaluation_network_.current().penalty();
            std::tie(epoch.valid_loss, epoch.valid_accuracy) = evaluate(valid_);
            std::tie(epoch.test_loss, epoch.test_accuracy) = evaluate(test_);
            keep(epoch, adam);
            if (on_epoch) on_epoch(epoch);
        }
        return result(begin, true);
    }

  private:
    void check_part() const {
        if (split_.parts.size() != static_cast<std::size_t>(store_.segment_count())) {
            base::fail(ErrorCode::internal, "the split is of another store.");
        }
        if (store_.labelling.many) return check_labels(store_, rows_);
        std::set<int> genres;
        const std::vector<int> labels = store_.segment_labels();
        for (std::int64_t row : rows_) genres.insert(labels[row]);
        if (const std::string_view targets = base::enum_name(options_.targets); genres.size() < 2) {
            base::fail(ErrorCode::bad_data, "the training part holds {} segments of {} {}; at least two {} are needed.",
                       rows_.size(), genres.size(), targets, targets);
        }
    }

    /// How many of the rows are right: of several labels the share of these that are.
    static torch::Tensor right_in(const torch::Tensor& logits, const torch::Tensor& labels,
                                  const torch::Tensor& holds) {
        if (!holds.defined()) return logits.argmax(1).eq(labels).sum().to(torch::kFloat64);
        return (logits.gt(0).eq(holds.ge(0.5)).to(torch::kFloat64).mean(1) * labels.ge(0)).sum();
    }

    /// The segments of a part that is judged: of tracks, where these are the classes, only those that are learned.
    std::vector<std::int64_t> evaluated_rows(dataset::Part part) const {
        std::vector<std::int64_t> rows = split_.segments(part);
        if (options_.targets == Targets::genres || rows.empty()) return rows;
        const std::vector<int> labels = store_.segment_labels();
        std::set<int> learned;
        for (const std::int64_t row : rows_) learned.insert(labels[row]);
        std::erase_if(rows, [&](std::int64_t row) { return !learned.contains(labels[row]); });
        if (rows.empty()) {
            base::fail(
                ErrorCode::bad_option,
                "the {} part has other tracks than the training part, so a network that tells tracks apart can say "
                "nothing of it. {}",
                base::enum_name(part),
                part == dataset::Part::test ? "Leave `watch_test` out."
                                            : "Part by segments (`split` random-segments), or give `no_validation`.");
        }
        return rows;
    }

    /// Overwrites initial weights with those of the model to start from.
    void take_start(const Sink<const std::string&>& on_message) {
        const std::string where = options_.start.string();
        const std::vector<std::string> fresh = network_.adopt(start_->tensors);
        const std::size_t all = network_.parameters().tensors().size() + network_.buffers().size();
        // Biases and the like agree by chance: as many as there are classes, say.
        const bool any = std::ranges::any_of(network_.parameters().tensors(), [&](const auto& each) {
            return each.second.dim() > 1 && std::ranges::find(fresh, each.first) == fresh.end();
        });
        if (!any) {
            base::fail(
                ErrorCode::bad_option,
                "{}: none of its weights has the name and the shape of one of the network's. Train the network that "
                "it is ({} {}), or leave `start` out.",
                where, start_->network.name, start_->network.options);
        }
        if (!on_message) return;
        on_message(fmt::format("{}: {} of {} tensors start from it{}.", where, all - fresh.size(), all,
                               fresh.empty() ? "" : fmt::format("; new are {}", fmt::join(fresh, ", "))));
    }

    /// Says when a model that this one builds on knows the validation part.
    void warn_of_validation(const Sink<const std::string&>& on_message) const {
        if (!on_message || split_.leaky || (!start_ && !teacher_)) return;
        const std::vector<std::string> tracks = dataset::tracks_of(store_, split_, dataset::Part::valid);
        const std::int64_t seen = exposure_.among(store_, tracks);
        if (seen == 0) return;
        on_message(fmt::format(
            "warning: {} of the {} tracks of the validation part were in the training of the model that this one "
            "learns or starts from, so figures of that part are too good.",
            seen, tracks.size()));
    }

    /// @return false when stopped
    bool train_epoch(Adam& adam, Epoch& epoch, const base::StopFlag& stop) {
        batches_.begin_epoch(epoch.number);
        torch::Tensor loss_sum = torch::zeros({}, torch::TensorOptions(torch::kFloat64).device(device_));
        torch::Tensor right = torch::zeros({}, torch::TensorOptions(torch::kFloat64).device(device_));
        torch::Tensor music = torch::zeros({}, torch::TensorOptions(torch::kInt64).device(device_));
        for (std::int64_t index = 0; index < batches_.count(); ++index) {
            if (base::stop_requested(&stop)) return false;
            Batch batch = batches_.at(index);
            if (teacher_) batch.teacher = teacher_->probabilities(batch.inputs);
            const torch::Tensor logits = network_.forward(batch.inputs, true);
            const torch::Tensor each =
                training_losses(logits, batch, options_.label_smoothing, options_.teacher_weight, label_weights_);
            each.mean().backward();
            adam.step(options_.schedule.factor(adam.steps(), batches_.count(), options_.epochs));
            evaluation_network_.follow(adam.steps());
            const torch::NoGradGuard no_grad;
            const torch::Tensor known = batch.labels.ge(0);
            loss_sum += (each.detach() * known).sum();
            right += right_in(logits, batch.labels, batch.holds);
            music += known.sum();
        }
        const auto total = static_cast<double>(music.item<std::int64_t>());
        epoch.train_loss = loss_sum.item<double>() / total;
        epoch.train_accuracy = right.item<double>() / total;
        if (!std::isfinite(epoch.train_loss)) {
            base::fail(ErrorCode::bad_option, "the loss is no longer finite in epoch {}. Use a smaller learning rate.",
                       epoch.number);
        }
        return true;
    }

    /// Loss and accuracy; NaN of a part that is empty.
    std::pair<double, double> evaluate(const Examples& part) {
        const torch::NoGradGuard no_grad;
        const std::int64_t count = part.count();
        if (count == 0) return {std::nan(""), std::nan("")};
        TorchNetwork& network = evaluation_network_.current();
        double loss = 0.0;
        double right = 0.0;
        for (std::int64_t first = 0; first < count; first += validation_batch) {
            const std::int64_t end = std::min(first + validation_batch, count);
            const torch::Tensor labels = part.labels.slice(0, first, end);
            const torch::Tensor holds = part.holds.defined() ? part.holds.slice(0, first, end) : part.holds;
            const torch::Tensor logits = network.forward(part.inputs.slice(0, first, end), false);
            const torch::Tensor losses =
                holds.defined() ? binary_cross_entropies(logits, holds) : cross_entropies(logits, labels);
            loss += losses.sum().item<double>();
            right += right_in(logits, labels, holds).item<double>();
        }
        return {loss / static_cast<double>(count), right / static_cast<double>(count)};
    }

    bool to_be_kept(const Epoch& epoch) const {
        if (options_.keep == Keep::last || std::isnan(epoch.valid_loss) || state_.kept_epoch == 0) return true;
        const Epoch& kept = state_.history[state_.kept_epoch - 1];
        const bool closer = epoch.valid_loss < kept.valid_loss;
        if (options_.keep == Keep::loss || epoch.valid_accuracy == kept.valid_accuracy) return closer;
        return epoch.valid_accuracy > kept.valid_accuracy;
    }

    void keep(const Epoch& epoch, const Adam& adam) {
        const bool kept = to_be_kept(epoch);
        state_.history.push_back(epoch);
        if (kept) {
            state_.kept_epoch = epoch.number;
            state_.kept = evaluation_network_.current().tensors();
        }
        if (checkpoint_options_.path.empty()) return;
        state_.network = network_.tensors();
        state_.average = evaluation_network_.average();
        state_.optimiser = adam.tensors();
        state_.optimiser_steps = adam.steps();
        if (Clock::now() - saved_ >= checkpoint_interval) save();
    }

    void save() {
        save_checkpoint(state_, identity(), checkpoint_options_.path);
        saved_ = Clock::now();
    }

    void resume(Adam& adam) {
        const std::string where = checkpoint_options_.path.string();
        state_ = load_checkpoint(identity(), checkpoint_options_.path);
        try {
            network_.load(state_.network);
            evaluation_network_.load_average(state_.average);
            adam.load(state_.optimiser, state_.optimiser_steps);
        } catch (const Error& error) {
            base::fail(ErrorCode::corrupt, "{}: {} Train without `resume` to start anew.", where, error.what());
        }
    }

    /// Of which training a checkpoint is.
    json identity() const {
        json identity = to_json(options_);
        identity["backend"] = base::enum_name(network_.backend());
        identity["split"] = earmark::dataset::to_json(split_.options);
        identity["data_fingerprint"] = store_.fingerprint();
        if (start_) identity["start"] = {{"fingerprint", start_fingerprint_}};
        if (teacher_) {
            identity["teacher"] = {{"fingerprint", teacher_fingerprint_}, {"weight", options_.teacher_weight}};
        }
        return identity;
    }

    TrainingResult result(Clock::time_point begin, bool finished) {
        TrainingResult result;
        result.history = state_.history;
        result.kept_epoch = state_.kept_epoch;
        result.finished = finished;
        if (state_.kept_epoch == 0) return result;
        json training = identity();
        training["epochs"] = state_.history.size();
        training["kept_epoch"] = state_.kept_epoch;
        training["leaky_split"] = split_.leaky;
        training["parameters"] = model::trainable_parameters(layers_);
        training["seconds"] = std::chrono::duration<double>(Clock::now() - begin).count();
        training["threads"] = torch::get_num_threads();
        training["libtorch"] = TORCH_VERSION;
        training["earmark"] = version();
        exposure_.write(training);
        if (start_) training["start"].update(description_of(*start_));
        if (teacher_) training["teacher"].update(description_of(teacher_->model()));
        Model& model = result.model;
        model.network = options_.network.description();
        model.features = store_.features;
        model.segments = store_.segments;
        model.labels = store_.labels;
        if (store_.labelling.many) {
            model.activation = Activation::sigmoid;
            model.label_details.resize(store_.labels.size());
            for (LabelDetails& details : model.label_details) details.group = store_.labelling.group;
        }
        model.tensors = state_.kept;
        model.tensors["input.mean"] = standardisation_.mean;
        model.tensors["input.scale"] = standardisation_.scale;
        json provenance = {{"training", training}};
        const Epoch& kept = state_.history[state_.kept_epoch - 1];
        if (!std::isnan(kept.valid_loss)) {
            provenance["evaluation"]["validation"] = {{"segment_accuracy", kept.valid_accuracy},
                                                      {"segment_loss", kept.valid_loss}};
        }
        model.provenance = provenance.dump();
        return result;
    }

    /// What provenance says of a model that this one builds on.
    static json description_of(const Model& model) {
        const evaluation::RecordedTraining recorded = evaluation::recorded_training(model);
        json description = {{"name", model.name}, {"network", model.network.name}};
        if (recorded.tracks) description["tracks"] = recorded.tracks->size();
        if (!recorded.pretraining_tracks.empty()) {
            description["pretraining_tracks"] = recorded.pretraining_tracks.size();
        }
        return description;
    }

    const dataset::FeatureStore& store_;
    const dataset::Split& split_;
    const TrainingOptions& options_;
    const CheckpointOptions& checkpoint_options_;
    torch::Device device_;
    std::vector<std::int64_t> rows_;  // of the training part
    Statistics statistics_;
    Statistics standardisation_;
    torch::Tensor label_weights_;  // undefined: none
    Batches batches_;
    std::vector<model::Layer> layers_;  // for whole segments
    TorchNetwork network_;
    EvaluationNetwork evaluation_network_;
    Examples valid_;
    Examples test_;  // only when it is watched
    TrainingExposure exposure_;
    std::optional<Model> start_;
    std::string start_fingerprint_;
    std::unique_ptr<Teacher> teacher_;
    std::string teacher_fingerprint_;
    Checkpoint state_;
    Clock::time_point saved_;
};

}  // namespace

TrainingResult train(const dataset::FeatureStore& store, const dataset::Split& split, const TrainingOptions& options,
                     const CheckpointOptions& checkpoint, const Sink<const Epoch&>& on_epoch,
                     const base::StopFlag& stop, const Sink<const std::string&>& on_message) {
    check(options);
    check(options, store);
    if (options.device == Device::cuda && !torch::cuda::is_available()) {
        base::fail(ErrorCode::bad_option,
                   "this machine has no CUDA device, or libtorch was built without it. Use the `device` cpu.");
    }
    Trainer trainer(store, split, options, checkpoint);
    return trainer.run(on_epoch, stop, on_message);
}

std::string to_csv(const std::vector<Epoch>& history) {
    std::string text = "epoch,train_loss,train_accuracy,valid_loss,valid_accuracy,test_loss,test_accuracy,penalty\n";
    const auto cell = [](double value) { return std::isfinite(value) ? fmt::format("{:.6g}", value) : std::string(); };
    for (const Epoch& epoch : history) {
        text += fmt::format("{},{},{},{},{},{},{},{}\n", epoch.number, cell(epoch.train_loss),
                            cell(epoch.train_accuracy), cell(epoch.valid_loss), cell(epoch.valid_accuracy),
                            cell(epoch.test_loss), cell(epoch.test_accuracy), cell(epoch.penalty));
    }
    return text;
}

}  // namespace earmark::training
