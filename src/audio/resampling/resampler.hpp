#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

struct soxr;

namespace earmark::audio {

/// Brings a stream of mono samples to one sample rate with libsoxr's HQ recipe (20 bits, linear phase, the one that
/// librosa calls soxr_hq). Fed in pieces it yields what one call over the whole would, bit for bit.
///
/// Samples already at that rate pass untouched. The input may change its rate at any piece: what was begun at the old
/// rate is brought to its end first, as if it were a recording of its own.
class Resampler {
  public:
    /// Rates that make sense, for input and output, in samples per second.
    static constexpr int min_rate = 1000;
    static constexpr int max_rate = 16'000'000;

    /// Output samples over which the filter reaches, generously: what comes that much later than a `restart` is as if
    /// there had been none.
    static constexpr int reach = 2048;

    /// @param output_rate min_rate to max_rate
    explicit Resampler(int output_rate);
    ~Resampler();
    Resampler(Resampler&&) noexcept;
    Resampler& operator=(Resampler&&) noexcept;

    /// Takes the next piece, at `input_rate` (min_rate to max_rate) samples per second. @return what is ready, maybe
    /// nothing; valid until the next call or until `samples` goes. @throws Error internal when libsoxr fails
    std::span<const float> process(std::span<const float> samples, int input_rate);

    /// The rest, after the last piece. @return as process
    std::span<const float> finish();

    /// Forgets what it was fed, and takes the next piece as the beginning of a recording.
    void restart() noexcept;

  private:
    struct Delete {
        void operator()(soxr* state) const noexcept;
    };

    void open(int input_rate);
    void drain();
    void run(const float* samples, std::size_t count);

    int output_rate_;
    int input_rate_ = 0;
    std::unique_ptr<soxr, Delete> state_;
    std::vector<float> out_;
    std::size_t ready_ = 0;  // samples of out_ that are filled
};

}  // namespace earmark::audio
