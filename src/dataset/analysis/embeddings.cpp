#include "dataset/analysis/embeddings.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>

#include "base/throw.hpp"
#include "dataset/analysis/files.hpp"
#include "earmark/audio.hpp"
#include "features/table_kind.hpp"
#include "inference/plan/network.hpp"

namespace earmark::dataset {

namespace fs = std::filesystem;

namespace {

/// Sums over the segments of a track, value by value.
class Moments {
  public:
    explicit Moments(std::size_t size) : sums_(size), squares_(size) {}

    void add(std::size_t index, double value) {
        sums_[index] += value;
        squares_[index] += value * value;
    }

    /// Appends the means, then the deviations, of so many segments.
    void append(double count, std::vector<float>& values) const {
        for (const double sum : sums_) values.push_back(static_cast<float>(sum / count));
        for (std::size_t i = 0; i < sums_.size(); ++i) {
            const double mean = sums_[i] / count;
            values.push_back(static_cast<float>(std::sqrt(std::max(squares_[i] / count - mean * mean, 0.0))));
        }
    }

  private:
    std::vector<double> sums_;
    std::vector<double> squares_;
};

/// Hears tracks with one model; belongs to one thread at a time.
class ModelEar {
  public:
    explicit ModelEar(const Model& model)
        : model_(model), segmenter_(model.features, model.segments), network_(model) {}

    /// Appends what the model makes of a file.
    void hear(const fs::path& path, const base::StopFlag* stop, AnalyzedTrack& track) {
        Moments odds(model_.labels.size());
        Moments embeddings(static_cast<std::size_t>(network_.embedding_size()));
        std::int64_t heard = 0;
        std::int64_t silent = 0;
        const auto take = [&](const Segment& segment) {
            if (segment.silent) {
                ++silent;
                return;
            }
            ++heard;
            take_segment(segment, odds, embeddings);
        };
        AudioReader reader(path, AudioOptions{model_.features.sample_rate});
        for (std::span<const float> samples = reader.read(); !samples.empty(); samples = reader.read()) {
            if (stop != nullptr && *stop) stopped_reading(path);
            segmenter_.push(samples, take);
        }
        segmenter_.finish(take);
        track.seconds = static_cast<double>(reader.position()) / reader.sample_rate();
        track.warnings = reader.warnings();
        if (heard + silent == 0) {
            base::fail(ErrorCode::too_short, "{}: {:.3f} s of audio is too short for {}. Leave it out.", path.string(),
                       track.seconds, model_.name);
        }
        if (heard == 0) base::fail(ErrorCode::no_audio, "{}: is silent throughout. Leave it out.", path.string());
        odds.append(static_cast<double>(heard), track.values);
        embeddings.append(static_cast<double>(heard), track.values);
    }

    std::size_t size() const {
        return 2 * (model_.labels.size() + static_cast<std::size_t>(network_.embedding_size()));
    }

  private:
    void take_segment(const Segment& segment, Moments& odds, Moments& embeddings) {
        constexpr float least = 1e-6F;  // whose log-odds are still a sound number
        probabilities_.resize(model_.labels.size());
        embedding_.resize(static_cast<std::size_t>(network_.embedding_size()));
        network_.forward(segment.values, probabilities_, embedding_);
        for (std::size_t i = 0; i < probabilities_.size(); ++i) {
            const auto p = static_cast<double>(std::clamp(probabilities_[i], least, 1.0F - least));
            odds.add(i, std::log(p / (1.0 - p)));
        }
        for (std::size_t i = 0; i < embedding_.size(); ++i) embeddings.add(i, static_cast<double>(embedding_[i]));
    }

    const Model& model_;
    Segmenter segmenter_;
    inference::Network network_;
    std::vector<float> probabilities_;
    std::vector<float> embedding_;
};

/// Lends the ears of all models to one thread after the other.
class ModelEars {
  public:
    using Set = std::vector<std::unique_ptr<ModelEar>>;

    ModelEars(const std::vector<Model>& models, const FolderOptions& options) : models_(models), options_(options) {
        idle_.push_back(make());
        for (const auto& ear : idle_.back()) size_ += ear->size();
    }

    std::size_t size() const { return size_; }
    base::SpareThreads& spare() { return spare_; }

    AnalyzedTrack analyze(const TrackFile& file) {
        AnalyzedTrack track;
        try {
            Set ears = lend();
            for (const auto& ear : ears) ear->hear(file.path, options_.stop, track);
            track.times.resize(1);
            track.times.front().end = track.seconds;
            const std::lock_guard lock(mutex_);
            idle_.push_back(std::move(ears));  // a set that a failure left half way through a signal is not used again
        } catch (const Error& error) {
            if (error.code() == ErrorCode::interrupted) throw;
            track.failure = files::FileFailure{file.path, error.code(), error.what()};
        }
        return track;
    }

  private:
    Set make() const {
        Set ears;
        for (const Model& model : models_) ears.push_back(std::make_unique<ModelEar>(model));
        return ears;
    }

    Set lend() {
        {
            const std::lock_guard lock(mutex_);
            if (!idle_.empty()) {
                Set ears = std::move(idle_.back());
                idle_.pop_back();
                return ears;
            }
        }
        return make();
    }

    const std::vector<Model>& models_;
    const FolderOptions& options_;
    base::SpareThreads spare_;
    std::mutex mutex_;
    std::vector<Set> idle_;
    std::size_t size_ = 0;
};

}  // namespace

StoreSummary create_embedding_store(const fs::path& folder, const fs::path& output, const std::vector<Model>& models,
                                    const FolderOptions& options) {
    TrackFolder found = find_files(folder, options);
    const bool many = found.labelling.many;
    ModelEars ears(models, options);
    FeatureOptions features;
    features.kind = table_kind;
    features.coefficients = static_cast<int>(ears.size());
    SegmentOptions segments;
    segments.seconds = 1.0;
    segments.frames = 1;
    validate(segments, features);
    StoreWriter writer(output, features, segments, found.labelling);
    StoreSummary summary = analyze_files(
        folder, std::move(found), options, ears.spare(), [&](const TrackFile& file) { return ears.analyze(file); },
        [&](const TrackFile& file, AnalyzedTrack& track) { add_track(writer, many, file, track); });
    summary.copies = writer.commit(summary.labels, options.jobs, options.stop);
    return summary;
}

}  // namespace earmark::dataset
