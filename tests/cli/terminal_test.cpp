// Output in windows of three widths: programs run on a pseudo-terminal.
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "earmark/model.hpp"
#include "files/atomic_file.hpp"
#include "support/fake_index.hpp"
#include "support/program.hpp"
#include "support/random_model.hpp"
#include "support/signals.hpp"
#include "support/temporary_folder.hpp"
#include "support/wav.hpp"

namespace earmark {
namespace {

namespace fs = std::filesystem;

constexpr std::array widths{50, 80, 120};

/// All that a command writes to a terminal of `width` columns.
std::string on_terminal(int width, const std::string& command) {
    winsize size{};
    size.ws_col = static_cast<unsigned short>(width);
    size.ws_row = 40;
    int terminal = -1;
    const pid_t child = ::forkpty(&terminal, nullptr, nullptr, &size);
    if (child < 0) throw std::runtime_error("no terminal");
    if (child == 0) {
        ::setenv("EARMARK_SETTINGS", "/dev/null", 1);
        ::setenv("TERM", "xterm", 1);
        for (const char* name : {"NO_COLOR", "CLICOLOR_FORCE", "COLUMNS"}) ::unsetenv(name);
        ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
        ::_exit(127);
    }
    std::string text;
    char buffer[4096];
    for (ssize_t got = 0; (got = ::read(terminal, buffer, sizeof buffer)) > 0;) text.append(buffer, got);
    int status = 0;
    ::waitpid(child, &status, 0);
    ::close(terminal);
    std::erase(text, '\0');
    return text;
}

/// The text without escape sequences.
std::string plain(const std::string& text) {
    std::string result;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '\x1b') {
            while (at < text.size() && !std::isalpha(static_cast<unsigned char>(text[at]))) ++at;
        } else {
            result += text[at];
        }
    }
    return result;
}

std::vector<std::string> lines(const std::string& text) {
    std::vector<std::string> result;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
        while (line.ends_with('\r')) line.pop_back();
        result.push_back(line.substr(line.rfind('\r') + 1));
    }
    return result;
}

/// Columns of a line: characters, those from U+1100 on twice; enough for the names in these tests.
int columns(const std::string& line) {
    int count = 0;
    for (const char character : line) {
        const auto byte = static_cast<unsigned char>(character);
        if ((byte & 0xc0) != 0x80) ++count;
        if (byte >= 0xe3 && byte < 0xf0) ++count;
    }
    return count;
}

class Terminal : public ::testing::Test {
  protected:
    void SetUp() override {
        fs::create_directories(music);
        save_model(testing::random_model("cnn"), model);
        for (const char* name : {"a.wav", "日本語の曲.wav", "a song with a long name that fills windows.wav"})
            testing::write_wav(music / name, testing::tones(7.0), 22050);
    }

    std::string classify(const std::string& more = "") const {
        return EARMARK_BUILD_DIR "/bin/earmark classify --model '" + model.string() + "' '" + music.string() + "' " +
               more;
    }

    testing::TemporaryFolder folder;
    fs::path music = folder.path() / "a folder below another one" / "music";
    fs::path model = folder.path() / "model.safetensors";
};

TEST_F(Terminal, TablesFitTheWindow) {
    for (const int width : widths) {
        const std::string screen = plain(on_terminal(width, classify("--segments")));
        int files = 0;
        for (const std::string& line : lines(screen)) {
            EXPECT_LE(columns(line), width) << width << ": " << line;
            files += line.ends_with(".wav");
        }
        EXPECT_EQ(files, 3) << screen;
        // "not music: applause" has room in the column of genres, so a narrow window has the files below.
        EXPECT_NE(screen.find(width < 80 ? "prob." : "prob.  "), std::string::npos) << screen;
    }
}

