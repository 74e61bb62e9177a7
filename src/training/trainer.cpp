#include "training/trainer.hpp"

#include <torch/torch.h>

#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "core/throw.hpp"
#include "earmark/version.hpp"
#include "model/layers.hpp"
#include "model/options_json.hpp"
#include "training/adam.hpp"
#include "training/checkpoint.hpp"
#include "training/noise_bank.hpp"
#include "training/torch_network.hpp"

namespace earmark::training {

using nlohmann::json;

namespace {

constexpr std::int64_t no_genre = -1;  // the label of noise
constexpr std::int64_t validation_batch = 64;
constexpr double smallest_deviation = 1e-6;

using Clock = std::chrono::steady_clock;
// A checkpoint is synced to the disk, which can take longer than an epoch does.
constexpr std::chrono::seconds checkpoint_interval{5};

void check(const TrainingOptions& options) {
    const auto require = [](bool holds, const char* what) {
        if (!holds) fail(ErrorCode::bad_option, "{}.", what);
    };
    require(options.epochs >= 1, "the number of epochs must be at least 1");
    require(options.batch_size >= 1, "the batch size must be at least 1");
    require(options.learning_rate > 0.0 && options.learning_rate <= 1.0, "the learning rate must lie between 0 and 1");
    require(options.noise_fraction >= 0.0 && options.noise_fraction <= 1.0,
            "the noise fraction must lie between 0 and 1");
    require(options.threads >= 0, "the number of threads must not be negative");
    require(options.device == "cpu" || options.device == "cuda", "the device must be cpu or cuda");
    require(options.patience >= 0, "the patience must not be negative");
    require(options.patience == 0 || options.keep != "last",
            "patience needs to know which epoch is better: keep the weights of the best loss or accuracy");
    require(options.keep == "loss" || options.keep == "accuracy" || options.keep == "last",
            "the weights to keep must be those of loss, accuracy or last");
    require(options.backend == "onednn" || options.backend == "aten", "the back end must be onednn or aten");
    if (options.device == "cuda" && !torch::cuda::is_available()) {
        fail(ErrorCode::bad_option,
             "this machine has no CUDA device, or libtorch was built without it. Use --device cpu.");
    }
}

/// Mean and 1 / deviation of each coefficient over all frames of the rows.
std::pair<Tensor, Tensor> standardisation(const FeatureStore& store, const std::vector<std::int64_t>& rows,
                                          bool wanted) {
    const int width = coefficients_of(store.features);
    Tensor mean{{width}, std::vector<float>(width, 0.0F)};
    Tensor scale{{width}, std::vector<float>(width, 1.0F)};
    if (!wanted) return {mean, scale};
    std::vector<double> sums(width);
    std::vector<double> squares(width);
    // Two passes: the mean of MFCC 0 is large against its deviation.
    double count = 0.0;
    for (std::int64_t row : rows) {
        const auto values = store.segment(row);
        for (std::size_t i = 0; i < values.size(); ++i) sums[i % width] += static_cast<double>(values[i]);
        count += static_cast<double>(values.size()) / width;
    }
    for (int i = 0; i < width; ++i) mean.values[i] = static_cast<float>(sums[i] / count);
    for (std::int64_t row : rows) {
        const auto values = store.segment(row);
        for (std::size_t i = 0; i < values.size(); ++i) {
            const double difference = static_cast<double>(values[i]) - static_cast<double>(mean.values[i % width]);
            squares[i % width] += difference * difference;
        }
    }
    for (int i = 0; i < width; ++i) {
        const double deviation = std::sqrt(squares[i] / count);
        scale.values[i] = static_cast<float>(1.0 / std::max(deviation, smallest_deviation));
    }
    return {mean, scale};
}

/// Standardised inputs and labels of a part.
struct Examples {
    torch::Tensor inputs;  // rows × frames × coefficients
    torch::Tensor labels;  // rows, int64; no_genre for noise
    std::int64_t count() const { return labels.defined() ? labels.size(0) : 0; }
};

class Trainer {
  public:
    Trainer(const FeatureStore& store, const Split& split, const TrainingOptions& options,
            const CheckpointOptions& checkpoint)
        : store_(store),
          split_(split),
          options_(options),
          checkpoint_options_(checkpoint),
          device_(options.device),
          classes_(static_cast<std::int64_t>(store.labels.size())),
          layers_(layers_of(options.network, store.segments.frames, coefficients_of(store.features), classes_,
                            "the network")),
          network_(layers_, device_, options.backend == "onednn" ? Backend::onednn : Backend::aten) {
        if (options.threads > 0) torch::set_num_threads(options.threads);
        const auto train_rows = split.segments(Part::train);
        check_part(train_rows);
        std::tie(mean_, scale_) = standardisation(store, train_rows, options.standardise);
        train_ = examples(train_rows);
        valid_ = examples(split.segments(Part::valid));
        if (options.watch_test) test_ = examples(split.segments(Part::test));
        add_noise();
    }

