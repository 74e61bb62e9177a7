#include "library/tags.hpp"

#include <aifffile.h>
#include <apefile.h>
#include <apetag.h>
#include <asffile.h>
#include <fileref.h>
#include <flacfile.h>
#include <id3v1genres.h>
#include <id3v1tag.h>
#include <id3v2header.h>
#include <id3v2tag.h>
#include <infotag.h>
#include <mp4file.h>
#include <mpcfile.h>
#include <mpegfile.h>
#include <oggflacfile.h>
#include <opusfile.h>
#include <speexfile.h>
#include <textidentificationframe.h>
#include <tpropertymap.h>
#include <vorbisfile.h>
#include <wavfile.h>
#include <wavpackfile.h>
#include <xiphcomment.h>

#include <algorithm>
#include <initializer_list>
#include <memory>

#include "core/throw.hpp"

namespace earmark {

namespace fs = std::filesystem;

namespace {

constexpr const char* xiph_genre = "GENRE";  // of Vorbis comments and APE items alike
constexpr const char* mp4_genre = "\251gen";
constexpr const char* asf_genre = "WM/Genre";

TagLib::String text(const std::string& utf8) {
    return {utf8, TagLib::String::UTF8};
}

TagLib::StringList list_of(std::span<const std::string> values) {
    TagLib::StringList list;
    for (const std::string& value : values) list.append(text(value));
    return list;
}

/// The tags of a file, kind by kind; those that it does not have, or cannot have, are null.
struct Kinds {
    TagLib::ID3v1::Tag* id3v1 = nullptr;
    TagLib::ID3v2::Tag* id3v2 = nullptr;
    TagLib::APE::Tag* ape = nullptr;
    TagLib::Ogg::XiphComment* xiph = nullptr;
    TagLib::MP4::Tag* mp4 = nullptr;
    TagLib::ASF::Tag* asf = nullptr;
    TagLib::RIFF::Info::Tag* info = nullptr;
};

/// An opened file with its tags. `native` says whether the kind of tag that its format is at home with is made where
/// the file has none.
class TaggedFile {
  public:
    TaggedFile(const fs::path& path, bool native) : path_(path), reference_(path.c_str(), false) {
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
            if (native || mpeg->hasID3v2Tag()) kinds_.id3v2 = mpeg->ID3v2Tag(true);
            if (mpeg->hasID3v1Tag()) kinds_.id3v1 = mpeg->ID3v1Tag();
            if (mpeg->hasAPETag()) kinds_.ape = mpeg->APETag();
        } else if (is(flac)) {
            format_ = "FLAC";
            kinds_.xiph = flac->xiphComment(native);
            if (flac->hasID3v1Tag()) kinds_.id3v1 = flac->ID3v1Tag();
            if (flac->hasID3v2Tag()) kinds_.id3v2 = flac->ID3v2Tag();
            pictures_ = flac->pictureList();
        } else if (is(mp4)) {
            format_ = "MP4";
            kinds_.mp4 = mp4->tag();
        } else if (is(asf)) {
            format_ = "WMA";
            kinds_.asf = asf->tag();
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
            if (native || wav->hasID3v2Tag()) kinds_.id3v2 = wav->ID3v2Tag();
            if (wav->hasInfoTag()) kinds_.info = wav->InfoTag();
        } else if (is(aiff)) {
            format_ = "AIFF";
            if (native || aiff->hasID3v2Tag()) kinds_.id3v2 = aiff->tag();
        } else if (auto* const comment = dynamic_cast<TagLib::Ogg::XiphComment*>(file->tag())) {
            format_ = ogg_format(*file);
            kinds_.xiph = comment;
        } else {
            refuse();
        }
    }

    const std::string& format() const { return format_; }
    const Kinds& kinds() const { return kinds_; }
    const TagLib::List<TagLib::FLAC::Picture*>& pictures() const { return pictures_; }

    void save() {
        TagLib::File* const file = reference_.file();
        if (file->readOnly()) fail(ErrorCode::cannot_write, "{}: cannot be opened for writing.", path_.string());
        // ID3v2 keeps its version, and no tag of another kind is made or stripped.
        const auto version = kinds_.id3v2 != nullptr && kinds_.id3v2->header()->majorVersion() == 3 ? TagLib::ID3v2::v3
                                                                                                    : TagLib::ID3v2::v4;
        bool saved = false;
        if (auto* const mpeg = dynamic_cast<TagLib::MPEG::File*>(file)) {
            int tags = TagLib::MPEG::File::ID3v2;
            if (kinds_.id3v1 != nullptr) tags |= TagLib::MPEG::File::ID3v1;
            if (kinds_.ape != nullptr) tags |= TagLib::MPEG::File::APE;
            saved = mpeg->save(tags, TagLib::File::StripNone, version, TagLib::File::DoNotDuplicate);
        } else if (auto* const wav = dynamic_cast<TagLib::RIFF::WAV::File*>(file)) {
            auto tags = static_cast<int>(TagLib::RIFF::WAV::File::ID3v2);
            if (kinds_.info != nullptr) tags |= TagLib::RIFF::WAV::File::Info;
            saved = wav->save(static_cast<TagLib::RIFF::WAV::File::TagTypes>(tags), TagLib::File::StripNone, version);
        } else if (auto* const aiff = dynamic_cast<TagLib::RIFF::AIFF::File*>(file)) {
            saved = aiff->save(version);
        } else {
            saved = file->save();
        }
        if (!saved) {
            fail(ErrorCode::cannot_write,
                 "{}: its tags cannot be written. Is the disk full, or the file write-protected?", path_.string());
        }
    }

