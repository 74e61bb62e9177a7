#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <vector>

#include "dataset/split.hpp"
#include "training/data/training_data.hpp"
#include "training/training_options.hpp"

namespace earmark::training {

/// What a step of training sees.
struct Batch {
    torch::Tensor inputs;  ///< examples × frames × coefficients, standardised
    torch::Tensor labels;  ///< int64; no_genre for noise
    /// Where a track may have several labels: examples × labels, 0 to 1, of mixtures by their shares, of noise 0; else
    /// undefined. Then `labels` says no more than what is noise.
    torch::Tensor holds;
    torch::Tensor partners;  ///< labels of what was mixed in; undefined without mixup
    torch::Tensor shares;    ///< of the examples themselves in the mixtures, at least 0.5
    torch::Tensor teacher;   ///< examples × classes: a teacher's probabilities; undefined without one
};

/// Makes the batches of the training part, epoch by epoch: its segments and noise in random order, of each what the
/// options ask for. The order is drawn from libtorch's default generator; all else from a sequence that each example of
/// each epoch has for itself, so neither threads nor a resumed training change it.
class Batches {
  public:
    /// @param store       must outlive the batches, as must `options`
    /// @param rows        of the training part
    /// @param mean        of the training part, which fills masks
    /// @throws Error bad_option when the crops fit nowhere
    Batches(const dataset::FeatureStore& store, const std::vector<std::int64_t>& rows, const TrainingOptions& options,
            const Tensor& mean, const Statistics& standardisation, torch::Device device);

    /// Columns of an example.
    std::int64_t frames() const { return frames_; }
    /// Batches an epoch.
    std::int64_t count() const;

    /// Draws the order of an epoch, numbered from 1.
    void begin_epoch(int number);
    /// One of the epoch's batches, from 0.
    Batch at(std::int64_t index) const;

  private:
    /// A segment, or the run of columns that it is part of.
    struct Source {
        const float* values;
        std::int64_t columns;
        std::int64_t label;
        const std::uint8_t* holds = nullptr;  // of many labels; none for noise
    };

    void add_segments(const dataset::FeatureStore& store, const std::vector<std::int64_t>& rows);
    void add_noise(const dataset::FeatureStore& store, std::int64_t segments);
    std::int64_t examples() const { return static_cast<std::int64_t>(sources_.size()) * options_.crops; }
    base::Random random_for(const char* what, std::int64_t number) const;
    void write(const Source& source, base::Random random, std::span<float> spectrogram) const;
    /// With the probability that is asked for, lets another segment of the genre sound along.
    void mix_same_class(const Source& source, base::Random& random, std::span<float> spectrogram) const;
    void mix(Batch& batch, base::Random random) const;

    const TrainingOptions& options_;
    torch::Device device_;
    std::int64_t width_;
    std::int64_t frames_;
    std::int64_t labels_;  // of which a track may have several; 0: it has one
    std::vector<float> mean_;
    std::vector<float> shift_;  // of a whole picture, value by value
    std::vector<float> scale_;
    std::vector<Source> sources_;
    std::size_t music_ = 0;                           // sources that are segments; noise follows
    std::vector<std::vector<std::size_t>> of_genre_;  // those of each label
    std::vector<float> noise_;
    int epoch_ = 0;
    std::vector<std::int64_t> order_;
};

}  // namespace earmark::training
