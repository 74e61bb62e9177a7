#include "audio/input/sound_input.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "metadata/layout.hpp"

namespace earmark::audio {

namespace {

/// The bytes of another input from one offset to another.
class PartOfInput : public Input {
  public:
    PartOfInput(std::shared_ptr<Input> whole, std::int64_t begin, std::int64_t end)
        : Input(whole->name()), whole_(std::move(whole)), begin_(begin), end_(end) {}

    std::int64_t size() noexcept override { return end_ - begin_; }

    std::ptrdiff_t read(std::int64_t offset, std::span<std::uint8_t> buffer) noexcept override {
        if (offset < 0 || offset >= size()) return 0;
        const auto left = static_cast<std::size_t>(size() - offset);
        return whole_->read(begin_ + offset, buffer.first(std::min(buffer.size(), left)));
    }

    void check_readable() const override { whole_->check_readable(); }
    void check_unchanged() const override { whole_->check_unchanged(); }

  private:
    std::shared_ptr<Input> whole_;
    std::int64_t begin_;
    std::int64_t end_;
};

/// Whether FFmpeg passes over the tags in front: ID3v2 tags of proper sizes, one right behind the other.
bool skips_front(const metadata::Layout& layout) {
    std::uint64_t at = 0;
    for (const metadata::Id3v2Tag& tag : layout.id3v2) {
        if (!tag.synchsafe || tag.offset != at) return false;
        at = tag.end;
    }
    return at == layout.begin;
}

}  // namespace

std::shared_ptr<Input> sound_of(std::shared_ptr<InputFile> file, std::string_view container) {
    static constexpr std::array<std::string_view, 6> kinds = {"mp3", "flac", "ape", "mpc", "mpc8", "wv"};
    if (std::ranges::find(kinds, container) == kinds.end()) return file;
    const metadata::Layout layout = metadata::parse_layout(metadata::DescriptorSource(file->descriptor()));
    const std::int64_t begin = skips_front(layout) ? 0 : static_cast<std::int64_t>(layout.begin);
    const std::int64_t end = std::min(static_cast<std::int64_t>(layout.end), file->size());
    if (!metadata::is_taggable(layout.container) || begin >= end || (begin == 0 && end == file->size())) return file;
    return std::make_shared<PartOfInput>(std::move(file), begin, end);
}

}  // namespace earmark::audio