  private:
    template <typename File>
    void take_ape(File& file, bool native) {
        if (native || file.hasAPETag()) kinds_.ape = file.APETag(true);
        if (file.hasID3v1Tag()) kinds_.id3v1 = file.ID3v1Tag();
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
        if (!fs::exists(path_, error)) fail(ErrorCode::not_found, "{}: does not exist.", path_.string());
        fail(ErrorCode::unsupported, "{}: is no file whose tags can be written, or is damaged.", path_.string());
    }

    fs::path path_;
    TagLib::FileRef reference_;
    std::string format_;
    Kinds kinds_;
    TagLib::List<TagLib::FLAC::Picture*> pictures_;
};

void add(std::vector<std::string>& to, const TagLib::StringList& from) {
    for (const TagLib::String& value : from) {
        if (!value.isEmpty()) to.push_back(value.to8Bit(true));
    }
}

/// ID3v2 names genres by number, too, alone or in brackets.
TagLib::StringList id3v2_genres(const TagLib::ID3v2::Tag& tag) {
    TagLib::StringList genres;
    for (const TagLib::ID3v2::Frame* frame : tag.frameList("TCON")) {
        const auto* const named = dynamic_cast<const TagLib::ID3v2::TextIdentificationFrame*>(frame);
        if (named == nullptr) continue;
        for (const TagLib::String& each : named->fieldList()) {
            bool number = false;
            const int index = each.toInt(&number);
            genres.append(number && index >= 0 && index <= 255 ? TagLib::ID3v1::genre(index) : each);
        }
    }
    return genres;
}

std::vector<std::string> genres_of(const Kinds& kinds) {
    std::vector<std::string> genres;
    if (kinds.xiph != nullptr) add(genres, kinds.xiph->fieldListMap()[xiph_genre]);
    if (kinds.mp4 != nullptr && kinds.mp4->contains(mp4_genre)) add(genres, kinds.mp4->item(mp4_genre).toStringList());
    if (kinds.asf != nullptr && kinds.asf->contains(asf_genre)) {
        for (const TagLib::ASF::Attribute& value : kinds.asf->attribute(asf_genre)) add(genres, value.toString());
    }
    if (genres.empty() && kinds.id3v2 != nullptr) add(genres, id3v2_genres(*kinds.id3v2));
    if (genres.empty() && kinds.ape != nullptr && kinds.ape->itemListMap().contains(xiph_genre)) {
        add(genres, kinds.ape->itemListMap()[xiph_genre].values());
    }
    if (genres.empty() && kinds.info != nullptr) add(genres, kinds.info->genre());
    if (genres.empty() && kinds.id3v1 != nullptr) add(genres, kinds.id3v1->genre());
    return genres;
}

std::string bytes_of(const TagLib::ByteVector& bytes) {
    return {bytes.data(), bytes.size()};
}

std::string line(const char* kind, const TagLib::String& name, const std::string& value) {
    return fmt::format("{} {}={}", kind, name.to8Bit(true), value);
}

/// The value of an MP4 item. TagLib's items do not tell of what type they are, and hold chance in all other types;
/// atoms with numbers are known by their names, as TagLib reads them.
std::string value_of(const TagLib::String& name, const TagLib::MP4::Item& item) {
    std::string value = item.toStringList().toString("\n").to8Bit(true);
    for (const TagLib::ByteVector& each : item.toByteVectorList()) value.append(1, '\n').append(bytes_of(each));
    for (const TagLib::MP4::CoverArt& art : item.toCoverArtList()) value.append(1, '\n').append(bytes_of(art.data()));
    if (!value.empty()) return value;
    const auto is = [&](std::initializer_list<const char*> names) {
        return std::ranges::any_of(names, [&](const char* each) { return name == each; });
    };
    if (is({"trkn", "disk"})) return fmt::format("{}/{}", item.toIntPair().first, item.toIntPair().second);
    if (is({"cpil", "pgap", "pcst", "shwm", "hdvd"})) return item.toBool() ? "true" : "false";
    if (is({"stik", "rtng", "akID"})) return std::to_string(item.toByte());
    if (is({"plID"})) return std::to_string(item.toLongLong());
    if (is({"tvsn", "tves", "cnID", "sfID", "atID", "geID", "cmID"})) return std::to_string(item.toUInt());
    if (is({"tmpo", "\251mvi", "\251mvc"})) return std::to_string(item.toInt());
    return "";
}

void add_others(std::vector<std::string>& others, const TagLib::MP4::Tag& tag) {
    for (const auto& [name, item] : tag.itemMap()) {
        if (name != mp4_genre) others.push_back(line("MP4", name, value_of(name, item)));
    }
}

void add_others(std::vector<std::string>& others, const TagLib::ASF::Tag& tag) {
    for (const auto& [name, values] : const_cast<TagLib::ASF::Tag&>(tag).attributeListMap()) {
        if (name == asf_genre) continue;
        std::string value;
        for (const TagLib::ASF::Attribute& each : values) {
            value.append(each.toString().to8Bit(true))
                .append(1, '\n')
                .append(bytes_of(each.toByteVector()))
                .append(1, '\n');
        }
        others.push_back(line("ASF", name, value));
    }
    others.push_back(line("ASF", "title", tag.title().to8Bit(true)));
    others.push_back(line("ASF", "artist", tag.artist().to8Bit(true)));
    others.push_back(line("ASF", "comment", tag.comment().to8Bit(true)));
    others.push_back(line("ASF", "copyright", tag.copyright().to8Bit(true)));
}

std::vector<std::string> others_of(const TaggedFile& file) {
    const Kinds& kinds = file.kinds();
    std::vector<std::string> others;
    if (kinds.xiph != nullptr) {
        for (const auto& [name, values] : kinds.xiph->fieldListMap()) {
            if (name != xiph_genre) others.push_back(line("Xiph", name, values.toString("\n").to8Bit(true)));
        }
        for (TagLib::FLAC::Picture* picture : kinds.xiph->pictureList()) {
            others.push_back(line("Xiph", "picture", bytes_of(picture->render())));
        }
    }
    for (TagLib::FLAC::Picture* picture : file.pictures()) {
        others.push_back(line("FLAC", "picture", bytes_of(picture->render())));
    }
    if (kinds.id3v2 != nullptr) {
        for (const TagLib::ID3v2::Frame* frame : kinds.id3v2->frameList()) {
            if (frame->frameID() == "TCON") continue;
            others.push_back(line("ID3v2", TagLib::String(frame->frameID()), bytes_of(frame->render())));
        }
    }
    if (kinds.ape != nullptr) {
        for (const auto& [name, item] : kinds.ape->itemListMap()) {
            if (name.upper() != xiph_genre) others.push_back(line("APE", name, bytes_of(item.render())));
        }
    }
    if (kinds.mp4 != nullptr) add_others(others, *kinds.mp4);
    if (kinds.asf != nullptr) add_others(others, *kinds.asf);
    if (kinds.info != nullptr) {
        for (const auto& [name, value] : kinds.info->fieldListMap()) {
            if (name != "IGNR") others.push_back(line("RIFF", TagLib::String(name), value.to8Bit(true)));
        }
    }
    if (kinds.id3v1 != nullptr) {
        const TagLib::ID3v1::Tag& tag = *kinds.id3v1;
        others.push_back(line("ID3v1", tag.title(), tag.artist().to8Bit(true)));
        others.push_back(line("ID3v1", tag.album(), tag.comment().to8Bit(true)));
        others.push_back(fmt::format("ID3v1 {} {}", tag.year(), tag.track()));
    }
    // Tags do not say in which order they stand.
    std::ranges::sort(others);
    return others;
}

void set_id3v2(TagLib::ID3v2::Tag& tag, std::span<const std::string> genres) {
    tag.removeFrames("TCON");
    if (genres.empty()) return;
    auto frame = std::make_unique<TagLib::ID3v2::TextIdentificationFrame>("TCON", TagLib::String::UTF8);
    frame->setText(list_of(genres));
    tag.addFrame(frame.release());
}

}  // namespace

