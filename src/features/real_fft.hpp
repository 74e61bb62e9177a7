#pragma once

#include <complex>
#include <memory>
#include <span>
#include <string_view>

namespace earmark {

/// The discrete Fourier transform of real samples, single precision, not normalised:
/// X[k] = sum over n of x[n] · exp(-2πi·k·n / size), for k = 0 … size / 2.
///
/// The back end is chosen when Earmark is built: FFTW (EARMARK_FFT=fftw) or FFmpeg's av_tx (EARMARK_FFT=avtx).
/// Different transforms may be made and used in different threads at the same time; one transform in one thread only.
class RealFft {
  public:
    /// @param size  even, at least 2. @throws Error unsupported when the back end cannot do that size
    explicit RealFft(int size);
    ~RealFft();
    RealFft(const RealFft&) = delete;
    RealFft& operator=(const RealFft&) = delete;

    /// Where the samples go: `size` values, to be filled before every transform.
    std::span<float> input() noexcept;

    /// Transforms what `input` holds, which may be overwritten. size / 2 + 1 values, valid until the next call.
    std::span<const std::complex<float>> transform() noexcept;

    /// The name of the back end: "fftw" or "avtx".
    static std::string_view backend() noexcept;

  private:
    struct Plan;
    std::unique_ptr<Plan> plan_;
};

}  // namespace earmark
