#include "inference/plan/program.hpp"

#include <algorithm>
#include <limits>

namespace earmark::inference::onednn {

namespace {

constexpr int unused = std::numeric_limits<int>::max();

memory::desc scratch_of(const dnnl::primitive& primitive) {
    const auto* description = dnnl_primitive_desc_query_md(primitive.get_primitive_desc(), dnnl_query_scratchpad_md, 0);
    return description == nullptr ? memory::desc() : memory::desc(*description);
}

/// Whether a layout fills up channels to whole vectors.
bool is_padded(const memory::desc& description) {
    return !std::equal(description.data.dims, description.data.dims + description.data.ndims,
                       description.data.padded_dims);
}

/// Whether a primitive computes each value from the one in the same place alone, so that it may write over its source.
bool works_in_place(const dnnl::primitive& primitive, const memory::desc& description) {
    using Kind = dnnl::primitive::kind;
    const Kind kind = primitive.get_kind();
    // oneDNN 2.6 adds wrongly in place where the last vector of channels is not full.
    if (kind == Kind::binary || kind == Kind::eltwise) return !is_padded(description);
    return kind == Kind::batch_normalization;
}

}  // namespace

memory Program::make(const memory::desc& description) {
    return keeps_all_ ? keep(description) : make_in_workspace(description);
}

memory Program::make_in_workspace(const memory::desc& description) {
    const memory result(description, engine(), nullptr);
    place_of_[result.get()] = places_.size();
    places_.push_back({result, buffers_.size(), 0});
    buffers_.push_back({description.get_size(), unused, -1});
    return result;
}

memory Program::keep(const memory::desc& description) {
    return {description, engine(), kept_.emplace_back(description.get_size()).data()};
}

memory Program::view(const memory& other, const memory::desc& description, std::size_t offset) {
    const Place* const place = find(other);
    if (place == nullptr) {
        return {description, engine(), static_cast<std::byte*>(other.get_data_handle()) + offset};
    }
    const memory result(description, engine(), nullptr);
    const Place viewed{result, place->buffer, place->offset + offset};
    place_of_[result.get()] = places_.size();
    places_.push_back(viewed);
    return result;
}

const Program::Place* Program::find(const memory& memory) const {
    const auto found = place_of_.find(memory.get(true));
    return found == place_of_.end() ? nullptr : &places_[found->second];
}

/// Whether two memories begin at the same byte.
bool Program::same(const memory& a, const memory& b) const {
    const Place* const one = find(a);
    const Place* const other = find(b);
    if (one != nullptr && other != nullptr) return one->buffer == other->buffer && one->offset == other->offset;
    return one == other && a.get_data_handle() == b.get_data_handle();
}

void Program::use(const memory& memory, int step) {
    const Place* const place = find(memory);
    if (place == nullptr) return;
    Buffer& buffer = buffers_[place->buffer];
    buffer.first = std::min(buffer.first, step);
    buffer.last = std::max(buffer.last, step);
}

void Program::append(const dnnl::primitive& primitive, Arguments arguments) {
    if (const memory::desc scratch = scratch_of(primitive); scratch.get_size() > 0) {
        arguments[DNNL_ARG_SCRATCHPAD] = make_in_workspace(scratch);
    }
    const auto step = static_cast<int>(steps_.size());
    for (const auto& [name, argument] : arguments) use(argument, step);
    const auto source = arguments.find(DNNL_ARG_SRC);  // DNNL_ARG_SRC_0 is the same
    const auto result = arguments.find(DNNL_ARG_DST);
    if (source != arguments.end() && result != arguments.end() &&
        source->second.get_desc() == result->second.get_desc() &&
        works_in_place(primitive, result->second.get_desc())) {
        const Place* const from = find(source->second);
        const Place* const to = find(result->second);
        if (from != nullptr && to != nullptr) in_place_.emplace_back(from->buffer, to->buffer);
    }
    steps_.push_back({primitive, std::move(arguments), {}});
}

void Program::append(std::function<void()> function, const std::vector<memory>& used) {
    for (const memory& memory : used) use(memory, static_cast<int>(steps_.size()));
    steps_.push_back({{}, {}, std::move(function)});
}

memory Program::reordered(const memory& source, const memory::desc& wanted) {
    if (source.get_desc() == wanted) return source;
    const memory result = make(wanted);
    copy(source, result);
    return result;
}

void Program::copy(const memory& source, const memory& target) {
    if (same(source, target)) return;
    const dnnl::reorder::primitive_desc description(engine(), source.get_desc(), engine(), target.get_desc(),
                                                    attributes());
    append(dnnl::reorder(description), {{DNNL_ARG_FROM, source}, {DNNL_ARG_TO, target}});
}

void Program::merge() {
    std::vector<std::size_t> now(buffers_.size());  // the buffer that each has become a part of
    for (std::size_t i = 0; i < now.size(); ++i) now[i] = i;
    for (const auto& [source, result] : in_place_) {
        Buffer& from = buffers_[now[source]];
        Buffer& to = buffers_[result];
        if (now[source] == result || from.last != to.first || from.bytes != to.bytes) continue;
        from.last = to.last;
        to = {0, unused, -1};
        now[result] = now[source];
    }
    for (Place& place : places_) place.buffer = now[place.buffer];
}

void Program::finish(const std::vector<memory>& given, const std::vector<memory>& results) {
    for (const memory& memory : given) use(memory, -1);
    for (const memory& memory : results) use(memory, static_cast<int>(steps_.size()));
    merge();
    for (Buffer& buffer : buffers_) {
        if (buffer.first == unused) buffer = {0, 0, 0};
    }
    const BufferLayout layout = lay_out(buffers_);
    for (Place& place : places_) place.offset += layout.offsets[place.buffer];
    workspace_bytes_ = layout.bytes;
    buffers_ = {};
    in_place_ = {};
    place_of_ = {};
}

void Program::bind(std::byte* workspace) {
    if (workspace == workspace_) return;
    workspace_ = workspace;
    for (Place& place : places_) place.handle.set_data_handle(workspace + place.offset);
}

void Program::run(dnnl::stream& stream) {
    for (Step& step : steps_) {
        if (step.function) {
            step.function();
        } else {
            step.primitive.execute(stream, step.arguments);
        }
    }
    stream.wait();
}

}  // namespace earmark::inference::onednn