Tags read_tags(const fs::path& path) {
    const TaggedFile file(path, false);
    return {file.format(), genres_of(file.kinds()), others_of(file)};
}

void write_genres(const fs::path& path, std::span<const std::string> genres) {
    TaggedFile file(path, true);
    const Kinds& kinds = file.kinds();
    const TagLib::StringList list = list_of(genres);
    if (kinds.xiph != nullptr) {
        kinds.xiph->removeFields(xiph_genre);
        for (const TagLib::String& genre : list) kinds.xiph->addField(xiph_genre, genre, false);
    }
    if (kinds.mp4 != nullptr) {
        if (list.isEmpty()) {
            kinds.mp4->removeItem(mp4_genre);
        } else {
            kinds.mp4->setItem(mp4_genre, list);
        }
    }
    if (kinds.asf != nullptr) {
        kinds.asf->removeItem(asf_genre);
        for (const TagLib::String& genre : list) kinds.asf->addAttribute(asf_genre, genre);
    }
    if (kinds.id3v2 != nullptr) set_id3v2(*kinds.id3v2, genres);
    if (kinds.ape != nullptr) {
        kinds.ape->removeItem(xiph_genre);
        if (!list.isEmpty()) kinds.ape->setItem(xiph_genre, TagLib::APE::Item(xiph_genre, list));
    }
    // These two hold one genre.
    const TagLib::String first = list.isEmpty() ? TagLib::String() : list.front();
    if (kinds.info != nullptr) kinds.info->setGenre(first);
    if (kinds.id3v1 != nullptr) kinds.id3v1->setGenre(first);
    file.save();
}

}  // namespace earmark
