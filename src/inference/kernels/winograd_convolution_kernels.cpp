#include "inference/kernels/winograd_convolution_kernels.hpp"

#include <algorithm>

#include "base/vector_targets.hpp"

// This file is compiled once for every instruction set, by including itself from foreach_target.h.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "inference/kernels/winograd_convolution_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace earmark::inference::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
using V = hn::Vec<Floats>;
using Work = WinogradConvolution::Work;
using Share = WinogradConvolution::Share;

constexpr std::int64_t lanes = hn::MaxLanes(Floats());
constexpr std::int64_t side = Work::side;
constexpr std::int64_t points = Work::points;
constexpr std::int64_t step = Work::step;
constexpr std::int64_t taps = 3;  // along one axis

HWY_INLINE V times(float factor, V x) {
    return hn::Mul(hn::Set(Floats(), factor), x);
}
/// factor · x + y
HWY_INLINE V plus(float factor, V x, V y) {
    return hn::MulAdd(hn::Set(Floats(), factor), x, y);
}

// The matrices of F(4, 3) and their transposes, each as what it makes of one vector of numbers. The points of its
// polynomials are 0, ±a, ±b and infinity; these lose less to rounding than the usual ±1 and ±2 (Barabasz et al., "Error
// analysis and improving the accuracy of Winograd convolution for deep neural networks", 2020). `x` and `y` may not be
// the same.
constexpr float a = 0.625F;
constexpr float b = 1.5F;
constexpr float a2 = a * a;
constexpr float b2 = b * b;
constexpr float of_a = 1.0F / (2.0F * a2 * (a2 - b2));  // scales of the rows of G
constexpr float of_b = 1.0F / (2.0F * b2 * (b2 - a2));
constexpr float of_zero = 1.0F / (a2 * b2);

/// Bᵀ x
struct OfInputs {
    static constexpr std::int64_t from = side, to = side;
    static HWY_INLINE void apply(const V* x, V* y) {
        const V even_a = plus(-b2, x[2], x[4]);
        const V odd_a = plus(-b2, x[1], x[3]);
        const V even_b = plus(-a2, x[2], x[4]);
        const V odd_b = plus(-a2, x[1], x[3]);
        y[0] = plus(a2 * b2, x[0], plus(-(a2 + b2), x[2], x[4]));
        y[1] = plus(a, odd_a, even_a);
        y[2] = plus(-a, odd_a, even_a);
        y[3] = plus(b, odd_b, even_b);
        y[4] = plus(-b, odd_b, even_b);
        y[5] = plus(a2 * b2, x[1], plus(-(a2 + b2), x[3], x[5]));
    }
};

/// B x
struct BackToInputs {
    static constexpr std::int64_t from = side, to = side;
    static HWY_INLINE void apply(const V* x, V* y) {
        const V sum_a = hn::Add(x[1], x[2]);
        const V difference_a = hn::Sub(x[1], x[2]);
        const V sum_b = hn::Add(x[3], x[4]);
        const V difference_b = hn::Sub(x[3], x[4]);
        y[0] = times(a2 * b2, x[0]);
        y[1] = plus(-a * b2, difference_a, plus(-b * a2, difference_b, times(a2 * b2, x[5])));
        y[2] = plus(-b2, sum_a, plus(-a2, sum_b, times(-(a2 + b2), x[0])));
        y[3] = plus(a, difference_a, plus(b, difference_b, times(-(a2 + b2), x[5])));
        y[4] = hn::Add(x[0], hn::Add(sum_a, sum_b));
        y[5] = x[5];
    }
};

/// Aᵀ x
struct ToOutputs {
    static constexpr std::int64_t from = side, to = step;
    static HWY_INLINE void apply(const V* x, V* y) {
        const V sum_a = hn::Add(x[1], x[2]);
        const V difference_a = hn::Sub(x[1], x[2]);
        const V sum_b = hn::Add(x[3], x[4]);
        const V difference_b = hn::Sub(x[3], x[4]);
        y[0] = hn::Add(x[0], hn::Add(sum_a, sum_b));
        y[1] = plus(a, difference_a, times(b, difference_b));
        y[2] = plus(a2, sum_a, times(b2, sum_b));
        y[3] = plus(a * a2, difference_a, plus(b * b2, difference_b, x[5]));
    }
};

