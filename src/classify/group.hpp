#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "classify/group_session.hpp"
#include "earmark/classifier_group.hpp"

namespace earmark::classify {

/// Models, and the sessions that work with them: what Classifier and ClassifierGroup share. Thread-safe.
class Group {
  public:
    /// @throws Error corrupt; bad_option when there is no model
    explicit Group(std::vector<Model> models);

    const std::vector<Model>& models() const noexcept { return models_; }
    int sample_rate() const noexcept { return GroupSession::sample_rate(models_); }

    /// Lends a session, made when all are lent out. One that threw is discarded.
    template <typename Use>
    auto with_session(Use use) {
        std::unique_ptr<GroupSession> session;
        {
            const std::scoped_lock lock(mutex_);
            if (!idle_.empty()) {
                session = std::move(idle_.back());
                idle_.pop_back();
            }
        }
        if (!session) session = std::make_unique<GroupSession>(models_);
        auto result = use(*session);
        const std::scoped_lock lock(mutex_);
        idle_.push_back(std::move(session));
        return result;
    }

    /// Analyzes one file, buffer or stream.
    template <typename Audio>
    std::vector<Prediction> classify(Audio&& audio, const ClassifyOptions& options, const std::string& where) {
        check(options);
        return classify(AudioReader(std::forward<Audio>(audio), {.sample_rate = sample_rate(), .name = options.name}),
                        options, where);
    }

    std::vector<Prediction> classify(AudioReader reader, const ClassifyOptions& options, const std::string& where);
    std::vector<Prediction> classify(const Samples& samples);

    void classify_all(std::span<const std::filesystem::path> files, const ClassifyOptions& options,
                      const Sink<std::size_t, const ClassifierGroup::Result&>& take, const Classifier::Open& open);

  private:
    void check(const ClassifyOptions& options) const;

    std::vector<Model> models_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<GroupSession>> idle_;
};

/// What errors call a buffer, a stream or a reader.
std::string name_or(const ClassifyOptions& options, const char* otherwise);

}  // namespace earmark::classify
