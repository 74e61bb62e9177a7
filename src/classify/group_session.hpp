#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/parallel.hpp"
#include "classify/session.hpp"
#include "earmark/classifier.hpp"

namespace earmark::classify {

/// What one thread needs to analyze one file after the other with several models, each file decoded once. One that threw is
/// to be discarded.
class GroupSession {
  public:
    /// @param models  at least one; must outlive it
    explicit GroupSession(std::span<const Model> models);

    Session& session(std::size_t index) { return *sessions_[index]; }

    /// The rate at which `analyze` wants readers to be opened: see ClassifierGroup::sample_rate.
    static int sample_rate(std::span<const Model> models) noexcept;

    /// Analyzes a file, buffer or stream, which errors call `where`: all of it, or `excerpts` segments. Takes a thread of
    /// `spare` to decode on when there is one. @return a prediction a model
    std::vector<Prediction> analyze(AudioReader reader, const ClassifyOptions& options, const std::string& where,
                                    base::SpareThreads* spare);

    /// Analyzes samples of any rate and channel count.
    std::vector<Prediction> analyze(const Samples& samples);

  private:
    class Shared;

    int excerpts(const ClassifyOptions& options, std::size_t session) const;
    void analyze_alone(AudioReader reader, std::size_t session, int count, const std::string& where,
                       base::SpareThreads* spare);
    void analyze_together(AudioReader reader, const ClassifyOptions& options, const std::string& where,
                          base::SpareThreads* spare);

    std::vector<std::unique_ptr<Session>> sessions_;
    std::vector<Prediction> predictions_;
};

/// Notes in all predictions on a track what one of them found to be no music, other than silence, which is to each what it
/// heard itself.
void share_not_music(std::vector<Prediction>& predictions);

}  // namespace earmark::classify
