#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>

#include <cctype>
#include <filesystem>
#include <string>
#include <vector>

#include "files/descriptor.hpp"
#include "metadata/edit/edit.hpp"
#include "support/program.hpp"
#include "support/temporary_folder.hpp"

namespace earmark::testing {

/// Tests that let ffmpeg make small tagged files of every format.
class TaggedFiles : public ::testing::Test {
  protected:
    struct Format {
        std::string name;  ///< of a file
        std::string kind;  ///< as `read_tags` calls it
        std::vector<std::string> options;
    };

    static std::vector<Format> formats() {
        return {{"a.mp3", "MP3", {"-b:a", "64k"}},
                {"v23.mp3", "MP3", {"-b:a", "64k", "-id3v2_version", "3", "-write_id3v1", "1"}},
                {"v24.mp3", "MP3", {"-b:a", "64k", "-id3v2_version", "4"}},
                {"a.flac", "FLAC", {}},
                {"a.ogg", "Ogg Vorbis", {"-c:a", "libvorbis"}},
                {"a.opus", "Opus", {"-c:a", "libopus"}},
                {"flac.oga", "Ogg FLAC", {"-c:a", "flac"}},
                {"a.m4a", "MP4", {"-c:a", "aac"}},
                {"fast.m4a", "MP4", {"-c:a", "aac", "-movflags", "+faststart"}},
                {"a.wma", "WMA", {}},
                {"a.wv", "WavPack", {"-c:a", "wavpack"}},
                {"a.wav", "WAV", {}},
                {"a.aiff", "AIFF", {"-write_id3v2", "1"}}};
    }

    void SetUp() override {
        if (testing::run({"ffmpeg", "-version"}).status != 0)
            GTEST_SKIP() << "the ffmpeg program is not installed (Debian package: ffmpeg)";
    }

    /// A file of three seconds with these tags ("artist=Somebody").
    std::filesystem::path make(const Format& format, const std::vector<std::string>& tags) {
        std::filesystem::path file = folder.path() / format.name;
        std::vector<std::string> command{"ffmpeg", "-v",    "error", "-y",
                                         "-f",     "lavfi", "-i",    "sine=frequency=440:sample_rate=48000:duration=3",
                                         "-ac",    "2"};
        command.insert(command.end(), format.options.begin(), format.options.end());
        for (const std::string& tag : tags) command.insert(command.end(), {"-metadata", tag});
        command.push_back(file.string());
        const testing::Finished result = testing::run(command);
        EXPECT_EQ(result.status, 0) << result.messages;
        return file;
    }

    /// What ffprobe finds of a tag, in the container or in the stream.
    static std::string probed(const std::filesystem::path& file, const std::string& tag) {
        const testing::Finished result = testing::run(
            {"ffprobe", "-v", "error", "-show_entries", "format_tags:stream_tags", "-of", "flat", file.string()});
        std::string lower;
        for (const char c : result.output) lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        const std::size_t at = lower.find(".tags." + tag + "=\"");
        if (at == std::string::npos) return "";
        const std::size_t begin = result.output.find('"', at) + 1;
        return result.output.substr(begin, result.output.find('"', begin) - begin);
    }

    /// A hash of the sound as it is decoded.
    static std::string sound(const std::filesystem::path& file) {
        return testing::run({"ffmpeg", "-v", "error", "-i", file.string(), "-map", "0:a", "-f", "md5", "-"}).output;
    }

    static std::vector<metadata::FieldEdit> edits(const std::vector<std::string>& genres) {
        return {{metadata::Field::genre, genres}};
    }

    /// Gives a file other genres in place, as another program might.
    static void write_genres(const std::filesystem::path& file, const std::vector<std::string>& genres) {
        const files::Descriptor descriptor(::open(file.c_str(), O_RDWR | O_CLOEXEC));
        ASSERT_TRUE(descriptor.is_open()) << file;
        metadata::edit_fields(descriptor.get(), edits(genres));
    }

    testing::TemporaryFolder folder;
};

}  // namespace earmark::testing
