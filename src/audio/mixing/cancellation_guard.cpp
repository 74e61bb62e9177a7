#include "audio/mixing/cancellation_guard.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace earmark::audio {

namespace {

constexpr int cells_a_second = 10;
constexpr std::int64_t longest_cell = 1 << 14;  // samples, so that many channels at a high rate take little memory

/// Energies are measured in steps of 16 bits, so that those of faint sounds are normal numbers.
constexpr float step = 32768.0F;

constexpr double cancelled_share = 0.01;    // of the energy that the mean of unrelated channels has
constexpr double alike_share = 0.5;         // of the loudest channel's energy: such channels are as good
constexpr double least_energy = 8.0 * 8.0;  // of a sample, on average, in steps: -72 dB

constexpr double told_seconds = 1.0;
constexpr double told_share = 0.1;

/// The sum of squares, in steps of 16 bits.
double energy(std::span<const float> samples) {
    std::array<float, 16> lanes{};
    std::size_t i = 0;
    for (; i + lanes.size() <= samples.size(); i += lanes.size()) {
        for (std::size_t lane = 0; lane < lanes.size(); ++lane) {
            const float value = samples[i + lane] * step;
            lanes[lane] += value * value;
        }
    }
    double sum = 0.0;
    for (const float lane : lanes) sum += static_cast<double>(lane);
    for (; i < samples.size(); ++i) {
        const double value = static_cast<double>(samples[i] * step);
        sum += value * value;
    }
    return sum;
}

}  // namespace

CancellationGuard::CancellationGuard(int sample_rate)
    : sample_rate_(std::max(1, sample_rate)),
      cell_(std::clamp<std::int64_t>(sample_rate / cells_a_second, 1, longest_cell)) {}

std::int64_t CancellationGuard::start_for(std::int64_t sample) const noexcept {
    return std::max<std::int64_t>(0, (sample / cell_ - 1) * cell_);
}

void CancellationGuard::restart(std::int64_t position) {
    position_ = position;
    mean_.clear();
    for (std::vector<float>& channel : channels_) channel.clear();
    previous_ = unknown;
}

void CancellationGuard::push(std::span<const float> mean, KeptChannels channels, std::vector<float>& out) {
    if (channels.count != count_) {
        flush(out);
        count_ = channels.count;
        channels_.resize(static_cast<std::size_t>(channels.kept));
        previous_ = unknown;
    }
    while (!mean.empty()) {
        const auto room = static_cast<std::size_t>(cell_ - position_ % cell_);
        const std::span<const float> taken = mean.first(std::min(room, mean.size()));
        mean_.insert(mean_.end(), taken.begin(), taken.end());
        for (int c = 0; c < channels.kept; ++c) {
            std::vector<float>& kept = channels_[static_cast<std::size_t>(c)];
            kept.insert(kept.end(), channels.channel(c), channels.channel(c) + taken.size());
        }
        mean = mean.subspan(taken.size());
        channels.drop(taken.size());
        position_ += std::ssize(taken);
        // A single channel need not wait.
        if (position_ % cell_ == 0 || channels.kept == 0) decide(out);
    }
}

void CancellationGuard::flush(std::vector<float>& out) {
    if (!mean_.empty()) decide(out);
}

/// The channel that is heard in this cell, or the mean.
int CancellationGuard::choose() {
    if (channels_.empty()) return the_mean;
    energies_.clear();
    for (const std::vector<float>& channel : channels_) energies_.push_back(energy(channel));
    const double greatest = *std::ranges::max_element(energies_);
    if (greatest < least_energy * static_cast<double>(mean_.size())) return the_mean;
    // Where two cancel, the other has the energy of the first.
    double sum = count_ == 2 ? 2.0 * energies_[0] : 0.0;
    if (count_ > 2) {
        for (const double each : energies_) sum += each;
    }
    if (energy(mean_) > cancelled_share * sum / (static_cast<double>(count_) * count_)) return the_mean;
    // The first one that will do, since the loudest may be another one in each cell.
    const auto found = std::ranges::find_if(energies_, [&](double each) { return each >= alike_share * greatest; });
    return static_cast<int>(found - energies_.begin());
}

const float* CancellationGuard::source(int choice) const {
    return choice == the_mean ? mean_.data() : channels_[static_cast<std::size_t>(choice)].data();
}

/// Hands out the cell.
void CancellationGuard::decide(std::vector<float>& out) {
    const int choice = choose();
    const float* const from = source(choice);
    const std::size_t first = out.size();
    out.insert(out.end(), from, from + mean_.size());
    if (previous_ != unknown && previous_ != choice) {
        const float* const before = source(previous_);
        const auto fade = static_cast<std::size_t>(std::max<std::int64_t>(1, cell_ / 4));
        for (std::size_t i = 0; i < std::min(fade, mean_.size()); ++i) {
            const float share = static_cast<float>(i + 1) / static_cast<float>(fade + 1);
            out[first + i] = before[i] + share * (from[i] - before[i]);
        }
    }
    previous_ = choice;
    const std::int64_t surplus = std::clamp<std::int64_t>(discard_before_ - position(), 0, held());
    out.erase(out.begin() + static_cast<std::ptrdiff_t>(first),
              out.begin() + static_cast<std::ptrdiff_t>(first) + surplus);
    given_ += held() - surplus;
    if (choice != the_mean && surplus < held()) {
        cancelled_ += held() - surplus;
        heard_ = heard_ == unknown || heard_ == choice ? choice : several;
        heard_of_ = count_;
    }
    mean_.clear();
    for (std::vector<float>& channel : channels_) channel.clear();
}

void CancellationGuard::describe(std::vector<std::string>& warnings) const {
    const double seconds = static_cast<double>(cancelled_) / sample_rate_;
    if (cancelled_ == 0 ||
        (seconds < told_seconds && static_cast<double>(cancelled_) < told_share * static_cast<double>(given_))) {
        return;
    }
    std::string text = heard_of_ == 2 ? "The stereo halves cancel; heard on the left channel"
                       : heard_ == several
                           ? fmt::format("The {} channels cancel; heard on one at a time", heard_of_)
                           : fmt::format("The {} channels cancel; heard on channel {}", heard_of_, heard_ + 1);
    if (cancelled_ < given_) {
        text += fmt::format(" in {:.1f} of {:.1f} s", seconds, static_cast<double>(given_) / sample_rate_);
    }
    warnings.push_back(text + ".");
}

}  // namespace earmark::audio
