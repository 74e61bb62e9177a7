#include "metadata/edit/splice.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/throw.hpp"

namespace earmark::metadata {

void Splices::add(std::uint64_t begin, std::uint64_t end, std::string bytes) {
    if (begin == end && bytes.empty()) return;
    splices_.push_back({begin, end, std::move(bytes)});
}

void Splices::add_difference(std::uint64_t begin, std::string_view before, std::string_view after) {
    std::size_t front = 0;
    while (front < before.size() && front < after.size() && before[front] == after[front]) ++front;
    before.remove_prefix(front);
    after.remove_prefix(front);
    while (!before.empty() && !after.empty() && before.back() == after.back()) {
        before.remove_suffix(1);
        after.remove_suffix(1);
    }
    add(begin + front, begin + front + before.size(), std::string(after));
}

void Splices::add(const Splices& others) {
    splices_.insert(splices_.end(), others.splices_.begin(), others.splices_.end());
}

std::int64_t Splices::growth() const {
    std::int64_t sum = 0;
    for (const Splice& splice : splices_) sum += splice.growth();
    return sum;
}

std::vector<Splice> Splices::sorted() const {
    std::vector<Splice> sorted = splices_;
    std::ranges::stable_sort(
        sorted, [](const Splice& a, const Splice& b) { return std::pair(a.begin, a.end) < std::pair(b.begin, b.end); });
    for (std::size_t i = 1; i < sorted.size(); ++i) {
        if (sorted[i].begin < sorted[i - 1].end) base::fail(ErrorCode::internal, "two changes of a tag overlap.");
    }
    return sorted;
}

SplicedSource::SplicedSource(const ByteSource& source, const std::vector<Splice>& splices) : source_(source) {
    std::uint64_t from = 0;
    const auto put = [&](std::uint64_t size, const std::string* bytes) {
        if (size > 0) segments_.push_back({size_, size, from, bytes});
        size_ += size;
    };
    for (const Splice& splice : splices) {
        put(splice.begin - from, nullptr);
        put(splice.bytes.size(), &splice.bytes);
        from = splice.end;
    }
    put(source.size() > from ? source.size() - from : 0, nullptr);
}

std::size_t SplicedSource::read(std::uint64_t offset, std::span<char> bytes) const {
    auto segment = std::ranges::upper_bound(segments_, offset, {}, &Segment::begin);
    if (segment == segments_.begin()) return 0;
    --segment;
    std::size_t done = 0;
    for (; segment != segments_.end() && done < bytes.size(); ++segment) {
        const std::uint64_t within = offset + done - segment->begin;
        if (within >= segment->size) break;
        const std::size_t count =
            static_cast<std::size_t>(std::min<std::uint64_t>(segment->size - within, bytes.size() - done));
        if (segment->bytes != nullptr) {
            std::memcpy(bytes.data() + done, segment->bytes->data() + within, count);
        } else if (source_.read(segment->from + within, bytes.subspan(done, count)) < count) {
            break;
        }
        done += count;
    }
    return done;
}

namespace {

[[noreturn]] void raise(int error) {
    base::fail(ErrorCode::cannot_write, "cannot be written: {}.", std::strerror(error));
}

void write_at(int descriptor, std::uint64_t offset, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) raise(written < 0 ? errno : ENOSPC);
        bytes.remove_prefix(static_cast<std::size_t>(written));
        offset += static_cast<std::uint64_t>(written);
    }
}

/// What stays of the file, where it was and where it goes.
struct Move {
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    std::uint64_t size = 0;
};

void move(int descriptor, const DescriptorSource& source, const Move& move) {
    constexpr std::uint64_t block = std::uint64_t{1} << 20;
    for (std::uint64_t done = 0; done < move.size;) {
        const std::uint64_t count = std::min(block, move.size - done);
        // What moves to the right is moved from its end, so that nothing is overwritten before it was read.
        const std::uint64_t at = move.to > move.from ? move.size - done - count : done;
        write_at(descriptor, move.to + at, source.bytes(move.from + at, count));
        done += count;
    }
}

}  // namespace

void apply_splices(int descriptor, const std::vector<Splice>& splices) {
    const DescriptorSource source(descriptor);
    std::vector<Move> moves;
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    for (const Splice& splice : splices) {
        moves.push_back({from, to, splice.begin - from});
        to += splice.begin - from + splice.bytes.size();
        from = splice.end;
    }
    const std::uint64_t last = source.size() > from ? source.size() - from : 0;
    moves.push_back({from, to, last});
    const std::uint64_t size = to + last;
    // Those that go right from the last on, then those that go left from the first on: each finds its bytes in place.
    for (std::size_t i = moves.size(); i-- > 0;) {
        if (moves[i].to > moves[i].from) move(descriptor, source, moves[i]);
    }
    for (const Move& each : moves) {
        if (each.to < each.from) move(descriptor, source, each);
    }
    std::int64_t shift = 0;
    for (const Splice& splice : splices) {
        write_at(descriptor, static_cast<std::uint64_t>(static_cast<std::int64_t>(splice.begin) + shift), splice.bytes);
        shift += splice.growth();
    }
    if (::ftruncate(descriptor, static_cast<off_t>(size)) != 0) raise(errno);
}

}  // namespace earmark::metadata
