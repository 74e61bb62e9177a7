#include "baselines/support_vectors.hpp"

#include <fmt/format.h>
#include <libsvm/svm.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <mutex>
#include <numeric>

#include "base/parallel.hpp"
#include "base/random.hpp"
#include "base/throw.hpp"
#include "baselines/training_part.hpp"

namespace earmark::baselines {

namespace {

constexpr std::array costs{1.0, 4.0, 16.0, 64.0};
constexpr std::array gammas{0x1p-9, 0x1p-7, 0x1p-5, 0x1p-3};
constexpr std::size_t folds = 3;
constexpr double cache_megabytes = 200.0;
constexpr double tolerance = 1e-3;  // libsvm's own default

/// Vectors as libsvm takes them: entries with their numbers from 1 on, and one with -1 at the end.
class Vectors {
  public:
    explicit Vectors(std::size_t width) : width_(width) {}

    void add(const std::vector<double>& values) {
        for (std::size_t i = 0; i < width_; ++i) nodes_.push_back({static_cast<int>(i) + 1, values[i]});
        nodes_.push_back({-1, 0.0});
    }
    svm_node* operator[](std::size_t i) { return &nodes_[i * (width_ + 1)]; }
    const svm_node* operator[](std::size_t i) const { return &nodes_[i * (width_ + 1)]; }

  private:
    std::size_t width_;
    std::vector<svm_node> nodes_;
};

/// All segments of the data as libsvm takes them.
struct Samples {
    Vectors vectors;
    std::vector<int> labels;
    std::vector<int> tracks;
    std::size_t classes;
};

struct Setting {
    double cost;
    double gamma;
};

/// Segments to learn from, and segments to be judged then.
struct Trial {
    std::vector<std::int64_t> learn;
    std::vector<std::int64_t> predict;
};

Samples standardised(const dataset::FeatureStore& data, const std::vector<std::int64_t>& training) {
    const std::size_t width = data.segment_size() / static_cast<std::size_t>(data.segments.frames);
    std::vector<std::vector<double>> rows;
    for (std::int64_t i = 0; i < data.segment_count(); ++i) rows.push_back(segment_statistics(data.segment(i), width));
    const auto count = static_cast<double>(training.size());
    for (std::size_t column = 0; column < 4 * width; ++column) {
        double mean = 0.0;
        double variance = 0.0;
        for (const std::int64_t i : training) mean += rows[static_cast<std::size_t>(i)][column] / count;
        for (const std::int64_t i : training) {
            const double difference = rows[static_cast<std::size_t>(i)][column] - mean;
            variance += difference * difference / count;
        }
        const double deviation = variance > 0.0 ? std::sqrt(variance) : 1.0;
        for (std::vector<double>& row : rows) row[column] = (row[column] - mean) / deviation;
    }
    Samples samples{Vectors(4 * width), data.segment_labels(), data.segment_tracks(), data.labels.size()};
    for (const std::vector<double>& row : rows) samples.vectors.add(row);
    return samples;
}

/// A trained machine. It refers to the vectors it was trained on.
class Machine {
  public:
    Machine(std::shared_ptr<Samples> samples, const std::vector<std::int64_t>& training, const Setting& setting)
        : samples_(std::move(samples)) {
        static std::once_flag silenced;
        std::call_once(silenced, [] { svm_set_print_string_function([](const char*) {}); });
        for (const std::int64_t i : training) {
            const auto segment = static_cast<std::size_t>(i);
            targets_.push_back(samples_->labels[segment]);
            rows_.push_back(samples_->vectors[segment]);
        }
        const svm_problem problem{static_cast<int>(rows_.size()), targets_.data(), rows_.data()};
        svm_parameter parameter{};
        parameter.svm_type = C_SVC;
        parameter.kernel_type = RBF;
        parameter.gamma = setting.gamma;
        parameter.C = setting.cost;
        parameter.cache_size = cache_megabytes;
        parameter.eps = tolerance;
        parameter.shrinking = 1;
        model_.reset(svm_train(&problem, &parameter));
    }

    /// Wins of each genre, and margins for less than a third of a win.
    std::vector<double> scores(std::int64_t segment) const {
        const auto classes = static_cast<std::size_t>(svm_get_nr_class(model_.get()));
        std::vector<int> labels(classes);
        svm_get_labels(model_.get(), labels.data());
        std::vector<double> decisions(classes * (classes - 1) / 2);
        svm_predict_values(model_.get(), samples_->vectors[static_cast<std::size_t>(segment)], decisions.data());
        std::vector<double> margins(samples_->classes, 0.0);
        std::vector<double> result(samples_->classes, 0.0);
        const double* decision = decisions.data();
        for (std::size_t a = 0; a < classes; ++a) {
            for (std::size_t b = a + 1; b < classes; ++b, ++decision) {
                const auto first = static_cast<std::size_t>(labels[a]);
                const auto second = static_cast<std::size_t>(labels[b]);
                result[*decision > 0.0 ? first : second] += 1.0;
                margins[first] += *decision;
                margins[second] -= *decision;
            }
        }
        for (std::size_t i = 0; i < result.size(); ++i) result[i] += margins[i] / (3.0 * (1.0 + std::abs(margins[i])));
        return result;
    }

