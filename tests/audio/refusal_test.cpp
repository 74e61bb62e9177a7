#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audio/ffmpeg_tool.hpp"

namespace earmark::audio {
namespace {

using testing::bytes_of;
using testing::Decoded;
using testing::error_reading;
using testing::write_bytes;

bool says(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

class Refusal : public ::testing::Test {
  protected:
    std::filesystem::path file(const std::string& name) const { return folder_.path() / name; }

    /// Expects `code`, and a message that names the file and has something to say after it.
    void expect(const std::filesystem::path& path, ErrorCode code, const std::string& cure) {
        const Error error = testing::error_reading(path);
        EXPECT_EQ(to_string(error.code()), to_string(code)) << error.what();
        EXPECT_EQ(std::string(error.what()).rfind(path.string() + ": ", 0), 0U) << error.what();
        EXPECT_TRUE(says(error.what(), cure)) << error.what();
    }

    testing::TemporaryFolder folder_;
};

TEST_F(Refusal, MissingPath) {
    expect(file("missing.mp3"), ErrorCode::not_found, "Check the path");
    expect(file("missing folder") / "a.mp3", ErrorCode::not_found, "Check the path");
    expect("", ErrorCode::not_found, "Check the path");
}

TEST_F(Refusal, ANameIsNotCutAtANul) {
    testing::write_bytes(file("a.wav"), testing::float_wav({0.5F}, 1, 22050));
    EXPECT_EQ(testing::error_reading(file(std::string("a.wav\0.mp3", 10))).code(), ErrorCode::not_found);
}

TEST_F(Refusal, Folder) {
    expect(folder_.path(), ErrorCode::unreadable, "Name an audio file in it");
}

TEST_F(Refusal, PipesSocketsAndDevices) {
    ASSERT_EQ(::mkfifo(file("pipe.mp3").c_str(), 0600), 0);
    expect(file("pipe.mp3"), ErrorCode::unreadable, "pipe or a device");  // and does not wait for a writer
    expect("/dev/zero", ErrorCode::unreadable, "pipe or a device");
    const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    file("s").string().copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    expect(file("s"), ErrorCode::unreadable, "pipe or a device");
    ::close(socket);
}

TEST_F(Refusal, PermissionDenied) {
    testing::write_bytes(file("secret.wav"), testing::float_wav({0.5F}, 1, 22050));
    ASSERT_EQ(::chmod(folder_.path().c_str(), 0755), 0);
    ASSERT_EQ(::chmod(file("secret.wav").c_str(), 0000), 0);
    // The superuser may read everything, so a child looks as somebody else.
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        if (::geteuid() == 0 && (::setgid(65534) != 0 || ::setuid(65534) != 0)) ::_exit(2);
        try {
            const AudioReader reader(file("secret.wav"));
        } catch (const Error& error) {
            ::_exit(error.code() == ErrorCode::unreadable && says(error.what(), "permission denied") ? 0 : 3);
        }
        ::_exit(4);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(Refusal, EmptyFile) {
    expect(testing::write_bytes(file("empty.mp3"), ""), ErrorCode::no_audio, "Copy it again");
}

TEST_F(Refusal, TextNamedAsSound) {
    std::string text;
    while (text.size() < 300'000) text += "It was a dark and stormy night; the rain fell in torrents.\n";
    for (const char* name : {"a.mp3", "a.wav", "a.flac", "a.ogg", "a.m4a", "a.aac", "a.wma", "a.opus", "a.txt", "a.jpg",
                             "a.srt", "a.aiff", "a.au"}) {
        SCOPED_TRACE(name);
        expect(testing::write_bytes(file(name), text), ErrorCode::no_audio, "");
        expect(testing::write_bytes(file(name), "hello\n"), ErrorCode::no_audio, "");
    }
}

TEST_F(Refusal, RandomBytesNamedAsSound) {
    std::string noise(100'000, '\0');
    std::uint32_t state = 7;
    for (char& c : noise) {
        state = state * 1664525 + 1013904223;
        c = static_cast<char>(state >> 24);
    }
    for (const char* name : {"a.wav", "a.flac", "a.ogg", "a.m4a", "a.wma", "noise"}) {
        SCOPED_TRACE(name);
        EXPECT_EQ(testing::error_reading(testing::write_bytes(file(name), noise)).code(), ErrorCode::no_audio);
    }
    // MP3 has no signature but eleven set bits, so noise holds "frames"; they may decode, and never do harm.
    try {
        testing::Decoded{testing::write_bytes(file("a.mp3"), noise)};
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::no_audio);
    }
}

/// Formats that name other files, under their own and under a sound's extension, beside a file they could open.
TEST_F(Refusal, FormatsThatOpenOtherFiles) {
    const auto real =
        testing::write_bytes(file("real.wav"), testing::float_wav(std::vector<float>(22050, 0.1F), 1, 22050));
    const std::string url = "file://" + real.string();
    const std::pair<const char*, std::string> scripts[] = {
        {"concat.ffconcat", "ffconcat version 1.0\nfile real.wav\n"},
        {"hls.m3u8", "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXTINF:1.0,\n" + url + "\n#EXT-X-ENDLIST\n"},
        {"list.m3u", "\xEF\xBB\xBF#EXTM3U\nreal.wav\n"},
        {"list.pls", "[playlist]\nFile1=real.wav\nNumberOfEntries=1\nVersion=2\n"},
        {"dash.mpd",
         "<?xml version=\"1.0\"?>\n<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" type=\"static\" "
         "profiles=\"urn:mpeg:dash:profile:isoff-on-demand:2011\" mediaPresentationDuration=\"PT1S\"><Period>"
         "<AdaptationSet mimeType=\"audio/wav\"><Representation id=\"1\" bandwidth=\"1\"><BaseURL>" +
             url + "</BaseURL></Representation></AdaptationSet></Period></MPD>\n"},
        {"stream.sdp",
         "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n"
         "a=rtpmap:0 PCMU/8000\n"},
        {"beat.sbg", "SBG - sequence\nSBG 1\nbase: 300+4/10\nNOW base\n"},
    };
    for (const auto& [name, text] : scripts) {
        for (const std::string extension : {"", ".mp3", ".wav"}) {
            const std::string shown = name + extension;
            SCOPED_TRACE(shown);
            const Error error = testing::error_reading(testing::write_bytes(file(shown), text));
            EXPECT_TRUE(error.code() == ErrorCode::unsupported ||
                        (shown.find("sbg") != std::string::npos && error.code() == ErrorCode::no_audio))
                << to_string(error.code()) << " " << error.what();
        }
    }
    // Without a signature nothing tells a concat script or a list from other text.
    EXPECT_EQ(testing::error_reading(testing::write_bytes(file("bare.mp3"), "file 'real.wav'\n")).code(),
              ErrorCode::no_audio);
    EXPECT_EQ(testing::error_reading(testing::write_bytes(file("bare.m3u"), "real.wav\n")).code(), ErrorCode::no_audio);
}

TEST_F(Refusal, UrlsAreNotOpened) {
    for (const char* url : {"http://localhost/a.mp3", "https://localhost/a.mp3", "tcp://localhost:1", "rtmp://a/b"}) {
        expect(url, ErrorCode::unsupported, "Download it first");
    }
    expect("file:///dev/zero", ErrorCode::unsupported, "Name the file by its path");
    for (const char* address : {"pipe:0", "concat:a.mp3|b.mp3", "lavfi:sine", "data:audio/wav;base64,AAAA",
                                "file:/dev/zero", "a b://c", "://a"}) {
        expect(address, ErrorCode::not_found, "Check the path");
    }
}

TEST_F(Refusal, AFileNamedAsAUrlIsAFile) {
    std::filesystem::create_directories(file("http:") / "host");
    const auto real = file("http:") / "host" / "a.wav";
    testing::write_bytes(real, testing::float_wav(std::vector<float>(22050, 0.1F), 1, 22050));
    const auto here = std::filesystem::current_path();
    std::filesystem::current_path(folder_.path());
    EXPECT_EQ(Decoded("http://host/a.wav").samples.size(), 22050U);
    std::filesystem::current_path(here);
}

TEST_F(Refusal, MidiHasNoSound) {
    const std::string midi("MThd\0\0\0\6\0\1\0\1\0\x60MTrk\0\0\0\4\0\xFF\x2F\0", 26);
    for (const char* name : {"a.mid", "a.mp3", "a"}) {
        expect(testing::write_bytes(file(name), midi), ErrorCode::no_audio, "MIDI file, which holds notes");
    }
    const std::string riff("RIFF\x26\0\0\0RMIDdata\x1A\0\0\0", 20);
    expect(testing::write_bytes(file("a.rmi"), riff + midi), ErrorCode::no_audio, "Render it");
}

class RefusalWithFfmpeg : public testing::WithFfmpeg {};

/// An MP4 may say that its samples lie in another file.
TEST_F(RefusalWithFfmpeg, MovThatRefersToAnotherFile) {
    std::string bytes = testing::bytes_of(tone("a.mov", "-c:a pcm_s16le", 1.0));
    const std::size_t entry = bytes.find("url ");
    ASSERT_NE(entry, std::string::npos);
    bytes[entry + 7] = 0;  // the flag "in this very file"
    // With nothing to open there are no samples, and the neighbour is not decoded.
    try {
        EXPECT_LE(testing::Decoded(testing::write_bytes(file("b.mov"), bytes)).samples.size(), 44100U);
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::no_audio);
    }
}

/// A chiptune is a program; this one plays one note for ever.
TEST_F(Refusal, AFormatWithoutEndHasOne) {
    std::string nsf("NESM\x1a\x01\x01\x01\x00\x80\x00\x80\x20\x80", 14);
    nsf.resize(128, '\0');
    nsf[0x6E] = '\x1a';  // 60 calls a second
    nsf[0x6F] = '\x41';
    const unsigned char program[] = {0xA9, 0x0F, 0x8D, 0x15, 0x40, 0xA9, 0xBF, 0x8D, 0x00, 0x40, 0xA9, 0x00, 0x8D,
                                     0x01, 0x40, 0xA9, 0xFD, 0x8D, 0x02, 0x40, 0xA9, 0x00, 0x8D, 0x03, 0x40, 0x60};
    nsf.append(reinterpret_cast<const char*>(program), sizeof program);
    nsf.resize(128 + 0x20, '\0');
    nsf += '\x60';
    testing::write_bytes(file("note.nsf"), nsf);
    try {
        AudioReader reader(file("note.nsf"), {.sample_rate = 0});
        while (!reader.read().empty() && reader.position() < 1000LL * reader.sample_rate()) {
        }
        EXPECT_LT(reader.position(), 400LL * reader.sample_rate());
        EXPECT_GT(reader.position(), 100LL * reader.sample_rate());
        EXPECT_TRUE(reader.warnings().empty());
    } catch (const Error& error) {
        if (error.code() == ErrorCode::no_audio) GTEST_SKIP() << "this FFmpeg plays no chiptunes";
        throw;
    }
}

}  // namespace
}  // namespace earmark::audio
