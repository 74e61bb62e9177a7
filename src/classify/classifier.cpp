#include "earmark/classifier.hpp"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <numeric>
#include <optional>

#include "base/parallel.hpp"
#include "base/throw.hpp"
#include "classify/excerpts.hpp"
#include "earmark/audio.hpp"
#include "inference/plan/network.hpp"
#include "model/check_model.hpp"

namespace earmark {

std::size_t Verdict::best() const {
    return static_cast<std::size_t>(std::ranges::max_element(probabilities) - probabilities.begin());
}

std::vector<std::size_t> Verdict::ranking() const {
    std::vector<std::size_t> order(probabilities.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return probabilities[a] > probabilities[b]; });
    return order;
}

namespace {

/// What one thread needs to hear one signal after the other.
class Listener {
  public:
    explicit Listener(const Model& model)
        : model_(model), segmenter_(model.features, model.segments), network_(model) {}

    Network& network() { return network_; }

    /// Hears samples, which errors call `where`.
    Verdict hear(std::span<const float> samples, const std::string& where) {
        begin();
        push(samples);
        return finish(where);
    }

    /// Hears a file through, or `excerpts` segments of it. Takes a thread of `spare` to decode on when there is one.
    Verdict hear(const std::filesystem::path& file, int excerpts, SpareThreads* spare) {
        if (excerpts > 0) {
            if (std::optional<Verdict> verdict = hear_excerpts(file, excerpts)) return std::move(*verdict);
        }
        SpareThreads::Loan thread(spare);
        AudioReader reader(file, {.sample_rate = model_.features.sample_rate});
        begin();
        if (thread.take()) reader.decode_ahead();
        for (auto samples = reader.read(); !samples.empty(); samples = reader.read()) {
            push(samples);
            if (thread.take()) reader.decode_ahead();
        }
        Verdict verdict = finish(file.string());
        verdict.warnings = reader.warnings();
        return verdict;
    }

  private:
    void begin() {
        verdict_ = {};
        waiting_.clear();
        inputs_.clear();
        samples_ = 0;
        embedding_.assign(static_cast<std::size_t>(network_.embedding_size()), 0.0);
    }

    void push(std::span<const float> samples) {
        samples_ += static_cast<std::int64_t>(samples.size());
        segmenter_.push(samples, [this](const Segment& segment) { take(segment); });
    }

    Verdict finish(const std::string& where) {
        const std::int64_t segments = segmenter_.finish([this](const Segment& segment) { take(segment); });
        if (segments == 0) {
            fail(ErrorCode::too_short, "{}: {} samples are too few to hear a genre; at least {} ({:.2f} s) are needed.",
                 where, samples_, model_.features.fft_size,
                 static_cast<double>(model_.features.fft_size) / model_.features.sample_rate);
        }
        return judge(static_cast<double>(samples_) / model_.features.sample_rate);
    }

    /// @return nothing when the whole is to be heard instead
    std::optional<Verdict> hear_excerpts(const std::filesystem::path& file, std::int64_t count) {
        if (!excerpts_) excerpts_.emplace(model_);
        AudioReader reader(file, {.sample_rate = model_.features.sample_rate});
        const double seconds = reader.seconds();
        const std::vector<std::int64_t> chosen = excerpts_->choose(seconds, count);
        if (chosen.empty()) return std::nullopt;
        begin();
        excerpts_->begin();
        for (const std::int64_t index : chosen) {
            Segment segment;
            if (!excerpts_->read(reader, index, segment)) return std::nullopt;
            take(segment);
        }
        Verdict verdict = judge(seconds);
        verdict.warnings = reader.warnings();
        return verdict;
    }

    void take(const Segment& segment) {
        SegmentVerdict& verdict = verdict_.segments.emplace_back();
        verdict.start_seconds = segment.start_seconds;
        verdict.end_seconds = segment.end_seconds;
        if (segment.silent) {
            verdict.probabilities.assign(model_.labels.size(), 1.0F / static_cast<float>(model_.labels.size()));
            return;
        }
        waiting_.push_back(verdict_.segments.size() - 1);
        inputs_.insert(inputs_.end(), segment.values.begin(), segment.values.end());
        if (static_cast<std::int64_t>(waiting_.size()) == Network::largest_batch) judge_waiting();
    }

    void judge_waiting() {
        const std::size_t labels = model_.labels.size();
        outputs_.resize(waiting_.size() * labels);
        embeddings_.resize(waiting_.size() * embedding_.size());
        network_.forward(inputs_, outputs_, embeddings_);
        for (std::size_t i = 0; i < embeddings_.size(); ++i) {
            embedding_[i % embedding_.size()] += static_cast<double>(embeddings_[i]);
        }
        for (std::size_t i = 0; i < waiting_.size(); ++i) {
            const auto first = outputs_.begin() + static_cast<std::ptrdiff_t>(i * labels);
            verdict_.segments[waiting_[i]].probabilities.assign(first, first + static_cast<std::ptrdiff_t>(labels));
        }
        waiting_.clear();
        inputs_.clear();
    }

