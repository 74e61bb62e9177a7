#include "inference/onednn.hpp"

namespace earmark::onednn {

const dnnl::engine& engine() {
    static const dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
    return cpu;
}

memory::dims with_batch(std::int64_t batch, const Shape& shape) {
    memory::dims dims{batch};
    dims.insert(dims.end(), shape.begin(), shape.end());
    return dims;
}

Tag plain(std::size_t dimensions) {
    switch (dimensions) {
        case 1:
            return Tag::a;
        case 2:
            return Tag::ab;
        case 3:
            return Tag::abc;
        default:
            return Tag::abcd;
    }
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

namespace {

std::size_t scratch_size(const dnnl::primitive& primitive) {
    const auto* description =
        dnnl_primitive_desc_query_md(primitive.get_primitive_desc(), dnnl_query_scratchpad_md, 0);
    return description == nullptr ? 0 : dnnl_memory_desc_get_size(description);
}

}  // namespace

void Program::append(const dnnl::primitive& primitive, Arguments arguments) {
    const auto needed = static_cast<std::int64_t>(scratch_size(primitive));
    if (!scratch_ || static_cast<std::int64_t>(scratch_.get_desc().get_size()) < needed) {
        scratch_ = memory({{needed}, memory::data_type::u8, Tag::a}, engine());
    }
    steps_.push_back({primitive, std::move(arguments), {}});
}

void Program::append(std::function<void()> function) {
    steps_.push_back({{}, {}, std::move(function)});
}

memory Program::reordered(const memory& source, const memory::desc& wanted) {
    if (source.get_desc() == wanted) return source;
    memory result(wanted, engine());
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
        step.arguments[DNNL_ARG_SCRATCHPAD] = scratch_;
        step.primitive.execute(stream, step.arguments);
    }
    stream.wait();
}

}  // namespace earmark::onednn