  private:
    struct Free {
        void operator()(svm_model* model) const { svm_free_and_destroy_model(&model); }
    };
    std::shared_ptr<Samples> samples_;
    std::vector<double> targets_;
    std::vector<svm_node*> rows_;
    std::unique_ptr<svm_model, Free> model_;
};

/// Segments with their scores for each genre.
struct Scored {
    std::vector<int> labels;
    std::vector<std::vector<double>> scores;

    std::int64_t right() const {
        std::int64_t count = 0;
        for (std::size_t i = 0; i < labels.size(); ++i) {
            const std::vector<double>& row = scores[i];
            count += std::max_element(row.begin(), row.end()) - row.begin() == labels[i] ? 1 : 0;
        }
        return count;
    }
};

std::vector<double> softmax(const std::vector<double>& scores, double sharpness) {
    const double highest = *std::max_element(scores.begin(), scores.end());
    std::vector<double> result;
    for (const double score : scores) result.push_back(std::exp(sharpness * (score - highest)));
    const double sum = std::accumulate(result.begin(), result.end(), 0.0);
    for (double& value : result) value /= sum;
    return result;
}

/// The factor before softmax with the least cross-entropy, to one percent: it has one minimum, which is searched by
/// thirds on a logarithmic scale.
double best_sharpness(const Scored& scored) {
    const auto loss = [&](double logarithm) {
        double sum = 0.0;
        for (std::size_t i = 0; i < scored.labels.size(); ++i) {
            const std::vector<double> probabilities = softmax(scored.scores[i], std::exp(logarithm));
            sum -= std::log(std::max(probabilities[static_cast<std::size_t>(scored.labels[i])], 1e-300));
        }
        return sum;
    };
    double low = std::log(1e-2);
    double high = std::log(1e2);
    while (high - low > 0.01) {
        const double a = low + (high - low) / 3.0;
        const double b = high - (high - low) / 3.0;
        if (loss(a) <= loss(b)) {
            high = b;
        } else {
            low = a;
        }
    }
    return std::exp(0.5 * (low + high));
}

/// Three folds of whole tracks, drawn genre by genre.
std::vector<Trial> trials_within(const Samples& samples, const std::vector<std::int64_t>& training,
                                 std::uint64_t seed) {
    std::vector<std::vector<int>> of_genre(samples.classes);
    for (const std::int64_t segment : training) {
        const auto i = static_cast<std::size_t>(segment);
        std::vector<int>& tracks = of_genre[static_cast<std::size_t>(samples.labels[i])];
        if (tracks.empty() || tracks.back() != samples.tracks[i]) tracks.push_back(samples.tracks[i]);
    }
    base::Random random(seed, "support vector folds");
    std::vector<std::size_t> fold_of(static_cast<std::size_t>(samples.tracks.back()) + 1, 0);
    for (std::vector<int>& tracks : of_genre) {
        if (!tracks.empty() && tracks.size() < folds) {
            base::fail(
                ErrorCode::bad_data,
                "a genre has {} tracks in the training part, too few for the {} folds by which cost and gamma are "
                "chosen. Use a split with a validation part.",
                tracks.size(), folds);
        }
        random.shuffle(std::span(tracks));
        for (std::size_t i = 0; i < tracks.size(); ++i) fold_of[static_cast<std::size_t>(tracks[i])] = i % folds;
    }
    std::vector<Trial> trials(folds);
    for (const std::int64_t segment : training) {
        const std::size_t fold = fold_of[static_cast<std::size_t>(samples.tracks[static_cast<std::size_t>(segment)])];
        for (std::size_t i = 0; i < folds; ++i) (i == fold ? trials[i].predict : trials[i].learn).push_back(segment);
    }
    return trials;
}

std::vector<Setting> settings_of(const SupportVectorOptions& options) {
    const auto check = [](const char* name, std::optional<double> value) {
        if (value && !(*value > 0.0 && std::isfinite(*value))) {
            base::fail(ErrorCode::bad_option, "`{}` {}: give a number above 0.", name, *value);
        }
    };
    check("cost", options.cost);
    check("gamma", options.gamma);
    std::vector<Setting> settings;
    for (const double cost : options.cost ? std::vector{*options.cost} : std::vector(costs.begin(), costs.end())) {
        for (const double gamma :
             options.gamma ? std::vector{*options.gamma} : std::vector(gammas.begin(), gammas.end())) {
            settings.push_back({cost, gamma});
        }
    }
    return settings;
}

/// The best setting, and what it said of the segments by which it was chosen.
std::pair<Setting, Scored> choose(const std::shared_ptr<Samples>& samples, const std::vector<Trial>& trials,
                                  const SupportVectorOptions& options) {
    const std::vector<Setting> settings = settings_of(options);
    std::vector<Scored> parts(settings.size() * trials.size());
    const auto work = [&](std::int64_t index) {
        const auto place = static_cast<std::size_t>(index);
        const Trial& trial = trials[place % trials.size()];
        const Machine machine(samples, trial.learn, settings[place / trials.size()]);
        for (const std::int64_t segment : trial.predict) {
            parts[place].labels.push_back(samples->labels[static_cast<std::size_t>(segment)]);
            parts[place].scores.push_back(machine.scores(segment));
        }
    };
    if (!base::parallel_for(static_cast<std::int64_t>(parts.size()), options.jobs, work, options.stop)) stopped_early();
    std::optional<Setting> best;
    Scored best_scored;
    for (std::size_t i = 0; i < settings.size(); ++i) {
        Scored all;
        for (std::size_t k = 0; k < trials.size(); ++k) {
            const Scored& part = parts[i * trials.size() + k];
            all.labels.insert(all.labels.end(), part.labels.begin(), part.labels.end());
            all.scores.insert(all.scores.end(), part.scores.begin(), part.scores.end());
        }
        if (best && all.right() <= best_scored.right()) continue;
        best = settings[i];
        best_scored = std::move(all);
    }
    return {*best, best_scored};
}

}  // namespace

std::vector<double> segment_statistics(std::span<const float> segment, std::size_t width) {
    const std::size_t frames = segment.size() / width;
    std::vector<double> result(4 * width, 0.0);
    // Mean and deviation of `count` values of a column, to where they belong.
    const auto describe = [&](std::size_t place, std::size_t count, auto value) {
        if (count == 0) return;
        double mean = 0.0;
        double variance = 0.0;
        for (std::size_t i = 0; i < count; ++i) mean += value(i) / static_cast<double>(count);
        for (std::size_t i = 0; i < count; ++i) {
            variance += (value(i) - mean) * (value(i) - mean) / static_cast<double>(count);
        }
        result[place] = mean;
        result[place + width] = std::sqrt(variance);
    };
    for (std::size_t column = 0; column < width; ++column) {
        const auto value = [&](std::size_t i) { return static_cast<double>(segment[i * width + column]); };
        describe(column, frames, value);
        describe(2 * width + column, frames - 1, [&](std::size_t i) { return value(i + 1) - value(i); });
    }
    return result;
}

evaluation::Predictor support_vectors(const dataset::FeatureStore& data, const dataset::Split& split,
                                      const SupportVectorOptions& options) {
    const std::vector<std::int64_t> training = training_part(data, split);
    const auto samples = std::make_shared<Samples>(standardised(data, training));
    const int first_label = samples->labels[static_cast<std::size_t>(training.front())];
    if (std::all_of(training.begin(), training.end(), [&](std::int64_t segment) {
            return samples->labels[static_cast<std::size_t>(segment)] == first_label;
        })) {
        base::fail(ErrorCode::bad_data,
                   "The training part of the split ({}) holds one genre only. Choose another split.",
                   split.description);
    }
    std::vector<Trial> trials{{training, split.segments(dataset::Part::valid)}};
    if (trials[0].predict.empty()) trials = trials_within(*samples, training, options.seed);
    const auto [setting, scored] = choose(samples, trials, options);
    const double sharpness = best_sharpness(scored);
    const auto machine = std::make_shared<const Machine>(samples, training, setting);
    const auto predict = [=](std::span<const std::int64_t> segments) {
        std::vector<float> probabilities(segments.size() * samples->classes);
        const auto work = [&](std::int64_t index) {
            const auto i = static_cast<std::size_t>(index);
            const std::vector<double> row = softmax(machine->scores(segments[i]), sharpness);
            std::copy(row.begin(), row.end(),
                      probabilities.begin() + static_cast<std::ptrdiff_t>(i * samples->classes));
        };
        if (!base::parallel_for(static_cast<std::int64_t>(segments.size()), options.jobs, work, options.stop)) {
            stopped_early();
        }
        return probabilities;
    };
    return {.name = fmt::format("svm, cost {:.4g}, gamma {:.4g}", setting.cost, setting.gamma),
            .labels = data.labels,
            .trained_on = evaluation::known_tracks(data, dataset::tracks_of(data, split, dataset::Part::train)),
            .probabilities = predict,
            .data_fingerprint = data.fingerprint()};
}

}  // namespace earmark::baselines
