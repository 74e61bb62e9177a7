#include "library/tags/tags.hpp"

#include <aifffile.h>
#include <apefile.h>
#include <asffile.h>
#include <fileref.h>
#include <flacfile.h>
#include <id3v2framefactory.h>
#include <id3v2header.h>
#include <id3v2tag.h>
#include <mp4file.h>
#include <mpcfile.h>
#include <mpegfile.h>
#include <oggflacfile.h>
#include <opusfile.h>
#include <speexfile.h>
#include <tbytevectorstream.h>
#include <vorbisfile.h>
#include <wavfile.h>
#include <wavpackfile.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/throw.hpp"
#include "library/tags/input_stream.hpp"
#include "library/tags/tag_formats.hpp"

namespace earmark::library {

namespace fs = std::filesystem;

namespace {

/// What a file is called that holds audio, but no tags that can be written; nullptr when it is none of these.
const char* untaggable_kind(const fs::path& path, std::string_view begin) {
    static constexpr std::array<std::pair<std::string_view, const char*>, 12> beginnings{{
        {"\x1A\x45\xDF\xA3", "a Matroska or WebM file"},
        {"TTA", "a True Audio file"},
        {"caff", "a Core Audio file"},
        {".snd", "an AU file"},
        {"tBaK", "a TAK file"},
        {"DSD ", "a DSD file"},
        {"FRM8", "a DSD file"},
        {"#!AMR", "an AMR file"},
        {".RMF", "a RealMedia file"},
        {".ra\xFD", "a RealAudio file"},
        {"RF64", "an RF64 file"},
        {"riff", "a Wave64 file"},
    }};
    static constexpr std::array<std::pair<std::string_view, const char*>, 4> extensions{{
        {".aac", "a bare AAC stream"},
        {".ac3", "an AC-3 stream"},
        {".eac3", "an E-AC-3 stream"},
        {".dts", "a DTS stream"},
    }};
    for (const auto& [bytes, kind] : beginnings) {
        if (begin.starts_with(bytes)) return kind;
    }
    const std::string extension = path.extension().string();
    for (const auto& [name, kind] : extensions) {
        if (extension == name) return kind;
    }
    return nullptr;
}

/// An opened file with its tags. `native` says whether the kind of tag that its format is at home with is made where
/// the file has none.
class TaggedFile {
  public:
    /// @param stream  what TagLib is to read instead of opening the file itself
    TaggedFile(const fs::path& path, bool native, std::unique_ptr<InputStream> stream = nullptr)
        : path_(path),
          stream_(std::move(stream)),
          reference_(stream_ ? TagLib::FileRef(stream_.get(), false) : TagLib::FileRef(path.c_str(), false)) {
        if (reference_.isNull() || !reference_.file()->isValid()) refuse();
        TagLib::File* const file = reference_.file();
        const auto is = [&](auto*& as) {
            as = dynamic_cast<std::remove_reference_t<decltype(as)>>(file);
            return as != nullptr;
        };
        TagLib::MPEG::File* mpeg = nullptr;
        TagLib::FLAC::File* flac = nullptr;
        TagLib::MP4::File* mp4 = nullptr;
        TagLib::ASF::File* asf = nullptr;
        TagLib::WavPack::File* wavpack = nullptr;
        TagLib::APE::File* monkey = nullptr;
        TagLib::MPC::File* musepack = nullptr;
        TagLib::RIFF::WAV::File* wav = nullptr;
        TagLib::RIFF::AIFF::File* aiff = nullptr;
        if (is(mpeg)) {
            format_ = "MP3";
            if (native || mpeg->hasID3v2Tag()) tags_.emplace_back(mpeg->ID3v2Tag(true));
            if (mpeg->hasAPETag()) tags_.emplace_back(mpeg->APETag());
            if (mpeg->hasID3v1Tag()) tags_.emplace_back(mpeg->ID3v1Tag());
        } else if (is(flac)) {
            format_ = "FLAC";
            tags_.emplace_back(flac->xiphComment(native));
            if (flac->hasID3v2Tag()) tags_.emplace_back(flac->ID3v2Tag());
            if (flac->hasID3v1Tag()) tags_.emplace_back(flac->ID3v1Tag());
            pictures_ = flac->pictureList();
        } else if (is(mp4)) {
            format_ = "MP4";
            tags_.emplace_back(mp4->tag());
        } else if (is(asf)) {
            format_ = "WMA";
            tags_.emplace_back(asf->tag());
        } else if (is(wavpack)) {
            format_ = "WavPack";
            take_ape(*wavpack, native);
        } else if (is(monkey)) {
            format_ = "Monkey's Audio";
            take_ape(*monkey, native);
        } else if (is(musepack)) {
            format_ = "Musepack";
            take_ape(*musepack, native);
        } else if (is(wav)) {
            format_ = "WAV";
            if (native || wav->hasID3v2Tag()) tags_.emplace_back(wav->ID3v2Tag());
            if (wav->hasInfoTag()) tags_.emplace_back(wav->InfoTag());
        } else if (is(aiff)) {
            format_ = "AIFF";
            if (native || aiff->hasID3v2Tag()) tags_.emplace_back(aiff->tag());
        } else if (auto* const comment = dynamic_cast<TagLib::Ogg::XiphComment*>(file->tag())) {
            format_ = ogg_format(*file);
            tags_.emplace_back(comment);
        } else {
            refuse();
        }
    }

