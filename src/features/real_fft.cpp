#include "features/real_fft.hpp"

#include <cmath>
#include <mutex>
#include <new>
#include <numbers>
#include <vector>

#include "core/throw.hpp"

#ifdef EARMARK_FFT_FFTW
#include <fftw3.h>
#else
extern "C" {
#include <libavutil/mem.h>
#include <libavutil/tx.h>
}
#endif

namespace earmark {
namespace {

[[noreturn]] void fail_size(int size) {
    fail(ErrorCode::unsupported,
         "The {} back end has no Fourier transform of {} samples. Choose another fft_size, a power of two at best.",
         RealFft::backend(), size);
}

}  // namespace

#ifdef EARMARK_FFT_FFTW

namespace {

// FFTW's planner, unlike its transforms, is not thread-safe.
std::mutex& planner() {
    static std::mutex mutex;
    return mutex;
}

}  // namespace

struct RealFft::Plan {
    explicit Plan(int length) : size(length) {
        input = fftwf_alloc_real(static_cast<std::size_t>(size));
        output = fftwf_alloc_complex(static_cast<std::size_t>(size / 2 + 1));
        if (input != nullptr && output != nullptr) {
            // FFTW_ESTIMATE, since measured plans differ from run to run, and with them the last bits of the features;
            // and since programs that start in milliseconds have no time to measure.
            const std::lock_guard lock(planner());
            plan = fftwf_plan_dft_r2c_1d(size, input, output, FFTW_ESTIMATE);
        }
        if (plan == nullptr) {
            release();
            if (input == nullptr || output == nullptr) throw std::bad_alloc();
            fail_size(size);
        }
    }
    ~Plan() { release(); }
    Plan(const Plan&) = delete;
    Plan& operator=(const Plan&) = delete;

    void execute() noexcept { fftwf_execute(plan); }

    void release() noexcept {
        if (plan != nullptr) {
            const std::lock_guard lock(planner());
            fftwf_destroy_plan(plan);
        }
        fftwf_free(output);
        fftwf_free(input);
    }

    int size;
    float* input = nullptr;
    fftwf_complex* output = nullptr;
    fftwf_plan plan = nullptr;
};

std::string_view RealFft::backend() noexcept {
    return "fftw";
}

#else

// FFmpeg's own transform of real samples (AV_TX_FLOAT_RDFT) came with FFmpeg 5.1 and there is wrong for sizes that four
// does not divide. So pairs of samples are taken as complex ones, transformed, and taken apart afterwards.
struct RealFft::Plan {
    explicit Plan(int length) : size(length), half(size / 2) {
        const auto pairs = static_cast<std::size_t>(half);
        result.resize(pairs + 1);
        output = result.data();
        for (int k = 0; k <= half / 2; ++k) {
            const double angle = -2.0 * std::numbers::pi * k / size;
            twiddles.emplace_back(static_cast<float>(0.5 * std::sin(angle)),
                                  static_cast<float>(-0.5 * std::cos(angle)));
        }
        // av_malloc aligns to what the widest vectors of this FFmpeg need.
        input = static_cast<float*>(av_malloc(sizeof(float) * 2 * pairs));
        paired = static_cast<std::complex<float>*>(av_malloc(sizeof(AVComplexFloat) * pairs));
        const bool allocated = input != nullptr && paired != nullptr;
        if (!allocated || av_tx_init(&context, &function, AV_TX_FLOAT_FFT, 0, half, nullptr, 0) < 0) {
            release();
            if (!allocated) throw std::bad_alloc();
            fail_size(size);
        }
    }
    ~Plan() { release(); }
    Plan(const Plan&) = delete;
    Plan& operator=(const Plan&) = delete;

    // With Z the transform of the pairs, of length h = size / 2, and Z[h] = Z[0]: the even samples have the transform
    // E[k] = (Z[k] + conj Z[h-k]) / 2, the odd ones O[k] = (Z[k] - conj Z[h-k]) / 2i, and with w = exp(-2πi/size)
    // X[k] = E[k] + w^k · O[k] and X[h-k] = conj(E[k] - w^k · O[k]).
    void execute() noexcept {
        function(context, paired, input, sizeof(AVComplexFloat));
        for (int k = 0; k <= half / 2; ++k) {
            const std::complex<float> a = paired[k];
            const std::complex<float> b = paired[k == 0 ? 0 : half - k];
            const std::complex<float> twiddle = twiddles[static_cast<std::size_t>(k)];
            const float even_real = 0.5F * (a.real() + b.real());
            const float even_imaginary = 0.5F * (a.imag() - b.imag());
            const float difference_real = a.real() - b.real();
            const float difference_imaginary = a.imag() + b.imag();
            const float odd_real = twiddle.real() * difference_real - twiddle.imag() * difference_imaginary;
            const float odd_imaginary = twiddle.real() * difference_imaginary + twiddle.imag() * difference_real;
            output[k] = {even_real + odd_real, even_imaginary + odd_imaginary};
            output[half - k] = {even_real - odd_real, odd_imaginary - even_imaginary};
        }
    }

    void release() noexcept {
        av_tx_uninit(&context);
        av_free(paired);
        av_free(input);
    }

    int size;
    int half;
    float* input = nullptr;
    std::complex<float>* paired = nullptr;
    std::complex<float>* output = nullptr;
    std::vector<std::complex<float>> result;
    std::vector<std::complex<float>> twiddles;  // w^k / 2i
    AVTXContext* context = nullptr;
    av_tx_fn function = nullptr;
};

std::string_view RealFft::backend() noexcept {
    return "avtx";
}

#endif

RealFft::RealFft(int size) : plan_(std::make_unique<Plan>(size)) {}
RealFft::~RealFft() = default;

std::span<float> RealFft::input() noexcept {
    return {plan_->input, static_cast<std::size_t>(plan_->size)};
}

std::span<const std::complex<float>> RealFft::transform() noexcept {
    plan_->execute();
    // Both back ends store real and imaginary part side by side, as std::complex does.
    return {reinterpret_cast<const std::complex<float>*>(plan_->output), static_cast<std::size_t>(plan_->size / 2 + 1)};
}

}  // namespace earmark
