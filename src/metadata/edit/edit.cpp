#include "metadata/edit/edit.hpp"

#include "base/throw.hpp"
#include "metadata/edit/carry.hpp"
#include "metadata/edit/edit_asf.hpp"
#include "metadata/edit/edit_chunks.hpp"
#include "metadata/edit/edit_comments.hpp"
#include "metadata/edit/edit_id3v2.hpp"
#include "metadata/edit/edit_mp4.hpp"
#include "metadata/edit/edit_trailing.hpp"
#include "metadata/layout.hpp"

namespace earmark::metadata {

namespace {

[[noreturn]] void refuse(Container container) {
    if (container == Container::unknown) {
        base::fail(ErrorCode::unsupported, "is no file whose tags can be written, or is damaged.");
    }
    base::fail(ErrorCode::unsupported,
               "is a file of the kind {}, and Earmark writes no tags into such files. It writes them into MP3, FLAC, "
               "Ogg, MP4, WMA, WavPack, Monkey's Audio, Musepack, WAV and AIFF files.",
               name_of(container));
}

class Planner {
  public:
    Planner(const ByteSource& source, const Metadata& metadata, const FieldEdit& edit)
        : source_(source), layout_(parse_layout(source)), metadata_(metadata), edit_(edit) {}

    std::vector<Splice> plan() {
        if (!is_taggable(layout_.container)) refuse(layout_.container);
        switch (layout_.container) {
            case Container::mpeg:
                plan_id3v2(true);
                plan_ape(false);
                break;
            case Container::wavpack:
            case Container::monkeys_audio:
            case Container::musepack:
                plan_id3v2(false);
                plan_ape(true);
                break;
            default:
                plan_id3v2(false);
                plan_container();
                plan_ape(false);
                break;
        }
        if (edit_.field == Field::genre) edit_id3v1(splices_, source_, layout_.trailing, edit_.values);
        return splices_.sorted();
    }

  private:
    /// @param native  whether the tag is made where there is none
    void plan_id3v2(bool native) {
        for (std::size_t i = 0; i < layout_.id3v2.size(); ++i) {
            edit_id3v2(splices_, source_, layout_.id3v2[i], edit_, native && i == 0);
        }
        for (const Id3v2Tag& tag : layout_.trailing.id3v2) edit_id3v2(splices_, source_, tag, edit_, false);
        if (native && layout_.id3v2.empty() && !edit_.values.empty()) {
            splices_.add(0, 0, new_id3v2(edit_, carried_fields(metadata_, edit_.field)));
        }
    }

    void plan_ape(bool native) {
        const auto edit = [&](const ApeTag& tag) {
            edit_ape(splices_, source_, tag, edit_, native || describes_track(tag));
        };
        if (layout_.front_ape) edit(*layout_.front_ape);
        for (const ApeTag& tag : layout_.trailing.ape) edit(tag);
        const bool any = layout_.front_ape || !layout_.trailing.ape.empty();
        if (!native || any || edit_.values.empty()) return;
        const TrailingTags& trailing = layout_.trailing;
        const std::uint64_t at = trailing.enhanced ? *trailing.enhanced
                                 : trailing.id3v1  ? *trailing.id3v1
                                                   : source_.size();
        splices_.add(at, at, new_ape(edit_, carried_fields(metadata_, edit_.field)));
    }

    void plan_container() {
        const std::uint64_t begin = layout_.begin;
        switch (layout_.container) {
            case Container::flac:
                return edit_flac(splices_, source_, begin, edit_);
            case Container::mp4:
                return edit_mp4(splices_, source_, begin, edit_);
            case Container::asf:
                return edit_asf(splices_, source_, begin, edit_);
            case Container::wave:
            case Container::aiff:
                return edit_chunks(splices_, source_, begin, layout_.container == Container::aiff, edit_,
                                   carried_fields(metadata_, edit_.field));
            default:
                return edit_ogg(splices_, source_, begin, edit_);
        }
    }

    const ByteSource& source_;
    Layout layout_;
    const Metadata& metadata_;
    const FieldEdit& edit_;
    Splices splices_;
};

std::vector<Splice> plan(const ByteSource& source, const Metadata& before, const FieldEdit& edit) {
    std::vector<Splice> splices = Planner(source, before, edit).plan();
    check_edit(before, read_metadata(SplicedSource(source, splices)), edit);
    return splices;
}

}  // namespace

std::vector<Splice> plan_edit(const ByteSource& source, const FieldEdit& edit) {
    return plan(source, read_metadata(source), edit);
}

EditReport edit_fields(int descriptor, std::span<const FieldEdit> edits) {
    Metadata before = read_metadata(DescriptorSource(descriptor));
    EditReport report{before.container, before.oddities};
    for (const FieldEdit& edit : edits) {
        apply_splices(descriptor, plan(DescriptorSource(descriptor), before, edit));
        Metadata after = read_metadata(DescriptorSource(descriptor));
        check_edit(before, after, edit);
        before = std::move(after);
    }
    return report;
}

}  // namespace earmark::metadata