    const std::string& format() const { return format_; }

    /// Of the first tag that has some, as players look for them.
    std::vector<std::string> genres() const {
        for (const AnyTag& tag : tags_) {
            if (std::vector<std::string> found = genres_of(tag); !found.empty()) return found;
        }
        return {};
    }

    void set_genres(std::span<const std::string> genres) {
        for (const AnyTag& tag : tags_) earmark::library::set_genres(tag, genres);
    }

    std::vector<std::string> others() const {
        std::vector<std::string> others;
        for (const AnyTag& tag : tags_) add_others(tag, others);
        for (TagLib::FLAC::Picture* picture : pictures_) others.push_back(line_of_picture("FLAC", *picture));
        // Tags do not say in which order they stand.
        std::ranges::sort(others);
        return others;
    }

    /// No tag of another kind is made or stripped.
    void save() {
        TagLib::File* const file = reference_.file();
        const TagLib::ID3v2::Version version = id3v2_version();
        if (file->readOnly()) base::fail(ErrorCode::cannot_write, "{}: cannot be opened for writing.", path_.string());
        bool saved = false;
        if (auto* const mpeg = dynamic_cast<TagLib::MPEG::File*>(file)) {
            int tags = TagLib::MPEG::File::ID3v2;
            if (find<TagLib::ID3v1::Tag>() != nullptr) tags |= TagLib::MPEG::File::ID3v1;
            if (find<TagLib::APE::Tag>() != nullptr) tags |= TagLib::MPEG::File::APE;
            saved = mpeg->save(tags, TagLib::File::StripNone, version, TagLib::File::DoNotDuplicate);
        } else if (auto* const wav = dynamic_cast<TagLib::RIFF::WAV::File*>(file)) {
            auto tags = static_cast<int>(TagLib::RIFF::WAV::File::ID3v2);
            if (find<TagLib::RIFF::Info::Tag>() != nullptr) tags |= TagLib::RIFF::WAV::File::Info;
            saved = wav->save(static_cast<TagLib::RIFF::WAV::File::TagTypes>(tags), TagLib::File::StripNone, version);
        } else if (auto* const aiff = dynamic_cast<TagLib::RIFF::AIFF::File*>(file)) {
            saved = aiff->save(version);
        } else {
            saved = file->save();
        }
        if (!saved) {
            base::fail(ErrorCode::cannot_write,
                       "{}: its tags cannot be written. Is the disk full, or the file write-protected?",
                       path_.string());
        }
    }

