#include "features/fft.hpp"

#include <mutex>

#include "base/aligned.hpp"
#include "base/throw.hpp"

#ifdef EARMARK_FFT_FFTW
#include <fftw3.h>
#else
extern "C" {
#include <libavutil/tx.h>
}
#endif

namespace earmark::features {
namespace {

[[noreturn]] void fail_size(int size) {
    base::fail(
        ErrorCode::unsupported,
        "The {} back end has no Fourier transform of {} complex numbers. Choose another fft_size, a power of two at "
        "best.",
        Fft::backend(), size);
}

struct Numbers {
    explicit Numbers(int size) : input(static_cast<std::size_t>(size)), output(static_cast<std::size_t>(size)) {}
    base::AlignedVector<std::complex<float>> input;
    base::AlignedVector<std::complex<float>> output;
};

}  // namespace

#ifdef EARMARK_FFT_FFTW

namespace {

// FFTW's planner, unlike its transforms, is not thread-safe.
std::mutex& planner() {
    static std::mutex mutex;
    return mutex;
}

// By definition of both, a complex number is two floats side by side.
fftwf_complex* as_fftw(std::complex<float>* numbers) {
    return reinterpret_cast<fftwf_complex*>(numbers);
}

}  // namespace

struct Fft::Plan : Numbers {
    explicit Plan(int size) : Numbers(size) {
        // FFTW_ESTIMATE, since measuring takes longer than it saves (docs/internals/features.md), and measured plans differ from
        // run to run, and with them the last bits of the features.
        const std::lock_guard lock(planner());
        plan = fftwf_plan_dft_1d(size, as_fftw(input.data()), as_fftw(output.data()), FFTW_FORWARD, FFTW_ESTIMATE);
        if (plan == nullptr) fail_size(size);
    }
    ~Plan() {
        const std::lock_guard lock(planner());
        fftwf_destroy_plan(plan);
    }
    Plan(const Plan&) = delete;
    Plan& operator=(const Plan&) = delete;

    void execute() noexcept { fftwf_execute(plan); }

    fftwf_plan plan;
};

std::string_view Fft::backend() noexcept {
    return "fftw";
}

#else

struct Fft::Plan : Numbers {
    explicit Plan(int size) : Numbers(size) {
        if (av_tx_init(&context, &function, AV_TX_FLOAT_FFT, 0, size, nullptr, 0) < 0) fail_size(size);
    }
    ~Plan() { av_tx_uninit(&context); }
    Plan(const Plan&) = delete;
    Plan& operator=(const Plan&) = delete;

    void execute() noexcept { function(context, output.data(), input.data(), sizeof(AVComplexFloat)); }

    AVTXContext* context = nullptr;
    av_tx_fn function = nullptr;
};

std::string_view Fft::backend() noexcept {
    return "avtx";
}

#endif

Fft::Fft(int size) : plan_(std::make_unique<Plan>(size)) {}
Fft::~Fft() = default;

std::span<std::complex<float>> Fft::input() noexcept {
    return plan_->input;
}

std::span<const std::complex<float>> Fft::transform() noexcept {
    plan_->execute();
    return plan_->output;
}

}  // namespace earmark::features