/// A x
struct OfOutputs {
    static constexpr std::int64_t from = step, to = side;
    static HWY_INLINE void apply(const V* x, V* y) {
        const V even_a = plus(a2, x[2], x[0]);
        const V odd_a = plus(a2, x[3], x[1]);
        const V even_b = plus(b2, x[2], x[0]);
        const V odd_b = plus(b2, x[3], x[1]);
        y[0] = x[0];
        y[1] = plus(a, odd_a, even_a);
        y[2] = plus(-a, odd_a, even_a);
        y[3] = plus(b, odd_b, even_b);
        y[4] = plus(-b, odd_b, even_b);
        y[5] = x[3];
    }
};

/// G x
struct OfWeights {
    static constexpr std::int64_t from = taps, to = side;
    static HWY_INLINE void apply(const V* x, V* y) {
        const V even_a = times(of_a, plus(a2, x[2], x[0]));
        const V even_b = times(of_b, plus(b2, x[2], x[0]));
        y[0] = times(of_zero, x[0]);
        y[1] = plus(of_a * a, x[1], even_a);
        y[2] = plus(-of_a * a, x[1], even_a);
        y[3] = plus(of_b * b, x[1], even_b);
        y[4] = plus(-of_b * b, x[1], even_b);
        y[5] = x[2];
    }
};

/// Gᵀ x
struct BackToWeights {
    static constexpr std::int64_t from = side, to = taps;
    static HWY_INLINE void apply(const V* x, V* y) {
        const V sum_a = times(of_a, hn::Add(x[1], x[2]));
        const V difference_a = times(of_a, hn::Sub(x[1], x[2]));
        const V sum_b = times(of_b, hn::Add(x[3], x[4]));
        const V difference_b = times(of_b, hn::Sub(x[3], x[4]));
        y[0] = plus(of_zero, x[0], hn::Add(sum_a, sum_b));
        y[1] = plus(a, difference_a, times(b, difference_b));
        y[2] = plus(a2, sum_a, plus(b2, sum_b, x[5]));
    }
};

/// M x Mᵀ of a square of vectors: `load(row, column)` gives x, `store(row, column, value)` takes the result.
template <typename M, typename Load, typename Store>
HWY_INLINE void transform(const Load& load, const Store& store) {
    V half[M::from][M::to];
    for (std::int64_t row = 0; row < M::from; ++row) {
        V x[M::from];
        for (std::int64_t column = 0; column < M::from; ++column) x[column] = load(row, column);
        M::apply(x, half[row]);
    }
    for (std::int64_t column = 0; column < M::to; ++column) {
        V x[M::from];
        V y[M::to];
        for (std::int64_t row = 0; row < M::from; ++row) x[row] = half[row][column];
        M::apply(x, y);
        for (std::int64_t row = 0; row < M::to; ++row) store(row, column, y[row]);
    }
}

/// A matrix of which `at(row, k)` is `values[row · row_step + k · k_step]`.
struct Factor {
    const float* values;
    std::int64_t row_step;
    std::int64_t k_step;
};

constexpr std::int64_t rows_at_a_time = 4;

/// Four rows of a product, `width` vectors of each.
template <int width, bool add>
HWY_INLINE void multiply_rows(const Factor& left, const float* HWY_RESTRICT right, std::int64_t columns,
                              std::int64_t count, float* HWY_RESTRICT result) {
    const Floats d;
    V sums[rows_at_a_time][width];
    for (std::int64_t row = 0; row < rows_at_a_time; ++row)
        for (int i = 0; i < width; ++i)
            sums[row][i] = add ? hn::Load(d, result + row * columns + i * lanes) : hn::Zero(d);
    const float* from = left.values;
    for (std::int64_t k = 0; k < count; ++k, from += left.k_step, right += columns) {
        V values[width];
        for (int i = 0; i < width; ++i) values[i] = hn::Load(d, right + i * lanes);
        for (std::int64_t row = 0; row < rows_at_a_time; ++row) {
            const V factor = hn::Set(d, from[row * left.row_step]);
            for (int i = 0; i < width; ++i) sums[row][i] = hn::MulAdd(factor, values[i], sums[row][i]);
        }
    }
    for (std::int64_t row = 0; row < rows_at_a_time; ++row)
        for (int i = 0; i < width; ++i) hn::Store(sums[row][i], d, result + row * columns + i * lanes);
}

