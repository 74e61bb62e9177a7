#include "earmark/classifier.hpp"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <numeric>
#include <optional>

#include "audio/mixing/sample_mixer.hpp"
#include "base/parallel.hpp"
#include "base/throw.hpp"
#include "classify/excerpts.hpp"
#include "earmark/audio.hpp"
#include "inference/plan/network.hpp"
#include "model/check_model.hpp"

namespace earmark {

namespace {

/// What one thread needs to analyze one signal after the other.
class Session {
  public:
    explicit Session(const Model& model) : model_(model), segmenter_(model.features, model.segments), network_(model) {}

    inference::Network& network() { return network_; }

    /// Analyzes mono samples at the model's rate.
    Prediction analyze(std::span<const float> samples) {
        begin();
        push(samples);
        return finish("the signal");
    }

    /// Analyzes samples of any rate and channel count.
    Prediction analyze(const Samples& samples) {
        audio::SampleMixer mixer(samples, model_.features.sample_rate);
        begin();
        for (auto mono = mixer.read(); !mono.empty(); mono = mixer.read()) push(mono);
        Prediction prediction = finish("the signal");
        prediction.warnings = mixer.warnings();
        return prediction;
    }

    /// Analyzes a file, buffer or stream, which errors call `where`: all of it, or `excerpts` segments. Takes a thread
    /// of `spare` to decode on when there is one.
    Prediction analyze(AudioReader reader, const ClassifyOptions& options, const std::string& where,
                       base::SpareThreads* spare) {
        if (options.excerpts > 0) {
            if (std::optional<Prediction> prediction = classify_excerpts(reader, options.excerpts)) {
                return std::move(*prediction);
            }
            reader = reader.reopen();
        }
        base::SpareThreads::Loan thread(spare);
        begin();
        if (thread.take()) reader.decode_ahead();
        for (auto samples = reader.read(); !samples.empty(); samples = reader.read()) {
            push(samples);
            if (thread.take()) reader.decode_ahead();
        }
        Prediction prediction = finish(where);
        prediction.warnings = reader.warnings();
        return prediction;
    }

  private:
    void begin() {
        prediction_ = {};
        waiting_.clear();
        inputs_.clear();
        samples_ = 0;
        embedding_.assign(static_cast<std::size_t>(network_.embedding_size()), 0.0);
    }

    void push(std::span<const float> samples) {
        samples_ += static_cast<std::int64_t>(samples.size());
        segmenter_.push(samples, [this](const Segment& segment) { take(segment); });
    }

    Prediction finish(const std::string& where) {
        const std::int64_t segments = segmenter_.finish([this](const Segment& segment) { take(segment); });
        if (segments == 0) {
            base::fail(ErrorCode::too_short,
                       "{}: {} samples are too few to tell a genre; at least {} ({:.2f} s) are needed.", where,
                       samples_, frame_length(model_.features),
                       static_cast<double>(frame_length(model_.features)) / model_.features.sample_rate);
        }
        return judge(static_cast<double>(samples_) / model_.features.sample_rate);
    }

    /// @return nothing when the whole is to be analyzed instead
    std::optional<Prediction> classify_excerpts(AudioReader& reader, std::int64_t count) {
        if (!excerpts_) excerpts_.emplace(model_);
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
        Prediction prediction = judge(seconds);
        prediction.warnings = reader.warnings();
        return prediction;
    }

    void take(const Segment& segment) {
        SegmentPrediction& prediction = prediction_.segments.emplace_back();
        prediction.start_seconds = segment.start_seconds;
        prediction.end_seconds = segment.end_seconds;
        if (segment.silent) {
            prediction.probabilities.assign(model_.labels.size(), 1.0F / static_cast<float>(model_.labels.size()));
            return;
        }
        waiting_.push_back(prediction_.segments.size() - 1);
        inputs_.insert(inputs_.end(), segment.values.begin(), segment.values.end());
        if (static_cast<std::int64_t>(waiting_.size()) == inference::Network::largest_batch) predict_waiting();
    }