  private:
    /// The tag of a kind; nullptr when there is none.
    template <typename Tag>
    Tag* find() const {
        for (const AnyTag& tag : tags_) {
            if (Tag* const* const found = std::get_if<Tag*>(&tag)) return *found;
        }
        return nullptr;
    }

    /// ID3v2.3 stays so, but for frames that taggers put into it though only ID3v2.4 knows them: TagLib would leave
    /// them out.
    TagLib::ID3v2::Version id3v2_version() const {
        TagLib::ID3v2::Tag* const tag = find<TagLib::ID3v2::Tag>();
        if (tag == nullptr || tag->header()->majorVersion() != 3) return TagLib::ID3v2::v4;
        TagLib::ByteVectorStream rendered(tag->render(TagLib::ID3v2::v3));
        TagLib::MPEG::File read_back(&rendered, TagLib::ID3v2::FrameFactory::instance(), false);
        std::vector<std::string> wanted;
        std::vector<std::string> kept;
        add_others(tag, wanted);
        add_others(read_back.ID3v2Tag(true), kept);
        return std::ranges::is_permutation(wanted, kept) ? TagLib::ID3v2::v3 : TagLib::ID3v2::v4;
    }

    template <typename File>
    void take_ape(File& file, bool native) {
        if (native || file.hasAPETag()) tags_.emplace_back(file.APETag(true));
        if (file.hasID3v1Tag()) tags_.emplace_back(file.ID3v1Tag());
    }

    static std::string ogg_format(const TagLib::File& file) {
        if (dynamic_cast<const TagLib::Ogg::Vorbis::File*>(&file) != nullptr) return "Ogg Vorbis";
        if (dynamic_cast<const TagLib::Ogg::Opus::File*>(&file) != nullptr) return "Opus";
        if (dynamic_cast<const TagLib::Ogg::Speex::File*>(&file) != nullptr) return "Speex";
        if (dynamic_cast<const TagLib::Ogg::FLAC::File*>(&file) != nullptr) return "Ogg FLAC";
        return "Ogg";
    }

    [[noreturn]] void refuse() const {
        std::error_code error;
        if (!stream_ && !fs::exists(path_, error)) {
            base::fail(ErrorCode::not_found, "{}: does not exist.", path_.string());
        }
        if (const char* const kind = untaggable_kind(path_, beginning())) {
            base::fail(ErrorCode::unsupported,
                       "{}: is {}, and Earmark writes no tags into such files. It writes them into MP3, FLAC, Ogg, "
                       "MP4, WMA, WavPack, Monkey's Audio, Musepack, WAV and AIFF files.",
                       path_.string(), kind);
        }
        base::fail(ErrorCode::unsupported, "{}: is no file whose tags can be written, or is damaged.", path_.string());
    }

    /// The first bytes of the file, as many as there are.
    std::string beginning() const {
        std::array<char, 8> bytes{};
        if (stream_) {
            stream_->seek(0, TagLib::IOStream::Beginning);
            const TagLib::ByteVector got = stream_->readBlock(bytes.size());
            return {got.data(), got.size()};
        }
        std::ifstream file(path_, std::ios::binary);
        file.read(bytes.data(), bytes.size());
        return {bytes.data(), static_cast<std::size_t>(file.gcount())};
    }

    fs::path path_;
    std::unique_ptr<InputStream> stream_;
    TagLib::FileRef reference_;
    std::string format_;
    std::vector<AnyTag> tags_;  // in the order in which players look for a genre
    TagLib::List<TagLib::FLAC::Picture*> pictures_;
};

}  // namespace

Tags read_tags(const fs::path& path) {
    const TaggedFile file(path, false);
    return {file.format(), file.genres(), file.others()};
}

Tags read_tags(audio::Input& input) {
    const TaggedFile file(input.name(), false, std::make_unique<InputStream>(input));
    return {file.format(), file.genres(), file.others()};
}

void write_genres(const fs::path& path, std::span<const std::string> genres) {
    TaggedFile file(path, true);
    file.set_genres(genres);
    file.save();
}

}  // namespace earmark::library