/// result = left · right, or that added to it: rows × columns, from rows × count and count × columns, row-major but for
/// `left`. Rows are made by fours; columns fill vectors.
template <bool add>
HWY_INLINE void multiply(const Factor& left, const float* right, std::int64_t rows, std::int64_t columns,
                         std::int64_t count, float* result) {
    for (std::int64_t column = 0; column < columns;) {
        const std::int64_t vectors = (columns - column) / lanes;
        const int width = vectors == 4 || vectors == 2 ? 2 : vectors == 1 ? 1 : 3;
        for (std::int64_t row = 0; row < rows; row += rows_at_a_time) {
            const Factor those{left.values + row * left.row_step, left.row_step, left.k_step};
            float* const to = result + row * columns + column;
            if (width == 3) {
                multiply_rows<3, add>(those, right + column, columns, count, to);
            } else if (width == 2) {
                multiply_rows<2, add>(those, right + column, columns, count, to);
            } else {
                multiply_rows<1, add>(those, right + column, columns, count, to);
            }
        }
        column += width * lanes;
    }
}

/// Where a tile lies.
struct Tile {
    std::int64_t example;
    std::int64_t row;  // of the output, and of the padded input
    std::int64_t column;

    Tile(const Work& work, const Share& share, std::int64_t number) {
        const std::int64_t of_an_image = work.tile_rows * work.tile_columns;
        example = share.first + number / of_an_image;
        row = number % of_an_image / work.tile_columns * step;
        column = number % work.tile_columns * step;
    }
};

/// The part of an image that a tile covers along one axis, as places in the tile.
struct Span {
    std::int64_t begin;
    std::int64_t end;

    Span(std::int64_t start, std::int64_t size, std::int64_t length)
        : begin(std::clamp<std::int64_t>(-start, 0, length)), end(std::clamp<std::int64_t>(size - start, 0, length)) {}
    bool holds(std::int64_t place) const { return begin <= place && place < end; }
    bool whole(std::int64_t length) const { return begin == 0 && end == length; }
};

/// Calls `use(at, rows, columns, channel)` for each block of channels of a tile of an image: where the tile begins in
/// the images, what of the tile lies within, and the block's first channel.
template <typename Use>
HWY_INLINE void for_each_block(const model::Shape& image, std::int64_t example, std::int64_t row, std::int64_t column,
                               std::int64_t length, const Use& use) {
    const std::int64_t blocks = image[0] / lanes;
    const Span rows(row, image[1], length);
    const Span columns(column, image[2], length);
    for (std::int64_t block = 0; block < blocks; ++block) {
        const std::int64_t plane = (example * blocks + block) * image[1] * image[2];
        use((plane + row * image[2] + column) * lanes, rows, columns, block * lanes);
    }
}

/// M x Mᵀ of a tile in an image, with zeros where it reaches beyond, to `to[point · point_step]`.
template <typename M>
HWY_INLINE void transform_tile(const float* image, std::int64_t width, const Span& rows, const Span& columns, float* to,
                               std::int64_t point_step) {
    const Floats d;
    const auto store = [&](std::int64_t row, std::int64_t column, V value) {
        hn::Store(value, d, to + (row * M::to + column) * point_step);
    };
    if (rows.whole(M::from) && columns.whole(M::from)) {
        transform<M>(
            [&](std::int64_t row, std::int64_t column) { return hn::Load(d, image + (row * width + column) * lanes); },
            store);
    } else {
        transform<M>(
            [&](std::int64_t row, std::int64_t column) {
                const bool inside = rows.holds(row) && columns.holds(column);
                return inside ? hn::Load(d, image + (row * width + column) * lanes) : hn::Zero(d);
            },
            store);
    }
}

void transform_inputs(const Work& work, Share& share, const float* input, std::int64_t first, std::int64_t count) {
    const model::Layer& layer = work.layer;
    for (std::int64_t i = 0; i < count; ++i) {
        const Tile tile(work, share, first + i);
        for_each_block(layer.input, tile.example, tile.row - layer.pad_before[0], tile.column - layer.pad_before[1],
                       side, [&](std::int64_t at, const Span& rows, const Span& columns, std::int64_t channel) {
                           transform_tile<OfInputs>(input + at, layer.input[2], rows, columns,
                                                    share.inputs + i * work.channels + channel,
                                                    work.group * work.channels);
                       });
    }
}

