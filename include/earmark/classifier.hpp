#pragma once

/// @file
/// From sound to verdict: what a player or a tagger needs of Earmark.
///
///     earmark::Classifier classifier(earmark::default_model_path());
///     earmark::Verdict verdict = classifier.classify("song.mp3");
///     std::cout << classifier.labels()[verdict.best()] << '\n';

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "earmark/model.hpp"

namespace earmark {

/// What the network says of one segment.
struct SegmentVerdict {
    double start_seconds = 0.0;
    double end_seconds = 0.0;
    std::vector<float> probabilities;  ///< one a label, their sum is 1
};

/// What Earmark says of one track.
struct Verdict {
    double duration_seconds = 0.0;         ///< of the audio that was decoded
    std::vector<float> probabilities;      ///< mean of the segments' probabilities: one a label, their sum is 1
    std::vector<SegmentVerdict> segments;  ///< the course over time, in order
    std::vector<std::string> warnings;     ///< what was odd about the audio, a sentence each

    /// Index of the most probable label.
    std::size_t best() const;
    /// Indices of the labels, most probable first; equal ones in the order of the labels.
    std::vector<std::size_t> ranking() const;
};

/// Names the genre of music. A classifier is loaded once and may be used from several threads at the same time; each
/// call works on one thread.
///
/// A silent segment (see Segment::silent) says nothing of genre: it is given equal probabilities without asking the
/// network.
class Classifier {
  public:
    /// Loads a model file. @throws Error as load_model
    explicit Classifier(const std::filesystem::path& model);
    /// Takes a model from memory. @throws Error corrupt
    explicit Classifier(Model model);
    ~Classifier();
    Classifier(Classifier&&) noexcept;
    Classifier& operator=(Classifier&&) noexcept;

    const Model& model() const noexcept;
    const std::vector<std::string>& labels() const noexcept;

    /// Hears a file. @throws Error as AudioReader; too_short when there is less than one frame of audio
    Verdict classify(const std::filesystem::path& file) const;

    /// Hears mono samples at `model().features.sample_rate`. @throws Error too_short
    Verdict classify(std::span<const float> samples) const;

    /// Probabilities of segments whose features are at hand: `inputs` holds segments × frames × coefficients values as
    /// the model's options make them, before standardisation. Returns segments × labels values.
    /// @throws Error bad_data when the number of values is not a multiple of a segment's, or one is not finite
    std::vector<float> probabilities(std::span<const float> inputs) const;

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace earmark
