#include "inference/plan/onednn.hpp"

namespace earmark::inference::onednn {

const dnnl::engine& engine() {
    static const dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
    return cpu;
}

namespace {

Tag plain(std::size_t dimensions) {
    switch (dimensions) {
        case 1:
            return Tag::a;
        case 2:
            return Tag::ab;
        case 3:
            return Tag::abc;
        case 4:
            return Tag::abcd;
        default:
            return Tag::abcde;
    }
}

}  // namespace

memory::dims with_batch(std::int64_t batch, const model::Shape& shape) {
    memory::dims dims{batch};
    dims.insert(dims.end(), shape.begin(), shape.end());
    return dims;
}

memory::desc row_major(const memory::dims& dims) {
    return {dims, f32, plain(dims.size())};
}

memory::desc blocked(const memory::dims& dims, std::int64_t lanes) {
    return {dims, f32, lanes == 16 ? Tag::aBcd16b : lanes == 8 ? Tag::aBcd8b : Tag::aBcd4b};
}

memory::desc channels_last(const memory::dims& dims) {
    return {dims, f32, Tag::acdb};
}

memory::desc by_time(const memory::dims& dims) {
    return {dims, f32, Tag::bac};
}

memory::desc any(const memory::dims& dims, memory::data_type type) {
    return {dims, type, Tag::any};
}

dnnl::primitive_attr attributes(bool relu) {
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    if (relu) {
        dnnl::post_ops operations;
        operations.append_eltwise(1.0F, dnnl::algorithm::eltwise_relu, 0.0F, 0.0F);
        attributes.set_post_ops(operations);
    }
    return attributes;
}

}  // namespace earmark::inference::onednn
