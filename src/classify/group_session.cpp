#include "classify/group_session.hpp"

#include <algorithm>
#include <compare>
#include <cstdint>
#include <limits>
#include <map>
#include <utility>

#include "audio/mixing/sample_mixer.hpp"
#include "audio/resampling/shared_decoding.hpp"
#include "audio/sample_source.hpp"
#include "base/throw.hpp"

namespace earmark::classify {

/// One file that is decoded once for several sessions: some are given all of it, others single segments.
class GroupSession::Shared {
  public:
    Shared(GroupSession& group, AudioReader reader, const ClassifyOptions& options)
        : group_(group), seconds_(seconds_of(reader, options)), decoding_(std::move(reader)) {
        std::map<int, std::vector<std::size_t>> whole;  // by rate
        std::vector<std::pair<std::size_t, std::vector<std::int64_t>>> excerpted;
        for (std::size_t i = 0; i < group.sessions_.size(); ++i) {
            Session& session = *group.sessions_[i];
            std::vector<std::int64_t> chosen;
            if (const int count = group.excerpts(options, i); count > 0)
                chosen = session.begin_excerpts(seconds_, count);
            if (chosen.empty()) {
                session.begin();
                whole[session.model().features.sample_rate].push_back(i);
            } else {
                excerpted.emplace_back(i, std::move(chosen));
            }
        }
        for (auto& [rate, sessions] : whole) add_reader(rate, std::move(sessions));
        whole_readers_ = readers_.size();
        if (whole_readers_ > 0) decoding_.keep_whole();
        for (const auto& [session, segments] : excerpted) {
            for (const std::int64_t segment : segments) {
                planned_.push_back({group.sessions_[session]->segment_start(segment), readers_.size(), segment});
            }
            add_reader(group.sessions_[session]->model().features.sample_rate, {session});
        }
        // In the order of time, so that what was decoded can be let go of.
        std::ranges::sort(planned_);
        for (std::size_t i = whole_readers_; i < readers_.size(); ++i) release(i);
    }

    /// A reader of the same file, from its beginning, at the rate of a session.
    AudioReader reopen(const Session& session) const {
        return AudioReader(readers_.front().audio.source().reopen(session.model().features.sample_rate));
    }

    /// Reads all that is to be read, with one thread more as soon as there is one.
    void read(base::SpareThreads* spare) {
        base::SpareThreads::Loan thread(spare);
        std::vector<Reader*> unread;
        for (std::size_t i = 0; i < whole_readers_; ++i) unread.push_back(&readers_[i]);
        const auto reached = [](const Reader* reader) {
            return static_cast<double>(reader->audio.position()) / reader->audio.sample_rate();
        };
        while (!unread.empty()) {
            if (thread.take()) unread.front()->audio.decode_ahead();
            const auto behind = std::ranges::min_element(unread, {}, reached);
            read_excerpts(reached(*behind));
            const std::span<const float> samples = (*behind)->audio.read();
            for (const std::size_t session : (*behind)->sessions) group_.sessions_[session]->push(samples);
            if (samples.empty()) unread.erase(behind);
        }
        read_excerpts(std::numeric_limits<double>::infinity());
    }

    /// Notes the predictions. @return the sessions that could not be given their segments
    std::vector<std::size_t> finish(const std::string& where) {
        std::vector<std::size_t> failed;
        for (std::size_t i = 0; i < readers_.size(); ++i) {
            for (const std::size_t session : readers_[i].sessions) {
                if (readers_[i].failed) {
                    failed.push_back(session);
                    continue;
                }
                Session& each = *group_.sessions_[session];
                Prediction& prediction = group_.predictions_[session];
                prediction = i < whole_readers_ ? each.finish(where) : each.finish_excerpts(seconds_);
                prediction.warnings = readers_[i].audio.warnings();
            }
        }
        return failed;
    }

  private:
    struct Reader {
        AudioReader audio;
        std::vector<std::size_t> sessions;
        bool failed = false;
    };

    /// A segment that one of the readers is read for.
    struct Excerpt {
        double start = 0.0;  // seconds
        std::size_t reader = 0;
        std::int64_t segment = 0;

        auto operator<=>(const Excerpt&) const = default;
    };

    static double seconds_of(AudioReader& reader, const ClassifyOptions& options) {
        const bool any =
            options.excerpts > 0 || std::ranges::any_of(options.excerpts_by_model, [](int count) { return count > 0; });
        return any ? reader.seconds() : 0.0;
    }

    void add_reader(int rate, std::vector<std::size_t> sessions) {
        readers_.push_back({decoding_.open(rate), std::move(sessions)});
    }

    /// Reads the segments that end before a time which all readers of the whole have reached.
    void read_excerpts(double seconds) {
        constexpr double trail = 0.5;  // of a segment's last frames, generously
        for (; next_ < planned_.size(); ++next_) {
            const Excerpt& excerpt = planned_[next_];
            Reader& reader = readers_[excerpt.reader];
            Session& session = *group_.sessions_[reader.sessions.front()];
            if (excerpt.start + session.model().segments.seconds + trail > seconds) return;
            if (!reader.failed) reader.failed = !session.read_excerpt(reader.audio, excerpt.segment);
            release(excerpt.reader, next_ + 1);
        }
    }

