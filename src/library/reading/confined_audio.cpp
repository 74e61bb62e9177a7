#include "library/reading/confined_audio.hpp"

#include <algorithm>
#include <cmath>

namespace earmark::library {

using confine::MessageReader;
using confine::MessageWriter;
using protocol::Request;

namespace {

constexpr int highest_rate = 16'000'000;
constexpr int most_channels = 1 << 16;

/// Copies samples. @return whether each is a number that a decoder may give
bool copy_checked(const float* from, std::size_t count, std::vector<float>& to) {
    to.assign(from, from + count);
    // What was copied is looked at: the process may change what it wrote.
    bool good = true;
    for (const float sample : to) good &= std::fabs(sample) <= protocol::loudest_sample;
    return good;
}

}  // namespace

ConfinedAudio::ConfinedAudio(std::shared_ptr<ReadingSession> session, int sample_rate)
    : session_(std::move(session)), asked_rate_(sample_rate) {
    session_->run([this](confine::Worker& worker) { start(worker); });
    process_ = session_->process();
}

std::unique_ptr<audio::SampleSource> ConfinedAudio::reopen(int sample_rate) const {
    return std::make_unique<ConfinedAudio>(session_->another(), sample_rate);
}

/// As ReadingSession::run. In a fresh process, what led to where this stands is repeated.
template <typename Use>
auto ConfinedAudio::run(Use use) {
    return session_->run([&](confine::Worker& worker) {
        if (session_->process() != process_) repeat(worker);
        return use(worker);
    });
}

void ConfinedAudio::start(confine::Worker& worker) {
    MessageWriter message = ReadingSession::request(Request::open_audio);
    message.integer(asked_rate_);
    ReadingSession::ask(worker, message, [this](MessageReader& answer) {
        info_.container = answer.text(protocol::longest_name);
        info_.codec = answer.text(protocol::longest_name);
        info_.sample_rate = static_cast<int>(answer.integer(1, highest_rate));
        info_.channels = static_cast<int>(answer.integer(1, most_channels));
        info_.declared_seconds = answer.real(0.0, protocol::longest_seconds);
        sample_rate_ = static_cast<int>(answer.integer(1, highest_rate));
        if (asked_rate_ != 0 && sample_rate_ != asked_rate_) answer.refuse();
        return true;
    });
}

void ConfinedAudio::repeat(confine::Worker& worker) {
    process_ = session_->process();
    requested_ = 0;
    start(worker);
    std::int64_t position = 0;
    for (const auto& [from, to] : skipped_) {
        discard(worker, from - position);
        MessageWriter message = ReadingSession::request(Request::skip_to);
        message.integer(to);
        ReadingSession::ask(worker, message, [](MessageReader& answer) { return answer.integer(1, 1); });
        position = to;
    }
    discard(worker, fetched_ - position);
}

/// Has samples decoded that were decoded before.
void ConfinedAudio::discard(confine::Worker& worker, std::int64_t samples) {
    while (samples > 0) {
        const std::int64_t count = std::min<std::int64_t>(samples, protocol::half_samples);
        MessageWriter message = ReadingSession::request(Request::read);
        message.integer(0).integer(count);
        ReadingSession::ask(worker, message, [&](MessageReader& answer) {
            answer.integer(count, count);
            answer.integer(0, 1);
            answer.integer(0, 1);
            for (std::int64_t left = answer.integer(0, protocol::most_warnings); left > 0; --left) answer.text();
            return true;
        });
        samples -= count;
    }
}

void ConfinedAudio::request(confine::Worker& worker, std::size_t samples) {
    requested_ = samples;
    half_ = 1 - half_;
    MessageWriter message = ReadingSession::request(Request::read);
    message.integer(static_cast<std::int64_t>(half_)).integer(static_cast<std::int64_t>(samples));
    worker.send(message);
}

/// Takes the samples that were requested.
void ConfinedAudio::take(confine::Worker& worker) {
    const std::size_t requested = std::exchange(requested_, 0);
    ReadingSession::receive(worker, [&](MessageReader& answer) {
        const auto count = static_cast<std::size_t>(answer.integer(0, static_cast<std::int64_t>(requested)));
        const bool ended = answer.integer(0, 1) != 0;
        const bool rate_changed = answer.integer(0, 1) != 0;
        std::vector<std::string> warnings(static_cast<std::size_t>(answer.integer(0, protocol::most_warnings)));
        for (std::string& warning : warnings) warning = answer.text(protocol::longest_warning);
        const float* const from = static_cast<const float*>(worker.memory().data()) + half_ * protocol::half_samples;
        if ((count < requested && !ended) || !copy_checked(from, count, samples_)) answer.refuse();
        warnings_ = std::move(warnings);
        ended_ = ended;
        rate_changed_ = rate_changed;
        return true;
    });
    ready_ = samples_;
    fetched_ += std::ssize(samples_);
}

void ConfinedAudio::fetch(std::size_t most) {
    run([&](confine::Worker& worker) {
        if (requested_ == 0) request(worker, ahead_ ? protocol::half_samples : std::min(most, protocol::half_samples));
        take(worker);
        if (ahead_ && !ended_) request(worker, protocol::half_samples);
    });
    if (ended_) session_->check_unchanged();
}

std::span<const float> ConfinedAudio::read(std::size_t most) {
    if (ready_.empty() && !ended_ && most > 0) fetch(most);
    const std::span<const float> samples = ready_.first(std::min(most, ready_.size()));
    ready_ = ready_.subspan(samples.size());
    position_ += std::ssize(samples);
    return samples;
}

bool ConfinedAudio::skip_to(std::int64_t sample) {
    const std::int64_t near = std::clamp<std::int64_t>(sample - position_, 0, std::ssize(ready_));
    ready_ = ready_.subspan(static_cast<std::size_t>(near));
    position_ += near;
    if (position_ == sample) return true;
    if (position_ > sample || ended_ || requested_ > 0) return false;
    const bool reached = run([&](confine::Worker& worker) {
        MessageWriter message = ReadingSession::request(Request::skip_to);
        message.integer(sample);
        return ReadingSession::ask(worker, message, [](MessageReader& answer) { return answer.integer(0, 1) != 0; });
    });
    if (!reached) return false;
    skipped_.emplace_back(position_, sample);
    position_ = fetched_ = sample;
    return true;
}

double ConfinedAudio::seconds() {
    if (seconds_ > 0.0) return seconds_;
    seconds_ = run([this](confine::Worker& worker) {
        if (requested_ > 0) {  // answers come in turn
            const std::vector<float> rest(ready_.begin(), ready_.end());
            take(worker);
            samples_.insert(samples_.begin(), rest.begin(), rest.end());
            ready_ = samples_;
        }
        return ReadingSession::ask(worker, ReadingSession::request(Request::seconds),
                                   [](MessageReader& answer) { return answer.real(0.0, protocol::longest_seconds); });
    });
    return seconds_;
}

}  // namespace earmark::library