    TrainingResult run(const std::function<void(const Epoch&)>& on_epoch, const StopFlag& stop) {
        torch::manual_seed(options_.seed);
        network_.initialise();
        Adam adam(network_.parameters(), options_.learning_rate);
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
            epoch.penalty = network_.penalty();
            std::tie(epoch.valid_loss, epoch.valid_accuracy) = judge(valid_);
            std::tie(epoch.test_loss, epoch.test_accuracy) = judge(test_);
            keep(epoch, adam);
            if (on_epoch) on_epoch(epoch);
        }
        return result(begin, true);
    }

  private:
    void check_part(const std::vector<std::int64_t>& rows) const {
        if (split_.parts.size() != static_cast<std::size_t>(store_.segment_count())) {
            fail(ErrorCode::internal, "the split is of another store.");
        }
        std::set<int> genres;
        const std::vector<int> labels = store_.segment_labels();
        for (std::int64_t row : rows) genres.insert(labels[row]);
        if (genres.size() < 2) {
            fail(ErrorCode::bad_data,
                 "the training part holds {} segments of {} genres; at least two genres are needed.", rows.size(),
                 genres.size());
        }
    }

    torch::Tensor standardised(torch::Tensor values) const { return (values - from_file(mean_)) * from_file(scale_); }

    Examples examples(const std::vector<std::int64_t>& rows) const {
        Examples result;
        if (rows.empty()) return result;
        const std::int64_t width = coefficients_of(store_.features);
        torch::Tensor values = torch::empty({static_cast<std::int64_t>(rows.size()), store_.segments.frames, width});
        std::vector<std::int64_t> labels;
        const std::vector<int> all = store_.segment_labels();
        float* target = values.data_ptr<float>();
        for (std::int64_t row : rows) {
            const auto segment = store_.segment(row);
            target = std::copy(segment.begin(), segment.end(), target);
            labels.push_back(all[row]);
        }
        result.inputs = standardised(values).to(device_);
        result.labels = torch::tensor(labels, torch::kInt64).to(device_);
        return result;
    }

    void add_noise() {
        const auto wanted =
            static_cast<std::int64_t>(std::llround(options_.noise_fraction * static_cast<double>(train_.count())));
        if (wanted == 0) return;
        std::vector<float> bank = make_noise_bank(store_.features, store_.segments, wanted, options_.seed);
        const auto size = static_cast<std::int64_t>(store_.segment_size());
        const std::int64_t made = std::min(wanted, static_cast<std::int64_t>(bank.size()) / size);
        const torch::Tensor values =
            torch::from_blob(bank.data(), {made, store_.segments.frames, coefficients_of(store_.features)}).clone();
        train_.inputs = torch::cat({train_.inputs, standardised(values).to(device_)});
        train_.labels = torch::cat({train_.labels, torch::full({made}, no_genre, train_.labels.options())});
    }

    /// Cross-entropies of a batch, one a row; noise is to have equal probabilities.
    torch::Tensor losses(const torch::Tensor& logits, const torch::Tensor& labels) const {
        const torch::Tensor logarithms = torch::log_softmax(logits, 1);
        const torch::Tensor known = labels.ge(0);
        const torch::Tensor of_label = -logarithms.gather(1, labels.clamp_min(0).unsqueeze(1)).squeeze(1);
        return torch::where(known, of_label, -logarithms.mean(1));
    }

    /// @return false when stopped
    bool train_epoch(Adam& adam, Epoch& epoch, const StopFlag& stop) {
        const std::int64_t count = train_.count();
        const torch::Tensor order = torch::randperm(count, torch::kInt64).to(device_);
        torch::Tensor loss_sum = torch::zeros({}, torch::TensorOptions(torch::kFloat64).device(device_));
        torch::Tensor right = torch::zeros({}, torch::TensorOptions(torch::kInt64).device(device_));
        torch::Tensor music = torch::zeros({}, torch::TensorOptions(torch::kInt64).device(device_));
        for (std::int64_t first = 0; first < count; first += options_.batch_size) {
            if (stop.load(std::memory_order_relaxed)) return false;
            const torch::Tensor rows =
                order.slice(0, first, std::min<std::int64_t>(first + options_.batch_size, count));
            const torch::Tensor labels = train_.labels.index_select(0, rows);
            const torch::Tensor logits = network_.forward(train_.inputs.index_select(0, rows), true);
            const torch::Tensor each = losses(logits, labels);
            each.mean().backward();
            adam.step();
            const torch::NoGradGuard no_grad;
            const torch::Tensor known = labels.ge(0);
            loss_sum += (each.detach() * known).sum();
            right += logits.argmax(1).eq(labels).sum();
            music += known.sum();
        }
        const auto total = static_cast<double>(music.item<std::int64_t>());
        epoch.train_loss = loss_sum.item<double>() / total;
        epoch.train_accuracy = static_cast<double>(right.item<std::int64_t>()) / total;
        if (!std::isfinite(epoch.train_loss)) {
            fail(ErrorCode::bad_option, "the loss is no longer finite in epoch {}. Use a smaller learning rate.",
                 epoch.number);
        }
        return true;
    }