    void predict_waiting() {
        const std::size_t labels = model_.labels.size();
        outputs_.resize(waiting_.size() * labels);
        embeddings_.resize(waiting_.size() * embedding_.size());
        network_.forward(inputs_, outputs_, embeddings_);
        for (std::size_t i = 0; i < embeddings_.size(); ++i) {
            embedding_[i % embedding_.size()] += static_cast<double>(embeddings_[i]);
        }
        for (std::size_t i = 0; i < waiting_.size(); ++i) {
            const auto first = outputs_.begin() + static_cast<std::ptrdiff_t>(i * labels);
            prediction_.segments[waiting_[i]].probabilities.assign(first, first + static_cast<std::ptrdiff_t>(labels));
        }
        waiting_.clear();
        inputs_.clear();
    }

    /// The prediction on the segments that were taken.
    Prediction judge(double seconds) {
        predict_waiting();
        prediction_.duration_seconds = seconds;
        std::vector<double> sums(model_.labels.size());
        for (const SegmentPrediction& segment : prediction_.segments) {
            for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += static_cast<double>(segment.probabilities[i]);
        }
        const auto count = static_cast<double>(prediction_.segments.size());
        for (double sum : sums) prediction_.probabilities.push_back(static_cast<float>(sum / count));
        double squares = 0.0;
        for (const double value : embedding_) squares += value * value;
        const double length = squares > 0.0 ? std::sqrt(squares) : 1.0;
        for (const double value : embedding_) prediction_.embedding.push_back(static_cast<float>(value / length));
        const std::optional<double>& threshold = model_.calibration.threshold;
        prediction_.uncertain = threshold && prediction_.probabilities[prediction_.best()] < *threshold;
        return std::move(prediction_);
    }

    const Model& model_;
    Segmenter segmenter_;
    std::optional<classify::Excerpts> excerpts_;  // made when first needed
    inference::Network network_;
    Prediction prediction_;
    std::vector<std::size_t> waiting_;  // segments of the prediction that the network has yet to judge
    std::vector<float> inputs_;         // their features
    std::vector<float> outputs_;
    std::vector<float> embeddings_;
    std::vector<double> embedding_;  // the sum of those of the segments so far
    std::int64_t samples_ = 0;
};

void check(const ClassifyOptions& options) {
    if (options.excerpts < 0) {
        base::fail(ErrorCode::bad_option, "{} excerpts: give 0 to analyze the whole, or a positive number.",
                   options.excerpts);
    }
    base::thread_count(options.jobs, 1);
}

}  // namespace

class Classifier::Impl {
  public:
    explicit Impl(Model loaded) : model(std::move(loaded)) {}

    /// Lends a session, made when all are lent out. A session that threw is discarded: its stream state is undefined.
    template <typename Use>
    auto with_session(Use use) {
        std::unique_ptr<Session> session;
        {
            const std::scoped_lock lock(mutex_);
            if (!idle_.empty()) {
                session = std::move(idle_.back());
                idle_.pop_back();
            }
        }
        if (!session) session = std::make_unique<Session>(model);
        auto result = use(*session);
        const std::scoped_lock lock(mutex_);
        idle_.push_back(std::move(session));
        return result;
    }

    /// Analyzes one file, buffer or stream.
    template <typename Audio>
    Prediction classify(Audio&& audio, const ClassifyOptions& options, const std::string& where) {
        check(options);
        return classify(AudioReader(std::forward<Audio>(audio), audio_options(options.name)), options, where);
    }

    Prediction classify(AudioReader reader, const ClassifyOptions& options, const std::string& where) {
        check(options);
        base::SpareThreads spare;
        spare.add(base::thread_count(options.jobs, 2) - 1);
        return with_session(
            [&](Session& session) { return session.analyze(std::move(reader), options, where, &spare); });
    }

    AudioOptions audio_options(const std::string& name = {}) const {
        return {.sample_rate = model.features.sample_rate, .name = name};
    }

