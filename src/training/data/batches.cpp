#include "training/data/batches.hpp"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/throw.hpp"
#include "features/segment_options.hpp"
#include "training/data/draws.hpp"
#include "training/data/noise_bank.hpp"

namespace earmark::training {

namespace {

constexpr std::int64_t values_a_piece = 1 << 15;  // fewer are not worth another thread

/// Which segment of its track a row is, silent ones counted.
std::int64_t place_of(const dataset::FeatureStore& store, std::int64_t row) {
    return std::llround(store.times[static_cast<std::size_t>(row)].start /
                        segment_distance(store.features, store.segments));
}

/// Whether the columns of `row` go on where those of the row before end: a block's do.
bool goes_on(const dataset::FeatureStore& store, const std::vector<int>& tracks, std::int64_t before,
             std::int64_t row) {
    const std::int64_t place = place_of(store, row);
    return row == before + 1 && tracks[row] == tracks[before] && place == place_of(store, before) + 1 &&
           continues_segment(store.segments, place);
}

std::vector<float> repeated(const std::vector<float>& values, std::int64_t times) {
    std::vector<float> result;
    for (std::int64_t i = 0; i < times; ++i) result.insert(result.end(), values.begin(), values.end());
    return result;
}

}  // namespace

Batches::Batches(const dataset::FeatureStore& store, const std::vector<std::int64_t>& rows,
                 const TrainingOptions& options, const Tensor& mean, const Statistics& standardisation,
                 torch::Device device)
    : options_(options),
      device_(device),
      width_(coefficient_count(store.features)),
      frames_(options.crop_frames > 0 ? options.crop_frames : store.segments.frames),
      labels_(store.labelling.many ? static_cast<std::int64_t>(store.labels.size()) : 0),
      mean_(mean.values),
      shift_(repeated(standardisation.mean.values, frames_)),
      scale_(repeated(standardisation.scale.values, frames_)) {
    add_segments(store, rows);
    music_ = sources_.size();
    for (std::size_t i = 0; i < music_; ++i) {
        const auto label = static_cast<std::size_t>(sources_[i].label);
        if (of_genre_.size() <= label) of_genre_.resize(label + 1);
        of_genre_[label].push_back(i);
    }
    const bool fits = std::any_of(sources_.begin(), sources_.end(),
                                  [this](const Source& source) { return source.columns >= frames_; });
    if (!fits) {
        base::fail(ErrorCode::bad_option,
                   "crops of {} columns are longer than any run of consecutive training segments. Give a smaller "
                   "`crop_frames`.",
                   frames_);
    }
    add_noise(store, std::llround(options.noise_fraction * static_cast<double>(rows.size())));
}

void Batches::add_segments(const dataset::FeatureStore& store, const std::vector<std::int64_t>& rows) {
    const std::vector<int> labels = store.segment_labels();
    const std::vector<int> tracks = store.segment_tracks();
    for (std::size_t first = 0, end = 0; first < rows.size(); first = end) {
        end = first + 1;
        while (options_.crop_across && end < rows.size() && goes_on(store, tracks, rows[end - 1], rows[end])) ++end;
        const Source run{store.segment(rows[first]).data(),
                         static_cast<std::int64_t>(end - first) * store.segments.frames, labels[rows[first]],
                         store.tracks[static_cast<std::size_t>(tracks[rows[first]])].holds.data()};
        sources_.insert(sources_.end(), end - first, run);
    }
}

void Batches::add_noise(const dataset::FeatureStore& store, std::int64_t segments) {
    if (segments == 0) return;
    noise_ = make_noise_bank(store.features, store.segments, segments, options_.seed);
    const auto size = static_cast<std::int64_t>(store.segment_size());
    const std::int64_t made = std::min(segments, static_cast<std::int64_t>(noise_.size()) / size);
    const std::int64_t block = std::max(1, store.segments.segments_per_block);
    for (std::int64_t i = 0; i < made; ++i) {
        if (options_.crop_across) {
            sources_.push_back({noise_.data() + i / block * block * size, block * store.segments.frames, no_genre});
        } else {
            sources_.push_back({noise_.data() + i * size, store.segments.frames, no_genre});
        }
    }
}

std::int64_t Batches::count() const {
    return (examples() + options_.batch_size - 1) / options_.batch_size;
}

void Batches::begin_epoch(int number) {
    epoch_ = number;
    const torch::Tensor order = torch::randperm(examples(), torch::kInt64);
    order_.assign(order.data_ptr<std::int64_t>(), order.data_ptr<std::int64_t>() + order.numel());
}

base::Random Batches::random_for(const char* what, std::int64_t number) const {
    return base::Random(options_.seed, fmt::format("epoch {} {} {}", epoch_, what, number));
}

Batch Batches::at(std::int64_t index) const {
    const std::int64_t first = index * options_.batch_size;
    const std::int64_t size = std::min<std::int64_t>(options_.batch_size, examples() - first);
    const std::int64_t values = frames_ * width_;
    const torch::Tensor inputs = torch::empty({size, frames_, width_});
    const torch::Tensor labels = torch::empty({size}, torch::kInt64);
    float* input = inputs.data_ptr<float>();
    std::int64_t* label = labels.data_ptr<std::int64_t>();
    const torch::Tensor holds = torch::zeros({size, labels_});
    float* hold = holds.data_ptr<float>();
    const std::int64_t grain = std::max<std::int64_t>(1, values_a_piece / values);
    at::parallel_for(0, size, grain, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            const Source& source = sources_[static_cast<std::size_t>(order_[first + i] / options_.crops)];
            write(source, random_for("example", order_[first + i]),
                  {input + i * values, static_cast<std::size_t>(values)});
            label[i] = source.label;
            if (labels_ > 0 && source.holds != nullptr) std::copy_n(source.holds, labels_, hold + i * labels_);
        }
    });
    Batch batch;
    batch.inputs = inputs.to(device_);
    batch.labels = labels.to(device_);
    if (labels_ > 0) batch.holds = holds.to(device_);
    if (options_.mixup > 0.0) mix(batch, random_for("mixture", index));
    return batch;
}

