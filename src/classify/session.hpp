#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "classify/excerpts.hpp"
#include "earmark/classifier.hpp"
#include "inference/plan/network.hpp"

namespace earmark::classify {

/// What one thread needs to analyze one signal after the other with one model. A session that threw is to be discarded:
/// the state of its stream is undefined.
class Session {
  public:
    /// @param model  must outlive it
    explicit Session(const Model& model);

    const Model& model() const noexcept { return model_; }
    inference::Network& network() noexcept { return network_; }

    /// Begins a signal that is analyzed whole: it is pushed, at the model's rate, and finished.
    void begin();
    void push(std::span<const float> samples);
    /// @param where  what errors call the signal
    /// @throws Error too_short
    Prediction finish(const std::string& where);

    /// Begins a signal of which single segments are analyzed. @return their numbers, which are at most `count`; none when
    /// the whole is to be analyzed instead
    std::vector<std::int64_t> begin_excerpts(double seconds, int count);
    /// Seconds into the signal at which a segment begins.
    double segment_start(std::int64_t index) const;
    /// Reads and analyzes a segment; numbers must rise. @return false when it cannot be had
    bool read_excerpt(AudioReader& reader, std::int64_t index);
    Prediction finish_excerpts(double seconds);

  private:
    void take(const Segment& segment);
    void predict_waiting();
    Prediction judge(double seconds);

    const Model& model_;
    std::optional<Segmenter> segmenter_;  // made when first needed: a model of a table has none
    std::optional<Excerpts> excerpts_;    // made when first needed
    inference::Network network_;
    Prediction prediction_;
    std::vector<std::size_t> waiting_;  // segments of the prediction that the network has yet to judge
    std::vector<float> inputs_;         // their features
    std::vector<float> outputs_;
    std::vector<float> embeddings_;
    std::vector<double> embedding_;  // the sum of those of the segments so far
    std::int64_t samples_ = 0;
    std::int64_t silent_ = 0;  // segments
};

}  // namespace earmark::classify