    /// What `compute(network, inputs, result)` makes of segments: a value a label each.
    template <typename Compute>
    std::vector<float> of_segments(std::span<const float> inputs, Compute compute) {
        const auto segment = static_cast<std::size_t>(model.segments.frames) * coefficient_count(model.features);
        if (inputs.size() % segment != 0) {
            base::fail(ErrorCode::bad_data, "{} values are no whole number of segments of {}.", inputs.size(), segment);
        }
        return with_session([&](Session& session) {
            std::vector<float> result(inputs.size() / segment * model.labels.size());
            compute(session.network(), inputs, result);
            return result;
        });
    }

    Model model;

  private:
    std::mutex mutex_;
    std::vector<std::unique_ptr<Session>> idle_;
};

Classifier::Classifier(const std::filesystem::path& model) : impl_(std::make_unique<Impl>(load_model(model))) {}

Classifier::Classifier(Model model) {
    model::check_model(model, model.name);
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

Prediction Classifier::classify(const std::filesystem::path& file, const ClassifyOptions& options) const {
    return impl_->classify(file, options, file.string());
}

Prediction Classifier::classify(std::span<const std::byte> bytes, const ClassifyOptions& options) const {
    return impl_->classify(bytes, options, options.name.empty() ? "the buffer" : options.name);
}

Prediction Classifier::classify(ByteSource source, const ClassifyOptions& options) const {
    return impl_->classify(std::move(source), options, options.name.empty() ? "the stream" : options.name);
}

Prediction Classifier::classify(std::istream& stream, const ClassifyOptions& options) const {
    return impl_->classify(stream, options, options.name.empty() ? "the stream" : options.name);
}

Prediction Classifier::classify(AudioReader reader, const ClassifyOptions& options) const {
    if (reader.sample_rate() != model().features.sample_rate || reader.position() != 0) {
        base::fail(ErrorCode::bad_option,
                   "the reader gives {} samples per second, of which {} were read; open it at {}.",
                   reader.sample_rate(), reader.position(), model().features.sample_rate);
    }
    return impl_->classify(std::move(reader), options, options.name.empty() ? "the audio" : options.name);
}

Prediction Classifier::classify(const Samples& samples) const {
    return impl_->with_session([&](Session& session) { return session.analyze(samples); });
}

void Classifier::classify_all(std::span<const std::filesystem::path> files, const ClassifyOptions& options,
                              const Sink<std::size_t, const Result&>& take, const Open& open) const {
    check(options);
    const AudioOptions audio = impl_->audio_options();
    base::SpareThreads spare;
    const auto analyze = [&](std::int64_t index) -> Result {
        const std::filesystem::path& file = files[static_cast<std::size_t>(index)];
        try {
            AudioReader reader = open ? open(file, audio) : AudioReader(file, audio);
            return impl_->with_session(
                [&](Session& session) { return session.analyze(std::move(reader), options, file.string(), &spare); });
        } catch (const Error& error) {
            return error;
        } catch (const std::exception& error) {
            return Error(ErrorCode::internal, fmt::format("{}: {}", file.string(), error.what()));
        }
    };
    // Predictions are small: a long file holds up the delivery of those after it, not the work on them.
    constexpr std::int64_t look_ahead = 256;
    base::parallel_ordered<Result>(
        std::ssize(files), options.jobs, analyze,
        [&](std::int64_t index, const Result& outcome) { take(static_cast<std::size_t>(index), outcome); }, nullptr,
        look_ahead + 2 * base::thread_count(options.jobs, std::ssize(files)), &spare);
}

Prediction Classifier::classify(std::span<const float> samples) const {
    return impl_->with_session([&](Session& session) { return session.analyze(samples); });
}

std::vector<float> Classifier::probabilities(std::span<const float> inputs) const {
    return impl_->of_segments(inputs, [](inference::Network& network, std::span<const float> from,
                                         std::span<float> to) { network.forward(from, to); });
}

std::vector<float> Classifier::logits(std::span<const float> inputs) const {
    return impl_->of_segments(inputs, [](inference::Network& network, std::span<const float> from,
                                         std::span<float> to) { network.logits(from, to); });
}

}  // namespace earmark