    /// Lets go of what a reader does not need up to its next segment.
    void release(std::size_t reader, std::size_t from = 0) {
        const auto next = std::find_if(planned_.begin() + static_cast<std::ptrdiff_t>(from), planned_.end(),
                                       [&](const Excerpt& excerpt) { return excerpt.reader == reader; });
        const bool done = next == planned_.end() || readers_[reader].failed;
        decoding_.release(reader, done ? std::numeric_limits<double>::infinity() : next->start);
    }

    GroupSession& group_;
    double seconds_;
    audio::SharedDecoding decoding_;
    std::vector<Reader> readers_;  // first those of the whole, then one for each other session
    std::size_t whole_readers_ = 0;
    std::vector<Excerpt> planned_;
    std::size_t next_ = 0;  // of them
};

GroupSession::GroupSession(std::span<const Model> models) {
    for (const Model& model : models) sessions_.push_back(std::make_unique<Session>(model));
}

int GroupSession::sample_rate(std::span<const Model> models) noexcept {
    return models.size() == 1 ? models.front().features.sample_rate : 0;
}

std::vector<Prediction> GroupSession::analyze(AudioReader reader, const ClassifyOptions& options,
                                              const std::string& where, base::SpareThreads* spare) {
    predictions_.assign(sessions_.size(), {});
    if (sessions_.size() == 1) {
        analyze_alone(std::move(reader), 0, excerpts(options, 0), where, spare);
    } else {
        analyze_together(std::move(reader), options, where, spare);
    }
    share_not_music(predictions_);
    return std::move(predictions_);
}

std::vector<Prediction> GroupSession::analyze(const Samples& samples) {
    std::vector<Prediction> predictions;
    for (const auto& session : sessions_) {
        audio::SampleMixer mixer(samples, session->model().features.sample_rate);
        session->begin();
        for (auto mono = mixer.read(); !mono.empty(); mono = mixer.read()) session->push(mono);
        predictions.push_back(session->finish("the signal"));
        predictions.back().warnings = mixer.warnings();
    }
    share_not_music(predictions);
    return predictions;
}

int GroupSession::excerpts(const ClassifyOptions& options, std::size_t session) const {
    return options.excerpts_by_model.empty() ? options.excerpts : options.excerpts_by_model[session];
}

/// Analyzes a file with one model.
void GroupSession::analyze_alone(AudioReader reader, std::size_t index, int count, const std::string& where,
                                 base::SpareThreads* spare) {
    Session& session = *sessions_[index];
    Prediction& prediction = predictions_[index];
    if (count > 0) {
        const double seconds = reader.seconds();
        const std::vector<std::int64_t> chosen = session.begin_excerpts(seconds, count);
        const bool complete = !chosen.empty() && std::ranges::all_of(chosen, [&](std::int64_t segment) {
            return session.read_excerpt(reader, segment);
        });
        if (complete) {
            prediction = session.finish_excerpts(seconds);
            prediction.warnings = reader.warnings();
            return;
        }
        reader = reader.reopen();
    }
    base::SpareThreads::Loan thread(spare);
    session.begin();
    if (thread.take()) reader.decode_ahead();
    for (auto samples = reader.read(); !samples.empty(); samples = reader.read()) {
        session.push(samples);
        if (thread.take()) reader.decode_ahead();
    }
    prediction = session.finish(where);
    prediction.warnings = reader.warnings();
}

/// Analyzes a file with all models on one decoding; where that cannot be, each has one of its own.
void GroupSession::analyze_together(AudioReader reader, const ClassifyOptions& options, const std::string& where,
                                    base::SpareThreads* spare) {
    Shared shared(*this, std::move(reader), options);
    try {
        shared.read(spare);
        for (const std::size_t failed : shared.finish(where)) {
            analyze_alone(shared.reopen(*sessions_[failed]), failed, 0, where, spare);
        }
    } catch (const audio::SharedDecoding::CannotShare&) {
        for (std::size_t i = 0; i < sessions_.size(); ++i) {
            sessions_[i] = std::make_unique<Session>(sessions_[i]->model());
            analyze_alone(shared.reopen(*sessions_[i]), i, excerpts(options, i), where, spare);
        }
    }
}

void share_not_music(std::vector<Prediction>& predictions) {
    const auto found = std::ranges::find_if(predictions, [](const Prediction& prediction) {
        return prediction.not_music && *prediction.not_music != "silence";
    });
    if (found == predictions.end()) return;
    const std::string kind = *found->not_music;
    for (Prediction& prediction : predictions) {
        if (!prediction.not_music) prediction.not_music = kind;
    }
}

}  // namespace earmark::classify
