#include "classify/session.hpp"

#include <cmath>
#include <utility>

#include "base/throw.hpp"
#include "classify/labels.hpp"
#include "classify/music_check.hpp"
#include "features/segment_options.hpp"

namespace earmark::classify {

Session::Session(const Model& model) : model_(model), network_(model) {}

void Session::begin() {
    if (!segmenter_) segmenter_.emplace(model_.features, model_.segments);
    prediction_ = {};
    waiting_.clear();
    inputs_.clear();
    samples_ = 0;
    silent_ = 0;
    embedding_.assign(static_cast<std::size_t>(network_.embedding_size()), 0.0);
}

void Session::push(std::span<const float> samples) {
    samples_ += static_cast<std::int64_t>(samples.size());
    segmenter_->push(samples, [this](const Segment& segment) { take(segment); });
}

Prediction Session::finish(const std::string& where) {
    const std::int64_t segments = segmenter_->finish([this](const Segment& segment) { take(segment); });
    if (segments == 0) {
        const int frame = frame_length(model_.features);
        base::fail(ErrorCode::too_short,
                   "{}: {} samples are too few to tell a genre; at least {} ({:.2f} s) are needed.", where, samples_,
                   frame, static_cast<double>(frame) / model_.features.sample_rate);
    }
    return judge(static_cast<double>(samples_) / model_.features.sample_rate);
}

std::vector<std::int64_t> Session::begin_excerpts(double seconds, int count) {
    if (!excerpts_) excerpts_.emplace(model_);
    begin();
    excerpts_->begin();
    return excerpts_->choose(seconds, count);
}

double Session::segment_start(std::int64_t index) const {
    return static_cast<double>(index) * segment_distance(model_.features, model_.segments);
}

bool Session::read_excerpt(AudioReader& reader, std::int64_t index) {
    Segment segment;
    if (!excerpts_->read(reader, index, segment)) return false;
    take(segment);
    return true;
}

Prediction Session::finish_excerpts(double seconds) {
    return judge(seconds);
}

void Session::take(const Segment& segment) {
    SegmentPrediction& prediction = prediction_.segments.emplace_back();
    prediction.start_seconds = segment.start_seconds;
    prediction.end_seconds = segment.end_seconds;
    if (segment.silent) {
        ++silent_;
        const bool many = model_.activation == Activation::sigmoid;
        prediction.probabilities.assign(model_.labels.size(),
                                        many ? 0.0F : 1.0F / static_cast<float>(model_.labels.size()));
        return;
    }
    waiting_.push_back(prediction_.segments.size() - 1);
    inputs_.insert(inputs_.end(), segment.values.begin(), segment.values.end());
    if (static_cast<std::int64_t>(waiting_.size()) == inference::Network::largest_batch) predict_waiting();
}

void Session::predict_waiting() {
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
Prediction Session::judge(double seconds) {
    predict_waiting();
    prediction_.duration_seconds = seconds;
    std::vector<double> sums(model_.labels.size());
    for (const SegmentPrediction& segment : prediction_.segments) {
        for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += static_cast<double>(segment.probabilities[i]);
    }
    const std::int64_t all = std::ssize(prediction_.segments);
    // Silence has no labels at all: it must not make those of the rest less probable.
    const bool many = model_.activation == Activation::sigmoid;
    const std::int64_t counted = many && silent_ < all ? all - silent_ : all;
    for (const double sum : sums) {
        prediction_.probabilities.push_back(static_cast<float>(sum / static_cast<double>(counted)));
    }
    double squares = 0.0;
    for (const double value : embedding_) squares += value * value;
    const double length = squares > 0.0 ? std::sqrt(squares) : 1.0;
    for (const double value : embedding_) prediction_.embedding.push_back(static_cast<float>(value / length));
    if (silent_ == all) {
        prediction_.not_music = "silence";
    } else {
        prediction_.not_music = not_music(model_, prediction_.probabilities);
    }
    prediction_.uncertain = is_uncertain(model_, prediction_.probabilities);
    return std::move(prediction_);
}

}  // namespace earmark::classify