TEST_F(Terminal, TablesOfTheIndexFitTheWindow) {
    const fs::path file = folder.path() / "index.sqlite";
    testing::FakeIndex index(file);
    const char* const artists[] = {"Zoë", "日本の歌手", "An artist with a very long name that fills a window", ""};
    for (int i = 0; i < 8; ++i) {
        index.add({.path = music / (std::string(artists[i % 4]) + std::to_string(i) + ".wav"),
                   .genre = i % 2 == 0 ? "jazz" : "metal",
                   .uncertain = i % 3 == 0,
                   .tag = i % 2 == 0 ? "Jazz" : "A genre with a long name",
                   .artist = artists[i % 4],
                   .title = "A title that is not short either"});
    }
    const std::string program = EARMARK_BUILD_DIR "/bin/earmark ";
    const std::string of_index = " --index '" + file.string() + "'";
    for (const int width : widths) {
        for (const std::string& words :
             {"list" + of_index, "list --search nobody" + of_index, "stats" + of_index, "tag --replace" + of_index,
              std::string("model"), std::string("model mfcc-mlp"), std::string("classify --top two x"),
              std::string("help settings")}) {
            const std::string screen = plain(on_terminal(width, program + words));
            ASSERT_FALSE(lines(screen).empty()) << words;
            for (const std::string& line : lines(screen)) {
                // A word that is longer than the window has a line of its own.
                if (line.find_first_not_of(' ') == line.rfind(' ') + 1) continue;
                // So has a long path, after the name of what it is.
                if (line.starts_with("  file ") && line.rfind(' ') < 14) continue;
                EXPECT_LE(columns(line), width) << words << ": " << line;
            }
        }
    }
}

TEST_F(Terminal, MessagesAreWholeInAFile) {
    const std::string log = (folder.path() / "log").string();
    on_terminal(50, std::string(EARMARK_BUILD_DIR "/bin/earmark model nothing-of-this-name 2> '") + log + "'");
    const std::string message = files::read_file(log);
    EXPECT_EQ(std::ranges::count(message, '\n'), 1) << message;
    EXPECT_GT(message.size(), 80U);
}

TEST_F(Terminal, TablesAreWholeInAPipe) {
    const std::string table = plain(on_terminal(50, classify("| cat")));
    EXPECT_NE(table.find((music / "a song with a long name that fills windows.wav").string()), std::string::npos)
        << table;
}

TEST_F(Terminal, ColoursOnlyWhereAsked) {
    EXPECT_NE(on_terminal(80, classify("--quiet")).find("\x1b[1m"), std::string::npos);
    EXPECT_EQ(on_terminal(80, classify("--quiet --color never")).find('\x1b'), std::string::npos);
    EXPECT_EQ(on_terminal(80, "NO_COLOR=1 " + classify("--quiet")).find('\x1b'), std::string::npos);
    EXPECT_EQ(on_terminal(80, classify("--quiet | cat")).find('\x1b'), std::string::npos);
    EXPECT_NE(on_terminal(80, classify("--quiet --color always | cat")).find("\x1b[1m"), std::string::npos);
    EXPECT_NE(on_terminal(80, "CLICOLOR_FORCE=1 " + classify("--quiet | cat")).find("\x1b[1m"), std::string::npos);
}

TEST_F(Terminal, ProgressFitsAndStaysOutOfPagers) {
    for (const int width : widths) {
        const std::string drawn = on_terminal(width, classify("> /dev/null"));
        ASSERT_NE(drawn.find("Analyzing"), std::string::npos) << drawn;
        std::istringstream pieces(plain(drawn));
        for (std::string piece; std::getline(pieces, piece, '\r');) EXPECT_LT(columns(piece), width) << piece;
        EXPECT_EQ(on_terminal(width, classify("| cat")).find("Analyzing"), std::string::npos);
        EXPECT_EQ(on_terminal(width, classify("--quiet > /dev/null")).find("Analyzing"), std::string::npos);
    }
}

TEST_F(Terminal, HelpFitsTheWindow) {
    for (const int width : widths) {
        for (const char* words : {"", "--help", "scan --help", "train --help", "help settings"}) {
            const std::string screen =
                plain(on_terminal(width, std::string(EARMARK_BUILD_DIR "/bin/earmark ") + words));
            EXPECT_NE(screen.find("earmark"), std::string::npos) << words;
            for (const std::string& line : lines(screen)) {
                // A word that is longer than the window has a line of its own.
                if (line.find_first_not_of(' ') == line.rfind(' ') + 1) continue;
                // So has a long path, after the name of what it is.
                if (line.starts_with("  file ") && line.rfind(' ') < 14) continue;
                EXPECT_LE(columns(line), width) << words << ": " << line;
            }
        }
    }
}

}  // namespace
}  // namespace earmark
