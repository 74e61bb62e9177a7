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

dnnl::memory::desc scratch_of(const dnnl::primitive& primitive) {
    const auto* description = dnnl_primitive_desc_query_md(primitive.get_primitive_desc(), dnnl_query_scratchpad_md, 0);
    return description == nullptr ? dnnl::memory::desc() : dnnl::memory::desc(*description);
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

memory Program::make(const memory::desc& description) {
    return {description, engine(), owned_.emplace_back(description.get_size()).data()};
}

void Program::append(const dnnl::primitive& primitive, Arguments arguments) {
    const memory::desc scratch = scratch_of(primitive);
    if (scratch.get_size() > scratch_.size()) scratch_.resize(scratch.get_size());
    arguments[DNNL_ARG_SCRATCHPAD] = memory(scratch, engine(), nullptr);
    steps_.push_back({primitive, std::move(arguments), {}});
}

void Program::append(std::function<void()> function) {
    steps_.push_back({{}, {}, std::move(function)});
}

memory Program::reordered(const memory& source, const memory::desc& wanted) {
    if (source.get_desc() == wanted) return source;
    const memory result = make(wanted);
    copy(source, result);
    return result;
}

void Program::copy(const memory& source, const memory& target) {
    if (source.get_data_handle() == target.get_data_handle()) return;
    const dnnl::reorder::primitive_desc description(engine(), source.get_desc(), engine(), target.get_desc(),
                                                    attributes());
    append(dnnl::reorder(description), {{DNNL_ARG_FROM, source}, {DNNL_ARG_TO, target}});
}

void Program::run(dnnl::stream& stream) {
    for (Step& step : steps_) {
        if (step.function) {
            step.function();
            continue;
        }
        step.arguments.at(DNNL_ARG_SCRATCHPAD).set_data_handle(scratch_.data());
        step.primitive.execute(stream, step.arguments);
    }
    stream.wait();
}

}  // namespace earmark::inference::onednn
