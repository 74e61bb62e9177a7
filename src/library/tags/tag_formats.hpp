#pragma once

#include <span>
#include <string>
#include <variant>
#include <vector>

namespace TagLib {
namespace APE {
class Tag;
}
namespace ASF {
class Tag;
}
namespace FLAC {
class Picture;
}
namespace ID3v1 {
class Tag;
}
namespace ID3v2 {
class Tag;
}
namespace MP4 {
class Tag;
}
namespace Ogg {
class XiphComment;
}
namespace RIFF::Info {
class Tag;
}
}  // namespace TagLib

namespace earmark::library {

/// A tag of any kind that TagLib knows, and what Earmark wants of each. None is null.
using AnyTag = std::variant<TagLib::Ogg::XiphComment*, TagLib::MP4::Tag*, TagLib::ASF::Tag*, TagLib::ID3v2::Tag*,
                            TagLib::APE::Tag*, TagLib::RIFF::Info::Tag*, TagLib::ID3v1::Tag*>;

/// As UTF-8; empty when it has none.
std::vector<std::string> genres_of(const AnyTag& tag);

/// No genres take away those that it has. RIFF and ID3v1 tags hold one genre, and get the first.
void set_genres(const AnyTag& tag, std::span<const std::string> genres);

/// Adds all that it holds besides genres, as Tags::others.
void add_others(const AnyTag& tag, std::vector<std::string>& others);
std::string line_of_picture(const char* kind, const TagLib::FLAC::Picture& picture);

}  // namespace earmark::library