    /// The verdict on the segments that were taken.
    Verdict judge(double seconds) {
        judge_waiting();
        verdict_.duration_seconds = seconds;
        std::vector<double> sums(model_.labels.size());
        for (const SegmentVerdict& segment : verdict_.segments) {
            for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += static_cast<double>(segment.probabilities[i]);
        }
        const auto count = static_cast<double>(verdict_.segments.size());
        for (double sum : sums) verdict_.probabilities.push_back(static_cast<float>(sum / count));
        double squares = 0.0;
        for (const double value : embedding_) squares += value * value;
        const double length = squares > 0.0 ? std::sqrt(squares) : 1.0;
        for (const double value : embedding_) verdict_.embedding.push_back(static_cast<float>(value / length));
        const std::optional<double>& threshold = model_.calibration.threshold;
        verdict_.uncertain = threshold && verdict_.probabilities[verdict_.best()] < *threshold;
        return std::move(verdict_);
    }

    const Model& model_;
    Segmenter segmenter_;
    std::optional<Excerpts> excerpts_;  // made when first needed
    Network network_;
    Verdict verdict_;
    std::vector<std::size_t> waiting_;  // segments of the verdict that the network has yet to judge
    std::vector<float> inputs_;         // their features
    std::vector<float> outputs_;
    std::vector<float> embeddings_;
    std::vector<double> embedding_;  // the sum of those of the segments so far
    std::int64_t samples_ = 0;
};

void check(const ListenOptions& options) {
    if (options.excerpts < 0) {
        fail(ErrorCode::bad_option, "{} excerpts: give 0 to hear the whole, or a positive number.", options.excerpts);
    }
    thread_count(options.threads, 1);
}

}  // namespace

class Classifier::Impl {
  public:
    explicit Impl(Model loaded) : model(std::move(loaded)) {}

    /// Lends a listener, made when all are lent out. One that saw an exception is not taken back: a signal may be
    /// half-way through it.
    template <typename Use>
    auto with_listener(Use use) {
        std::unique_ptr<Listener> listener;
        {
            const std::scoped_lock lock(mutex_);
            if (!idle_.empty()) {
                listener = std::move(idle_.back());
                idle_.pop_back();
            }
        }
        if (!listener) listener = std::make_unique<Listener>(model);
        auto result = use(*listener);
        const std::scoped_lock lock(mutex_);
        idle_.push_back(std::move(listener));
        return result;
    }

    /// What `compute(network, inputs, result)` makes of segments: a value a label each.
    template <typename Compute>
    std::vector<float> of_segments(std::span<const float> inputs, Compute compute) {
        const auto segment = static_cast<std::size_t>(model.segments.frames) * coefficients_of(model.features);
        if (inputs.size() % segment != 0) {
            fail(ErrorCode::bad_data, "{} values are no whole number of segments of {}.", inputs.size(), segment);
        }
        return with_listener([&](Listener& listener) {
            std::vector<float> result(inputs.size() / segment * model.labels.size());
            compute(listener.network(), inputs, result);
            return result;
        });
    }

    Model model;

  private:
    std::mutex mutex_;
    std::vector<std::unique_ptr<Listener>> idle_;
};

Classifier::Classifier(const std::filesystem::path& model) : impl_(std::make_unique<Impl>(load_model(model))) {}

Classifier::Classifier(Model model) {
    check_model(model, model.name);
    impl_ = std::make_unique<Impl>(std::move(model));
}

Classifier::~Classifier() = default;
Classifier::Classifier(Classifier&&) noexcept = default;
Classifier& Classifier::operator=(Classifier&&) noexcept = default;

const Model& Classifier::model() const noexcept {
    return impl_->model;
}
const std::vector<std::string>& Classifier::labels() const noexcept {
    return impl_->model.labels;
}

Verdict Classifier::classify(const std::filesystem::path& file, const ListenOptions& options) const {
    check(options);
    SpareThreads spare;
    spare.add(thread_count(options.threads, 2) - 1);
    return impl_->with_listener([&](Listener& listener) { return listener.hear(file, options.excerpts, &spare); });
}

void Classifier::classify_all(std::span<const std::filesystem::path> files, const ListenOptions& options,
                              const std::function<void(std::size_t, const Outcome&)>& take) const {
    check(options);
    SpareThreads spare;
    const auto hear = [&](std::int64_t index) -> Outcome {
        const std::filesystem::path& file = files[static_cast<std::size_t>(index)];
        try {
            return impl_->with_listener(
                [&](Listener& listener) { return listener.hear(file, options.excerpts, &spare); });
        } catch (const Error& error) {
            return error;
        } catch (const std::exception& error) {
            return Error(ErrorCode::internal, fmt::format("{}: {}", file.string(), error.what()));
        }
    };
    // Verdicts are small: a long file holds up the delivery of those after it, not the work on them.
    constexpr std::int64_t look_ahead = 256;
    parallel_ordered<Outcome>(
        std::ssize(files), options.threads, hear,
        [&](std::int64_t index, const Outcome& outcome) { take(static_cast<std::size_t>(index), outcome); }, nullptr,
        look_ahead + 2 * thread_count(options.threads, std::ssize(files)), &spare);
}

Verdict Classifier::classify(std::span<const float> samples) const {
    return impl_->with_listener([&](Listener& listener) { return listener.hear(samples, "the signal"); });
}

std::vector<float> Classifier::probabilities(std::span<const float> inputs) const {
    return impl_->of_segments(
        inputs, [](Network& network, std::span<const float> from, std::span<float> to) { network.forward(from, to); });
}

std::vector<float> Classifier::logits(std::span<const float> inputs) const {
    return impl_->of_segments(
        inputs, [](Network& network, std::span<const float> from, std::span<float> to) { network.logits(from, to); });
}

}  // namespace earmark