void forward(const Work& work, Share& share, const float* input, float* output) {
    const Floats d;
    const model::Layer& layer = work.layer;
    const std::int64_t width = layer.output[2];
    const std::int64_t tiles = share.count * work.tile_rows * work.tile_columns;
    for (std::int64_t first = 0; first < tiles; first += work.group) {
        const std::int64_t count = std::min(work.group, tiles - first);
        transform_inputs(work, share, input, first, count);
        for (std::int64_t point = 0; point < points; ++point) {
            multiply<false>({share.inputs + point * work.group * work.channels, work.channels, 1},
                            work.weights->values.data() + point * work.channels * work.filters, count, work.filters,
                            work.channels, share.outputs + point * work.group * work.filters);
        }
        for (std::int64_t i = 0; i < count; ++i) {
            const Tile tile(work, share, first + i);
            for_each_block(layer.output, tile.example, tile.row, tile.column, step,
                           [&](std::int64_t at, const Span& rows, const Span& columns, std::int64_t filter) {
                               const float* const from = share.outputs + i * work.filters + filter;
                               const V bias = hn::Load(d, work.weights->bias.data() + filter);
                               const V least = hn::Set(d, 0.0F);
                               transform<ToOutputs>(
                                   [&](std::int64_t row, std::int64_t column) {
                                       return hn::Load(d, from + (row * side + column) * work.group * work.filters);
                                   },
                                   [&](std::int64_t row, std::int64_t column, V value) {
                                       if (!rows.holds(row) || !columns.holds(column)) return;
                                       value = hn::Add(value, bias);
                                       // What is not a number stays, so as to be seen.
                                       if (layer.relu) value = hn::IfThenElse(hn::Lt(value, least), least, value);
                                       hn::Store(value, d, output + at + (row * width + column) * lanes);
                                   });
                           });
        }
    }
}

void add_bias_gradients(const Work& work, Share& share, const float* output_gradient) {
    const Floats d;
    const std::int64_t plane = work.layer.output[1] * work.layer.output[2] * lanes;
    const float* from = output_gradient + share.first * (work.filters / lanes) * plane;
    std::fill(share.bias.begin(), share.bias.end(), 0.0F);
    for (std::int64_t n = 0; n < share.count; ++n) {
        for (std::int64_t filter = 0; filter < work.filters; filter += lanes, from += plane) {
            V sum = hn::Load(d, share.bias.data() + filter);
            for (std::int64_t at = 0; at < plane; at += lanes) sum = hn::Add(sum, hn::Load(d, from + at));
            hn::Store(sum, d, share.bias.data() + filter);
        }
    }
}

void backward(const Work& work, Share& share, const float* input, const float* output_gradient, float* input_gradient) {
    const Floats d;
    const model::Layer& layer = work.layer;
    const std::int64_t width = layer.input[2];
    const std::int64_t tiles = share.count * work.tile_rows * work.tile_columns;
    std::fill(share.sums.begin(), share.sums.end(), 0.0F);
    if (layer.bias) add_bias_gradients(work, share, output_gradient);
    if (input_gradient != nullptr) {
        const std::int64_t values = work.channels * layer.input[1] * width;
        std::fill_n(input_gradient + share.first * values, share.count * values, 0.0F);
    }
    for (std::int64_t first = 0; first < tiles; first += work.group) {
        const std::int64_t count = std::min(work.group, tiles - first);
        transform_inputs(work, share, input, first, count);
        for (std::int64_t i = 0; i < count; ++i) {
            const Tile tile(work, share, first + i);
            for_each_block(layer.output, tile.example, tile.row, tile.column, step,
                           [&](std::int64_t at, const Span& rows, const Span& columns, std::int64_t filter) {
                               transform_tile<OfOutputs>(output_gradient + at, layer.output[2], rows, columns,
                                                         share.outputs + i * work.filters + filter,
                                                         work.group * work.filters);
                           });
        }
        for (std::int64_t point = 0; point < points; ++point) {
            float* const inputs = share.inputs + point * work.group * work.channels;
            const float* const outputs = share.outputs + point * work.group * work.filters;
            const std::int64_t weights = point * work.channels * work.filters;
            multiply<true>({inputs, 1, work.channels}, outputs, work.channels, work.filters, count,
                           share.sums.data() + weights);
            if (input_gradient == nullptr) continue;
            multiply<false>({outputs, work.filters, 1}, work.weights->transposed.data() + weights, count, work.channels,
                            work.filters, inputs);
        }
        if (input_gradient == nullptr) continue;
        for (std::int64_t i = 0; i < count; ++i) {
            const Tile tile(work, share, first + i);
            for_each_block(layer.input, tile.example, tile.row - layer.pad_before[0], tile.column - layer.pad_before[1],
                           side, [&](std::int64_t at, const Span& rows, const Span& columns, std::int64_t channel) {
                               const float* const from = share.inputs + i * work.channels + channel;
                               transform<BackToInputs>(
                                   [&](std::int64_t row, std::int64_t column) {
                                       return hn::Load(d, from + (row * side + column) * work.group * work.channels);
                                   },
                                   [&](std::int64_t row, std::int64_t column, V value) {
                                       if (!rows.holds(row) || !columns.holds(column)) return;
                                       float* const to = input_gradient + at + (row * width + column) * lanes;
                                       hn::Store(hn::Add(hn::Load(d, to), value), d, to);
                                   });
                           });
        }
    }
}

