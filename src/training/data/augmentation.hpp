#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/random.hpp"
#include "earmark/features.hpp"

namespace earmark::training {

/// What is done at random to what training sees of a segment, each time anew; 0 leaves it out.
struct Augmentation {
    double gain = 0.0;             ///< decibels added to all, from -gain to gain
    double equalise = 0.0;         ///< decibels of the four points of a random curve over the bands
    double band_limit = 0.0;       ///< probability that the bands above or below a random edge fall to the floor
    int mask_bands = 0;            ///< greatest width of each of two masks over bands (SpecAugment, Park et al. 2019)
    int mask_frames = 0;           ///< the same over frames
    double pitch_shift = 0.0;      ///< bands, from -pitch_shift to pitch_shift
    double stretch = 0.0;          ///< time runs 1-stretch to 1+stretch times as fast
    double band_statistics = 0.0;  ///< share, at the most, by which each band's mean becomes that of another segment
    double dynamics = 0.0;         ///< the same of its deviation over time
    double overlay = 0.0;          ///< probability that another segment of the genre sounds along
};

/// Whether the options are in range and can be had of such features: all of decibels of mel bands (logmel), of MFCCs
/// only masks over frames. @throws Error bad_option
void check(const Augmentation& options, const FeatureOptions& features, std::int64_t frames);

/// Does to a picture (frames × bands, decibels) what the options ask for, in this order: pitch shift, curve and gain,
/// band limit, masks. The stretch happens before, where the picture is taken (take_columns), and so does the change of
/// colour (recolour).
/// @param mean  of each band over the training part: what masks are filled with
void augment(std::span<float> spectrogram, const Augmentation& options, std::span<const float> mean,
             base::Random& random);

/// Fills a picture with the columns of `run` (columns × bands) that stand nearest to first, first + rate, first +
/// 2·rate …, the later of two as near. Columns between two of them would be smoother than any that was analyzed, and a
/// network learns to expect that. Beyond its ends the run goes on with its outermost column, or, when it has fewer
/// columns than the picture, from its other end.
void take_columns(std::span<const float> run, std::int64_t bands, double first, double rate,
                  std::span<float> spectrogram);

/// Mean and deviation over time of each band.
struct BandStatistics {
    std::vector<float> mean;
    std::vector<float> deviation;
};

/// @param picture  frames × bands
BandStatistics band_statistics_of(std::span<const float> spectrogram, std::int64_t bands);

/// Moves mean and deviation of each band by a share of the way towards those of another picture ("Arbitrary style
/// transfer in real-time with adaptive instance normalization", Huang & Belongie, ICCV 2017; as an augmentation:
/// "Domain generalization with MixStyle", Zhou et al., ICLR 2021, there of a network's inner channels). A deviation
/// grows or shrinks to four times or a quarter at the most.
void mix_statistics(std::span<float> spectrogram, const BandStatistics& other, double mean_share,
                    double deviation_share);

/// Adds the power of another picture, which is `softer` decibels weaker than it stands there.
void overlay(std::span<float> spectrogram, std::span<const float> other, double softer);

/// Moves all up by `shift` bands (down when negative), by linear interpolation; the outermost band is repeated.
void shift_bands(std::span<float> spectrogram, std::int64_t bands, double shift);

/// The cubic through four points at the first and last band and a third of the way from each, for each band. Between
/// the points it stays within 1.64 times the greatest of them.
void fill_curve(const std::array<double, 4>& points, std::span<float> curve);

/// Adds to each band its value of `curve`.
void add_to_bands(std::span<float> spectrogram, std::span<const float> curve);

/// Bands `first` to `end` - 1 fall to the least value of the picture.
void silence_bands(std::span<float> spectrogram, std::int64_t bands, std::int64_t first, std::int64_t end);

/// Bands `first` to `end` - 1 become their means.
void mask_bands(std::span<float> spectrogram, std::span<const float> mean, std::int64_t first, std::int64_t end);

/// Frames `first` to `end` - 1 become the mean frame.
void mask_frames(std::span<float> spectrogram, std::span<const float> mean, std::int64_t first, std::int64_t end);

}  // namespace earmark::training