    /// Loss and accuracy; NaN of a part that is empty.
    std::pair<double, double> judge(const Examples& part) {
        const torch::NoGradGuard no_grad;
        const std::int64_t count = part.count();
        if (count == 0) return {std::nan(""), std::nan("")};
        double loss = 0.0;
        std::int64_t right = 0;
        for (std::int64_t first = 0; first < count; first += validation_batch) {
            const std::int64_t end = std::min(first + validation_batch, count);
            const torch::Tensor labels = part.labels.slice(0, first, end);
            const torch::Tensor logits = network_.forward(part.inputs.slice(0, first, end), false);
            loss += losses(logits, labels).sum().item<double>();
            right += logits.argmax(1).eq(labels).sum().item<std::int64_t>();
        }
        return {loss / static_cast<double>(count), static_cast<double>(right) / static_cast<double>(count)};
    }

    bool to_be_kept(const Epoch& epoch) const {
        if (options_.keep == "last" || std::isnan(epoch.valid_loss) || state_.kept_epoch == 0) return true;
        const Epoch& kept = state_.history[state_.kept_epoch - 1];
        const bool closer = epoch.valid_loss < kept.valid_loss;
        if (options_.keep == "loss" || epoch.valid_accuracy == kept.valid_accuracy) return closer;
        return epoch.valid_accuracy > kept.valid_accuracy;
    }

    void keep(const Epoch& epoch, const Adam& adam) {
        const bool kept = to_be_kept(epoch);
        state_.history.push_back(epoch);
        if (kept) {
            state_.kept_epoch = epoch.number;
            state_.kept = network_.tensors();
        }
        if (checkpoint_options_.path.empty()) return;
        state_.network = network_.tensors();
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
            adam.load(state_.optimiser, state_.optimiser_steps);
        } catch (const Error& error) {
            fail(ErrorCode::corrupt, "{}: {} Train without --resume to start anew.", where, error.what());
        }
    }

    /// All that decides the weights and the history, apart from the number of epochs: a finished training may be
    /// prolonged.
    json identity() const {
        return {{"network", options_.network.name},
                {"network_options", parse_json(complete_options(options_.network, "the network"), "the network")},
                {"batch_size", options_.batch_size},
                {"learning_rate", options_.learning_rate},
                {"standardise", options_.standardise},
                {"noise_fraction", options_.noise_fraction},
                {"keep", options_.keep},
                {"patience", options_.patience},
                {"watch_test", options_.watch_test},
                {"seed", options_.seed},
                {"device", options_.device},
                {"backend", network_.backend() == Backend::onednn ? "onednn" : "aten"},
                {"split", to_json(split_.options)},
                {"data_fingerprint", store_.fingerprint()}};
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
        training["parameters"] = trainable_parameters(layers_);
        training["seconds"] = std::chrono::duration<double>(Clock::now() - begin).count();
        training["threads"] = torch::get_num_threads();
        training["libtorch"] = TORCH_VERSION;
        training["earmark"] = version();
        training["tracks"] = tracks_of(store_, split_, Part::train);
        Model& model = result.model;
        model.network = options_.network;
        model.features = store_.features;
        model.segments = store_.segments;
        model.labels = store_.labels;
        model.tensors = state_.kept;
        model.tensors["input.mean"] = mean_;
        model.tensors["input.scale"] = scale_;
        json provenance = {{"training", training}};
        const Epoch& kept = state_.history[state_.kept_epoch - 1];
        if (!std::isnan(kept.valid_loss)) {
            provenance["evaluation"]["validation"] = {{"segment_accuracy", kept.valid_accuracy},
                                                      {"segment_loss", kept.valid_loss}};
        }
        model.provenance = provenance.dump();
        return result;
    }

    const FeatureStore& store_;
    const Split& split_;
    const TrainingOptions& options_;
    const CheckpointOptions& checkpoint_options_;
    torch::Device device_;
    std::int64_t classes_;
    std::vector<Layer> layers_;
    TorchNetwork network_;
    Tensor mean_;
    Tensor scale_;
    Examples train_;
    Examples valid_;
    Examples test_;  // only when it is watched
    Checkpoint state_;
    Clock::time_point saved_;
};

}  // namespace

TrainingResult train(const FeatureStore& store, const Split& split, const TrainingOptions& options,
                     const CheckpointOptions& checkpoint, const std::function<void(const Epoch&)>& on_epoch,
                     const StopFlag& stop) {
    check(options);
    Trainer trainer(store, split, options, checkpoint);
    return trainer.run(on_epoch, stop);
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