/// G w Gᵀ of one channel and a vector of filters, or the other way round; `lane_step` is that of the weights from lane
/// to lane.
HWY_INLINE void transform_taps(const float* weight, std::int64_t lane_step, float* to, std::int64_t point_step) {
    const Floats d;
    HWY_ALIGN float gathered[taps * taps * lanes];
    for (std::int64_t lane = 0; lane < lanes; ++lane)
        for (std::int64_t tap = 0; tap < taps * taps; ++tap)
            gathered[tap * lanes + lane] = weight[lane * lane_step + tap];
    transform<OfWeights>(
        [&](std::int64_t row, std::int64_t column) { return hn::Load(d, gathered + (row * taps + column) * lanes); },
        [&](std::int64_t row, std::int64_t column, V value) {
            hn::Store(value, d, to + (row * side + column) * point_step);
        });
}

void transform_weights(Work& work, const float* weight) {
    constexpr std::int64_t kernel = taps * taps;
    const std::int64_t of_a_filter = work.channels * kernel;
    const std::int64_t of_a_point = work.channels * work.filters;
    for (std::int64_t channel = 0; channel < work.channels; ++channel)
        for (std::int64_t filter = 0; filter < work.filters; filter += lanes)
            transform_taps(weight + filter * of_a_filter + channel * kernel, of_a_filter,
                           work.weights->values.data() + channel * work.filters + filter, of_a_point);
    if (work.weights->transposed.empty()) return;
    for (std::int64_t filter = 0; filter < work.filters; ++filter)
        for (std::int64_t channel = 0; channel < work.channels; channel += lanes)
            transform_taps(weight + filter * of_a_filter + channel * kernel, kernel,
                           work.weights->transposed.data() + filter * work.channels + channel, of_a_point);
}

void transform_gradients(const Work& work, const float* sums, float* weight) {
    const Floats d;
    constexpr std::int64_t kernel = taps * taps;
    HWY_ALIGN float gathered[kernel * lanes];
    for (std::int64_t channel = 0; channel < work.channels; ++channel) {
        for (std::int64_t filter = 0; filter < work.filters; filter += lanes) {
            const float* const from = sums + channel * work.filters + filter;
            transform<BackToWeights>(
                [&](std::int64_t row, std::int64_t column) {
                    return hn::Load(d, from + (row * side + column) * work.channels * work.filters);
                },
                [&](std::int64_t row, std::int64_t column, V value) {
                    hn::Store(value, d, gathered + (row * taps + column) * lanes);
                });
            for (std::int64_t lane = 0; lane < lanes; ++lane)
                for (std::int64_t tap = 0; tap < kernel; ++tap)
                    weight[((filter + lane) * work.channels + channel) * kernel + tap] = gathered[tap * lanes + lane];
        }
    }
}

}  // namespace

const WinogradConvolutionKernels* target_winograd_convolution_kernels() {
    static constexpr WinogradConvolutionKernels result{lanes, transform_weights, forward, backward,
                                                       transform_gradients};
    return &result;
}

}  // namespace earmark::inference::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace earmark::inference {

HWY_EXPORT(target_winograd_convolution_kernels);

const WinogradConvolutionKernels& winograd_convolution_kernels() noexcept {
    return *HWY_DYNAMIC_DISPATCH(target_winograd_convolution_kernels)();
}

}  // namespace earmark::inference
#endif
