#include "features/real_fft.hpp"

#include <mutex>
#include <new>

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

struct RealFft::Plan {
    explicit Plan(int length) : size(length) {
        // av_malloc aligns to what the widest vectors of this FFmpeg need.
        input = static_cast<float*>(av_malloc(sizeof(float) * static_cast<std::size_t>(size)));
        output =
            static_cast<AVComplexFloat*>(av_malloc(sizeof(AVComplexFloat) * static_cast<std::size_t>(size / 2 + 1)));
        const bool allocated = input != nullptr && output != nullptr;
        const float scale = 1.0F;
        if (!allocated || av_tx_init(&context, &function, AV_TX_FLOAT_RDFT, 0, size, &scale, 0) < 0) {
            release();
            if (!allocated) throw std::bad_alloc();
            fail_size(size);
        }
    }
    ~Plan() { release(); }
    Plan(const Plan&) = delete;
    Plan& operator=(const Plan&) = delete;

    void execute() noexcept { function(context, output, input, sizeof(float)); }

    void release() noexcept {
        av_tx_uninit(&context);
        av_free(output);
        av_free(input);
    }

    int size;
    float* input = nullptr;
    AVComplexFloat* output = nullptr;
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
