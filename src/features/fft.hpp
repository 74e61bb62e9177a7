#pragma once

#include <complex>
#include <memory>
#include <span>
#include <string_view>

namespace earmark::features {

/// The discrete Fourier transform of complex numbers, single precision, not normalised:
/// Z[k] = sum over n of z[n] · exp(-2πi·k·n / size), for k = 0 … size - 1.
///
/// The back end is chosen when Earmark is built: FFTW (EARMARK_FFT=fftw) or FFmpeg's av_tx (EARMARK_FFT=avtx).
/// Different transforms may be made and used in different threads at the same time; one transform in one thread only.
class Fft {
  public:
    /// @param size  at least 1. @throws Error unsupported when the back end cannot do that size
    explicit Fft(int size);
    ~Fft();
    Fft(const Fft&) = delete;
    Fft& operator=(const Fft&) = delete;

    /// Where the numbers go: `size` of them, to be filled before every transform.
    std::span<std::complex<float>> input() noexcept;

    /// Transforms what `input` holds, which may be overwritten. `size` numbers, valid until the next call.
    std::span<const std::complex<float>> transform() noexcept;

    /// The name of the back end: "fftw" or "avtx".
    static std::string_view backend() noexcept;

  private:
    struct Plan;
    std::unique_ptr<Plan> plan_;
};

}  // namespace earmark::features