void Batches::write(const Source& source, base::Random random, std::span<float> spectrogram) const {
    const std::span<const float> run(source.values, static_cast<std::size_t>(source.columns * width_));
    const double middle = static_cast<double>(frames_ - 1) / 2.0;
    const double rate = 1.0 + symmetric(random, options_.augmentation.stretch);
    const auto start = static_cast<double>(up_to(random, source.columns - frames_));
    take_columns(run, width_, start + middle * (1.0 - rate), rate, spectrogram);
    const double band_statistics = options_.augmentation.band_statistics;
    const double dynamics = options_.augmentation.dynamics;
    if ((band_statistics > 0.0 || dynamics > 0.0) && source.label != no_genre) {
        const Source& other = sources_[static_cast<std::size_t>(random.below(music_))];
        const std::span<const float> values(other.values, static_cast<std::size_t>(other.columns * width_));
        const double mean_share = band_statistics * uniform(random);
        mix_statistics(spectrogram, band_statistics_of(values, width_), mean_share,
                       dynamics > 0.0 ? dynamics * uniform(random) : 0.0);
    }
    if (options_.augmentation.overlay > 0.0 && source.label != no_genre) mix_same_class(source, random, spectrogram);
    augment(spectrogram, options_.augmentation, mean_, random);
    for (std::size_t i = 0; i < spectrogram.size(); ++i) spectrogram[i] = (spectrogram[i] - shift_[i]) * scale_[i];
}

void Batches::mix_same_class(const Source& source, base::Random& random, std::span<float> spectrogram) const {
    constexpr double softest = 20.0;  // decibels
    if (uniform(random) >= options_.augmentation.overlay) return;
    const std::vector<std::size_t>& others = of_genre_[static_cast<std::size_t>(source.label)];
    const Source& other = sources_[others[random.below(others.size())]];
    const std::span<const float> run(other.values, static_cast<std::size_t>(other.columns * width_));
    std::vector<float> values(spectrogram.size());
    take_columns(run, width_, static_cast<double>(up_to(random, other.columns - frames_)), 1.0, values);
    overlay(spectrogram, values, softest * uniform(random));
}

void Batches::mix(Batch& batch, base::Random random) const {
    const std::int64_t size = batch.labels.size(0);
    std::vector<std::int64_t> partners(static_cast<std::size_t>(size));
    std::iota(partners.begin(), partners.end(), 0);
    random.shuffle(std::span(partners));
    std::vector<float> shares;
    for (std::int64_t i = 0; i < size; ++i) {
        const double share = beta(random, options_.mixup);
        shares.push_back(static_cast<float>(std::max(share, 1.0 - share)));
    }
    const torch::Tensor rows = torch::tensor(partners, torch::kInt64).to(device_);
    batch.shares = torch::tensor(shares).to(device_);
    batch.partners = batch.labels.index_select(0, rows);
    const torch::Tensor weights = batch.shares.view({-1, 1, 1});
    batch.inputs = batch.inputs * weights + batch.inputs.index_select(0, rows) * (1.0 - weights);
    if (!batch.holds.defined()) return;
    const torch::Tensor own = batch.shares.view({-1, 1});
    batch.holds = batch.holds * own + batch.holds.index_select(0, rows) * (1.0 - own);
}

}  // namespace earmark::training
